// A scenario of IPv4 as one of IPv6.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "fuzz/scenarios/scenario_relatives.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::uint64_t prefix = 0x2001'0db8'0004'0000ULL;
constexpr std::uint8_t wider = 96;  // bits of an IPv6 address more than of an IPv4 one

// Rewrites each address of a scenario; notes whether all of them were IPv4.
class Mirror {
 public:
  bool all_four = true;

  void turn(IpAddress& address) {
    if (!address.is_v4()) {
      all_four = false;
    } else if (address.is_wildcard()) {
      address = IpAddress::any(Family::inet6);
    } else if (address.is_loopback()) {
      address = IpAddress::loopback(Family::inet6);
    } else {
      address = IpAddress::v6(prefix, address.v4_bits());
    }
  }
  void turn(Endpoint& endpoint) { turn(endpoint.address); }
  void turn(AddressBlock& block) {
    turn(block.address);
    block.length = static_cast<std::uint8_t>(block.length + wider);
  }

  void turn(HostGroup& host) {
    for (AddressBlock& block : host.addresses) turn(block);
    for (HeldPorts& held : host.held_ports) turn(held.address);
    for (HeldConnections& held : host.held_connections) {
      turn(held.from);
      turn(held.to);
    }
    for (Process& process : host.processes) {
      for (Listener& listener : process.listeners) turn(listener.endpoint);
    }
  }

  void turn(Event& event) {
    if (auto* down = std::get_if<BackEndDown>(&event.what)) turn(down->back_end);
    if (auto* up = std::get_if<BackEndUp>(&event.what)) turn(up->back_end);
    if (auto* added = std::get_if<AddressAdded>(&event.what)) turn(added->block);
  }

  void turn(Scenario& scenario) {
    for (auto& [name, host] : scenario.hosts) turn(host);
    for (auto& [name, balancer] : scenario.balancers) {
      turn(balancer.endpoint);
      for (Endpoint& back_end : balancer.back_ends) turn(back_end);
    }
    for (auto& [name, gateway] : scenario.gateways) {
      for (IpAddress& address : gateway.addresses) turn(address);
    }
    for (auto& [name, workload] : scenario.workloads) {
      for (Endpoint& to : workload.to) turn(to);
      for (IpAddress& source : workload.sources) turn(source);
    }
    for (Event& event : scenario.events) turn(event);
  }
};

IpAddress turned_back(const IpAddress& address) {
  if (address.is_wildcard()) return IpAddress::any(Family::inet);
  if (address.is_loopback()) return IpAddress::loopback(Family::inet);
  return IpAddress::v4(static_cast<std::uint32_t>(address.low()));
}

// "[2001:db8:4::a00:a]:80" as "10.0.0.10:80", wherever it stands in the name of a figure.
std::string in_ipv4(const std::string& figure) {
  constexpr std::string_view letters = "0123456789abcdef:";
  std::string text;
  for (std::size_t at = 0; at < figure.size();) {
    const std::size_t end = std::min(figure.find_first_not_of(letters, at), figure.size());
    const std::string_view word = std::string_view(figure).substr(at, end - at);
    const auto address = std::count(word.begin(), word.end(), ':') >= 2 ? IpAddress::parse(word) : std::nullopt;
    if (!address) {
      const std::size_t next = std::min(std::max(end, at + 1), figure.size());
      text.append(figure, at, next - at);
      at = next;
      continue;
    }
    const bool in_brackets = !text.empty() && text.back() == '[';
    if (in_brackets) text.pop_back();
    text += turned_back(*address).text();
    at = in_brackets ? end + 1 : end;
  }
  return text;
}

}  // namespace

std::optional<Relative> mirrored_to_ipv6(const Scenario& scenario) {
  const bool chooses = std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    return scenario.hosts.at(named.second.from_host).addresses.size() > 1;
  });
  // Its hash is over the addresses, and without a draw: other seeds give the same.
  const bool hashed = std::any_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& named) {
    return std::any_of(named.second.processes.begin(), named.second.processes.end(), [](const Process& process) {
      return std::any_of(process.listeners.begin(), process.listeners.end(),
                         [](const Listener& listener) { return listener.reuse_port; });
    });
  });
  if (chooses || hashed) return std::nullopt;
  Relative relative{scenario, Bond::same_but_for_chance, Bond::same, in_ipv4};
  Mirror mirror;
  mirror.turn(relative.scenario);
  if (!mirror.all_four) return std::nullopt;
  return relative;
}

}  // namespace netlimits::fuzz

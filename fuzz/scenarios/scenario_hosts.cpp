// Hosts of a random scenario: addresses of both families in one or two subnets, processes, listeners.
#include <algorithm>
#include <array>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::uint64_t stride = 16;  // from host to host of a group: more than any has addresses

// 10.<net>.<number>.<last>, 2001:db8:<net>:<number>::<last>
IpAddress address(bool six, std::uint32_t net, std::uint32_t number, std::uint32_t last) {
  if (!six) return IpAddress::v4(10U << 24U | net << 16U | number << 8U | last);
  return IpAddress::v6(0x2001'0db8'0000'0000ULL | static_cast<std::uint64_t>(net) << 16U | number, last);
}

AddressBlock block(const IpAddress& of, bool with_subnet) {
  if (!with_subnet) return AddressBlock::single(of);
  return {of, static_cast<std::uint8_t>(of.is_v4() ? 24 : 64)};
}

}  // namespace

bool addresses_meet(const IpAddress& a, const IpAddress& b, bool v6_only) {
  if (a.is_v4() == b.is_v4()) return a == b || a.is_wildcard() || b.is_wildcard();
  return (a.is_v4() ? b : a).is_wildcard() && !v6_only;
}

bool listens_at(const HostGroup& host, const Endpoint& endpoint) {
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) {
      const IpAddress& at = listener.endpoint.address;
      if (listener.endpoint.port != endpoint.port) continue;
      if (at == endpoint.address) return true;
      if (!at.is_wildcard()) continue;
      if (at.family() == endpoint.address.family()) return true;
      if (!at.is_v4() && endpoint.address.is_v4() && !host.settings.ipv6_only_by_default) return true;
    }
  }
  return false;
}

void ScenarioDraft::add_hosts() {
  families_ =
      draws_.one_of({Families::four, Families::four, Families::four, Families::six, Families::both, Families::both});
  const std::uint32_t servers = draws_.drawn(35) ? 2 : 1;
  const std::uint32_t clients = draws_.drawn(35) ? 2 : 1;
  for (std::uint32_t i = 0; i < servers; ++i) add_host(i == 0 ? "server" : "other-server", true, i);
  for (std::uint32_t i = 0; i < clients; ++i) add_host(i == 0 ? "client" : "other-client", false, i);
}

void ScenarioDraft::add_host(const std::string& name, bool serves, std::uint32_t number) {
  HostGroup host;
  host.name = name;
  host.profile = draws_.drawn(65) ? options_.profiles.front() : draws_.one_of(options_.profiles);
  host.settings = host.profile->settings;
  if (draws_.drawn(20)) host.count = draws_.between(2, 3);
  add_addresses(host, serves, number);
  add_settings(host, serves);
  add_processes(host, serves);
  if (draws_.drawn(15)) add_held_ports(host);
  if (draws_.drawn(15)) add_held_connections(host);
  add_file_limits(host);
  scenario_.hosts.emplace(name, std::move(host));
}

void ScenarioDraft::add_addresses(HostGroup& host, bool serves, std::uint32_t number) {
  const bool all = draws_.drawn(92);  // else a host of a mixed world has one family only
  const bool only_six = draws_.drawn(50);
  for (const bool six : {false, true}) {
    const bool has = families_ == Families::both ? all || six == only_six : six == (families_ == Families::six);
    if (!has) continue;
    const bool with_subnet = draws_.drawn(50);
    const std::uint32_t how_many = draws_.drawn(30) ? 2 : 1;
    for (std::uint32_t i = 0; i < how_many; ++i)
      host.addresses.push_back(block(address(six, serves ? 1 : 0, number, 10 + i), with_subnet));
    if (serves || !draws_.drawn(25)) continue;
    // One more, in the subnet of the first server: the source that the kernel's rule takes towards it.
    const AddressBlock near = block(address(six, 1, 0, 100 + 64 * number), true);
    host.addresses.insert(draws_.drawn(50) ? host.addresses.begin() : host.addresses.end(), near);
  }
  host.address_stride = stride;
  if (host.count > 1) return;
  // What the loader makes of a host alone: it has no next one.
  bool one_run = true;
  for (std::size_t i = 1; i < host.addresses.size(); ++i) {
    const IpAddress& before = host.addresses[i - 1].address;
    one_run =
        one_run && before.family() == host.addresses[i].address.family() && before.plus(1) == host.addresses[i].address;
  }
  host.address_stride = one_run ? std::max<std::uint64_t>(1, host.addresses.size()) : 1;
}

void ScenarioDraft::add_processes(HostGroup& host, bool serves) {
  const std::uint32_t how_many = draws_.drawn(30) ? 2 : 1;
  for (std::uint32_t i = 0; i < how_many; ++i) {
    Process process;
    process.name = serves ? (i == 0 ? "web" : "api") : (i == 0 ? "app" : "job");
    process.own_descriptors = draws_.drawn(20) ? draws_.below(6) : host.profile->own_descriptors;
    if (draws_.drawn(25)) process.count = draws_.between(2, 3);
    if (draws_.drawn(8)) process.uid = 1000;
    const std::uint32_t listeners = serves ? (draws_.drawn(30) ? 2 : 1) : (draws_.drawn(15) ? 1 : 0);
    for (std::uint32_t l = 0; l < listeners; ++l) add_listener(host, process);
    std::uint64_t free = 1'000;
    if (draws_.drawn(55)) free = draws_.below(draws_.drawn(50) ? 9 : 40);
    process.nofile = std::max<std::uint64_t>(1, process.own_descriptors + process.listeners.size() + free);
    host.processes.push_back(std::move(process));
  }
}

// A conflicting one is left out: the loader would refuse it.
void ScenarioDraft::add_listener(HostGroup& host, Process& process) {
  Listener listener;
  listener.endpoint.address = listening_address(host);
  listener.endpoint.port =
      Port{draws_.one_of<std::uint16_t>({80, 443, 8080, 9000, first_automatic_port + 3, first_automatic_port + 4})};
  listener.backlog = some_backlog();
  listener.accept = some_accept_policy();
  const bool shared = process.count > 1 || draws_.drawn(8);
  const bool inherited = draws_.drawn(60);
  listener.inherited = shared && inherited;
  listener.reuse_port = shared && !inherited;
  if (process.uid != 0 && listener.endpoint.port.value < host.settings.unprivileged_port_start) return;
  const auto stands_in_the_way = [&](const Process& other) {
    return std::any_of(other.listeners.begin(), other.listeners.end(), [&](const Listener& open) {
      return open.endpoint.port == listener.endpoint.port &&
             addresses_meet(open.endpoint.address, listener.endpoint.address, host.settings.ipv6_only_by_default);
    });
  };
  if (stands_in_the_way(process) || std::any_of(host.processes.begin(), host.processes.end(), stands_in_the_way))
    return;
  process.listeners.push_back(listener);
}

IpAddress ScenarioDraft::listening_address(const HostGroup& host) {
  const bool has_six = std::any_of(host.addresses.begin(), host.addresses.end(),
                                   [](const AddressBlock& one) { return !one.address.is_v4(); });
  const bool has_four = std::any_of(host.addresses.begin(), host.addresses.end(),
                                    [](const AddressBlock& one) { return one.address.is_v4(); });
  const bool six = has_six && (!has_four || draws_.drawn(60));
  const Family family = six ? Family::inet6 : Family::inet;
  if (draws_.drawn(4)) return IpAddress::loopback(family);
  if (host.count > 1 || host.addresses.empty() || draws_.drawn(65)) return IpAddress::any(family);
  return draws_.one_of(host.addresses).address;
}

std::int64_t ScenarioDraft::some_backlog() {
  if (draws_.drawn(50)) return 511;
  return draws_.one_of<std::int64_t>({0, 0, 1, 2, 3, 5, 10, 128, -1});
}

AcceptPolicy ScenarioDraft::some_accept_policy() {
  const std::uint32_t kind = draws_.below(100);
  if (kind < 78) return AcceptImmediately{};
  if (kind < 90) return AcceptStalled{};
  return AcceptPaced{std::chrono::milliseconds(draws_.one_of({1, 10, 50, 200, 1000}))};
}

std::vector<Endpoint> ScenarioDraft::reachable_endpoints() const {
  std::vector<Endpoint> found;
  for (const auto& [name, host] : scenario_.hosts) {
    for (const Process& process : host.processes) {
      for (const Listener& listener : process.listeners) {
        for (std::uint64_t i = 0; i < host.count; ++i) {
          for (const AddressBlock& own : host.addresses) {
            const Endpoint endpoint{own.address.plus(i * host.address_stride), listener.endpoint.port};
            if (listens_at(host, endpoint) && std::find(found.begin(), found.end(), endpoint) == found.end())
              found.push_back(endpoint);
          }
        }
      }
    }
  }
  return found;
}

}  // namespace netlimits::fuzz

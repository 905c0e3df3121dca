// Source addresses of a workload: each has the whole range of ports towards each destination (RFC 9293, 3.3.1: a
// connection is a pair of sockets). A plain connect() leaves the choice to the kernel, so that the program has to bind
// each address: without a port where the system can (IP_BIND_ADDRESS_NO_PORT, ip(7)).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/plan/free_addresses.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> client_addresses_against(const Scenario& scenario, const Wiring& wiring,
                                                const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::port_in_use})) return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    if (!user->to.empty())
      places.push_back({.host = user->from_host, .workload = user->name, .family = user->to.front().address.family()});
  }
  return places;
}

// Those that it has: named, or the one that the kernel takes towards its first destination.
std::vector<IpAddress> sources_of(const Scenario& scenario, const Workload& workload) {
  if (!workload.sources.empty()) return workload.sources;
  const SourceChoice choice(scenario.hosts.at(workload.from_host), 0);
  const auto usual = choice.towards(workload.to.front().address);
  return usual ? std::vector{usual->unmapped()} : std::vector<IpAddress>{};
}

std::optional<DialRange> client_addresses_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const auto found = scenario.workloads.find(place.workload);
  if (found == scenario.workloads.end()) return std::nullopt;
  const Workload& workload = found->second;
  const bool elsewhere = std::all_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
    return to.address.family() == place.family && !to.address.is_loopback();
  });
  const HostGroup& host = host_at(scenario, place);
  const auto sources = sources_of(scenario, workload);
  if (!elsewhere || sources.empty() || !last_address_of(host, place.family)) return std::nullopt;
  const bool own = std::none_of(sources.begin(), sources.end(), [](const auto& one) { return one.is_loopback(); });
  constexpr std::uint64_t most_of_all_hosts = 1'000'000;  // single addresses that a scenario may list
  const std::uint64_t room = most_of_all_hosts / host.count;
  const std::uint64_t most = std::min(most_of_a_kind, room > host.addresses.size() ? room - host.addresses.size() : 0);
  if (!own || most <= sources.size()) return std::nullopt;
  return DialRange{sources.size(), most};
}

void turn_client_addresses(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  Workload& workload = scenario.workloads.at(place.workload);
  HostGroup& host = host_at(scenario, place);
  std::vector<IpAddress> sources = sources_of(scenario, workload);
  for (const AddressBlock& block : host.addresses) {  // its own that it did not use
    const IpAddress address = block.address.unmapped();
    const bool known = std::find(sources.begin(), sources.end(), address) != sources.end();
    if (sources.size() < figure && address.family() == place.family && !known) sources.push_back(address);
  }
  if (sources.size() < figure) {
    const auto added = add_addresses(scenario, host, place.family, figure - sources.size());
    sources.insert(sources.end(), added.begin(), added.end());
  }
  if (std::holds_alternative<PlainConnect>(workload.bind)) {
    if (host.profile->rules.has(Rule::option_bind_no_port)) {
      workload.bind = BindAddressNoPort{};
    } else {
      workload.bind = BindAddress{};
    }
  }
  workload.sources = std::move(sources);
}

std::string client_addresses_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", sources_of(scenario, scenario.workloads.at(place.workload)).size());
}

}  // namespace

Knob client_addresses_knob() {
  return {.name = "client_addresses",
          .unit = "source addresses",
          .cost = {.once = 4, .each = 1},
          .against = client_addresses_against,
          .range = client_addresses_range,
          .turn = turn_client_addresses,
          .value = client_addresses_value};
}

}  // namespace netlimits::analysis

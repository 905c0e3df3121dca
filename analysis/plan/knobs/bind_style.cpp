// How a client binds: a port of bind(address, 0) serves one destination, one that connect() chooses serves each
// (net/ipv4/inet_hashtables.c, __inet_hash_connect(); IP_BIND_ADDRESS_NO_PORT, ip(7)). Ports that a program names are
// those and no others.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> bind_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::port_in_use})) return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) places.push_back({.workload = user->name});
  return places;
}

// What it would be better off with; nothing: the system has none.
std::optional<BindStyle> shared_style(const Scenario& scenario, const Workload& workload) {
  const bool binds =
      std::holds_alternative<BindAddress>(workload.bind) || std::holds_alternative<BindExplicit>(workload.bind);
  if (!binds) return std::nullopt;
  if (scenario.hosts.at(workload.from_host).profile->rules.has(Rule::option_bind_no_port)) return BindAddressNoPort{};
  if (workload.sources.empty()) return PlainConnect{};
  return std::nullopt;
}

std::optional<DialRange> bind_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const auto found = scenario.workloads.find(place.workload);
  if (found == scenario.workloads.end() || !shared_style(scenario, found->second)) return std::nullopt;
  return DialRange{0, 1};
}

void turn_bind(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t) {
  Workload& workload = scenario.workloads.at(place.workload);
  // More sources may have been given to it meanwhile, which plain connect() does not take.
  if (const auto style = shared_style(scenario, workload)) workload.bind = *style;
}

std::string bind_value(const Scenario& scenario, const DialPlace& place) {
  const BindStyle& bind = scenario.workloads.at(place.workload).bind;
  if (std::holds_alternative<PlainConnect>(bind)) return "connect";
  if (std::holds_alternative<BindAddress>(bind)) return "address";
  return std::holds_alternative<BindAddressNoPort>(bind) ? "address_no_port" : "ports by number";
}

}  // namespace

Knob bind_style_knob() {
  return {.name = "bind_style",
          .unit = "",
          .cost = {.once = 5},
          .against = bind_against,
          .range = bind_range,
          .turn = turn_bind,
          .value = bind_value};
}

}  // namespace netlimits::analysis

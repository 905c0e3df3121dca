// What several knobs ask of a scenario and its limits.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "analysis/plan/knob.hpp"

namespace netlimits::analysis {

// More of anything than this is another design, and not a change of this one.
inline constexpr std::uint64_t most_of_a_kind = 1024;

bool is_one_of(Limit limit, std::initializer_list<Limit> kinds);

HostGroup& host_at(Scenario& scenario, const DialPlace& place);
const HostGroup& host_at(const Scenario& scenario, const DialPlace& place);
Process& process_at(Scenario& scenario, const DialPlace& place);
// Null: there is none of that name.
const Process* process_at(const Scenario& scenario, const DialPlace& place);

// The host of the limit's place; none: {}.
std::vector<DialPlace> its_host(const PlacedLimit& limit);
// The process of the limit's place; none: {}.
std::vector<DialPlace> its_process(const PlacedLimit& limit);

// By name, those that use the place.
std::vector<const Workload*> users_of(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit);

// Does one pool of ports serve all destinations, so that another one gives no port more?
bool serves_all_destinations(const PlacedLimit& limit);

bool ends(const Workload& workload);

// A program that listens, and where a workload goes to.
struct ServerOf {
  std::string host{};
  std::string process{};
  std::vector<Endpoint> endpoints{};  // in the order of the destinations
};
// The servers that a workload's destinations are at, balancers and loopback left out, in the order of the first of
// each.
std::vector<ServerOf> servers_of(const Wiring& wiring, const Workload& workload);

// Has the host's system a setting of this name that a scenario may change?
bool has_setting(const HostGroup& host, std::string_view name);
// Writes it as an administrator would. Requires: the host has it, and takes the value.
void set(HostGroup& host, std::string_view name, const std::string& text);

}  // namespace netlimits::analysis

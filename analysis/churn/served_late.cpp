// Where that is sure, by how many come, how many have a place, and how many are served meanwhile.
#include "analysis/churn/served_late.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <string>

#include "analysis/churn/churn_course.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint256_t;

bool is_in(const PlacedLimit& limit, const std::vector<Binding>& binding) {
  return std::any_of(binding.begin(), binding.end(),
                     [&](const Binding& one) { return one.limit == limit.limit && one.place == limit.place; });
}

// Do more come than there are places for, and than are served while they come and ask again?
bool more_than_are_served(const Scenario& scenario, const SteadyState& steady, const Interval& places) {
  std::vector<std::string> names = steady.together;
  if (names.empty()) names.push_back(steady.workload);
  uint256_t come = 0;
  Duration patience{};
  for (const std::string& name : names) {
    const Workload& workload = scenario.workloads.at(name);
    come += workload.connections;
    patience = std::max(patience, gives_up_after(scenario.hosts.at(workload.from_host)));
  }
  const uint256_t offered = std::max<std::uint64_t>(1, steady.offered->connections);
  const uint256_t time =
      come * steady.offered->per_nanoseconds / offered + 2 * static_cast<std::uint64_t>(patience.count());
  const uint256_t served = time * steady.sustained.connections / steady.sustained.per_nanoseconds;
  return come > served + places.max + 2;
}

}  // namespace

bool lets_clients_wait(const Scenario& scenario, const Binding& full) {
  const HostPlace* host = full.place.host();
  if (host == nullptr) return false;
  const auto found = scenario.hosts.find(std::string(host->name.view()));
  if (found == scenario.hosts.end() || found->second.profile->rules.has(Rule::accept_queue_refuses)) return false;
  if (full.limit == Limit::listen_backlog) return true;
  if (full.limit != Limit::fd_per_process && full.limit != Limit::fd_per_host) return false;
  return std::none_of(scenario.workloads.begin(), scenario.workloads.end(),
                      [&](const auto& named) { return named.second.from_host == host->name.view(); });
}

bool some_end(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const auto& named) { return !std::holds_alternative<HoldForever>(named.second.hold); });
}

bool may_be_served_late(const Scenario& scenario, const Capacity& found, const std::vector<Binding>& full) {
  if (full.empty() || !some_end(scenario)) return false;
  const bool surely = std::any_of(found.steady_state.begin(), found.steady_state.end(), [&](const SteadyState& steady) {
    return steady.offered_more && steady.offered && steady.bound_by && is_in(*steady.bound_by, full) &&
           more_than_are_served(scenario, steady, found.established);
  });
  const bool some_are_served = std::any_of(full.begin(), full.end(), [](const Binding& one) {
    return one.limit == Limit::listen_backlog || one.capacity.max > 0;
  });
  return !surely && some_are_served &&
         std::all_of(full.begin(), full.end(), [&](const Binding& one) { return lets_clients_wait(scenario, one); });
}

bool too_many_stay(const Scenario& scenario, const std::vector<Binding>& full) {
  const Wiring wiring(scenario);
  return std::any_of(full.begin(), full.end(), [&](const Binding& one) {
    if (!lets_clients_wait(scenario, one)) return false;
    std::uint64_t stay = 0;
    for (const auto& [name, workload] : scenario.workloads) {
      const bool one_way =
          workload.to.size() == 1 && wiring.of(workload.from_host, workload.to.front()).reach == Reach::listener;
      if (one_way && std::holds_alternative<HoldForever>(workload.hold) &&
          uses_place(wiring, workload, {one.limit, one.place}))
        stay += workload.connections;
    }
    return stay > one.capacity.max;
  });
}

}  // namespace netlimits::analysis

// Followed until every way and every back end on it has had its turn, or as many connections as there are.
#include "analysis/churn/lead_nowhere.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "analysis/client_plan.hpp"
#include "analysis/growth/growth.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/assignment.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t most_followed = 1'000'000;

std::optional<Limit> refused_at(const Target& target) {
  if (target.reach == Reach::no_listener) return Limit::no_listener;
  if (target.reach == Reach::no_route) return Limit::no_route;
  return std::nullopt;
}

// How many of its connections take each way, by source and destination; at least.
std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> ways_taken(const Scenario& scenario,
                                                                            const PlannedWorkload& workload) {
  const AssignmentShape shape = shape_of(*workload.workload, *workload.host, *workload.process);
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> taken;
  std::uint64_t turns = turns_of(scenario, *workload.workload);
  std::uint64_t most_behind = 1;
  for (const Target& target : workload.targets)
    if (target.reach == Reach::balancer)
      most_behind = std::max<std::uint64_t>(most_behind, target.balancer->back_ends.size());
  turns = std::min(most_followed, bounded_product(turns, most_behind));
  const std::uint64_t connections = std::min(workload.workload->connections, turns);
  for (std::uint64_t k = 0; k < connections; ++k) {
    const Assignment assigned = assign(shape, k);
    ++taken[{assigned.source, assigned.destination}];
  }
  return taken;
}

}  // namespace

std::vector<Binding> turns_that_lead_nowhere(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  std::set<PlacedLimit> found;
  std::map<const Balancer*, std::uint64_t> dealt;
  for (const PlannedWorkload& workload : plan.workloads) {
    const auto has_listener = [](const Target& target) {
      return target.reach == Reach::listener || target.reach == Reach::held_listener;
    };
    if (std::all_of(workload.targets.begin(), workload.targets.end(), has_listener)) continue;
    for (const auto& [way, count] : ways_taken(scenario, workload)) {
      const auto [source, destination] = way;
      const Target target = workload.target(source, destination);
      if (target.reach == Reach::balancer) dealt[target.balancer] += count;
      const IpAddress local = workload.local_address(source, destination);
      if (const auto limit = refused_at(target))
        found.insert({*limit, outbound_place(*workload.host, local, workload.workload->to[destination])});
    }
  }
  for (const auto& [name, balancer] : scenario.balancers) {
    const std::set<const HostGroup*>& clients = plan.clients_of(balancer);
    const HostGroup* const only = clients.size() == 1 ? *clients.begin() : nullptr;
    for (std::size_t i = 0; i < balancer.back_ends.size() && i < dealt[&balancer]; ++i) {
      const Endpoint& back_end = balancer.back_ends[i];
      const bool own = only != nullptr && only->count == 1 && wiring.comes_back(only->name, back_end);
      if (const auto limit = refused_at(own ? Target{} : wiring.behind(balancer, back_end)))
        found.insert({*limit, back_end_place(balancer, back_end)});
    }
  }
  std::vector<Binding> binding;
  for (const PlacedLimit& one : found) binding.push_back({one.limit, one.place, Interval{}});
  put_in_printed_order(binding);
  return binding;
}

bool all_told_at_once(const std::vector<Binding>& binding) {
  return std::all_of(binding.begin(), binding.end(), [](const Binding& one) {
    return is_told_at_once({one.limit, one.place});
  });
}

}  // namespace netlimits::analysis

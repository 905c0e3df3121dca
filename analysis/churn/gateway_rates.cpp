// Each pool of a gateway once, with all that come to it.
#include "analysis/churn/gateway_rates.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/churn/rate.hpp"
#include "analysis/client_plan.hpp"
#include "analysis/occupancy/open_at_once.hpp"
#include "analysis/pools/gateway_pool.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

// So many of a workload's ways lead through the pool.
struct ComesThrough {
  const PlannedWorkload* planned = nullptr;
  std::uint64_t ways = 0;
  std::uint64_t of = 1;
};

struct GatewayPool {
  const Gateway* gateway = nullptr;  // null: it is a host's table
  std::optional<ConntrackSettings> table{};
  Interval ports{};  // or entries, of all hosts that share it
  std::map<std::size_t, ComesThrough> from{};

  // Do others get what belongs to connections that are over?
  bool is_taken_over() const { return table || gateway->nat.port_choice == NatPortChoice::kept_or_searched; }
};

// By place: where each host has ports of its own, those of a group are one.
std::map<PlacedLimit, GatewayPool> pools_on_the_way(const ClientPlan& plan) {
  std::map<PlacedLimit, GatewayPool> pools;
  std::vector<std::uint64_t> connections;
  for (const PlannedWorkload& planned : plan.workloads) connections.push_back(planned.workload->connections);
  for (const PlannedWorkload& planned : plan.workloads) {
    for (std::size_t d = 0; d < planned.targets.size(); ++d) {
      const Gateway* const gateway = planned.targets[d].gateway;
      if (gateway == nullptr) continue;
      const Endpoint& to = planned.workload->to[d];
      GatewayPool& pool = pools[gateway_limit(*gateway, *planned.host, to)];
      if (pool.gateway == nullptr) {
        pool.gateway = gateway;
        const Interval each = gateway_ports(plan, *gateway, to, connections);
        const std::uint64_t hosts = gateway->nat.block != 0 ? planned.host->count : 1;
        pool.ports = {bounded_product(each.min, hosts), bounded_product(each.max, hosts)};
      }
      ComesThrough& comer = pool.from[planned.index];
      comer.planned = &planned;
      comer.of = planned.destinations();
      ++comer.ways;
    }
  }
  for (const TrackedPlace& place : plan.tables.all()) {
    GatewayPool& pool = pools[place.limit];
    pool.gateway = place.gateway;
    pool.table = place.table;
    bool begin_there = true;
    for (const PlannedWorkload& planned : plan.workloads) {
      const auto comes = place.workloads.find(planned.workload->name);
      if (comes == place.workloads.end()) continue;
      begin_there = begin_there && (place.host == nullptr || planned.host == place.host);
      pool.from[planned.index] = {&planned, comes->second.there, comes->second.of};
    }
    pool.ports = place.entries(begin_there);
  }
  return pools;
}

Duration kept_for(const GatewayPool& pool, const Workload& workload, const SteadyState& state) {
  const bool reset = workload.closer == Closer::reset;
  const auto after = [&]() -> Duration {
    if (pool.gateway == nullptr) return reset ? pool.table->close : pool.table->time_wait;
    const NatSettings& nat = pool.gateway->nat;
    return (reset ? nat.hold_after_reset : nat.hold_after_close).value_or(nat_hold_unknown);
  };
  return bounded_sum(kept_by_client(workload, state.hold, state.round_trip), after());
}

// Do more come, one behind the other, than there are ports before the first of these is free again?
bool surely_fills(const GatewayPool& pool, const ComesThrough& only, Duration kept) {
  const Workload& workload = *only.planned->workload;
  const auto* const constant = std::get_if<ConstantRate>(&workload.arrivals);
  if (constant == nullptr || !std::holds_alternative<HoldConstant>(workload.hold)) return false;
  if (pool.is_taken_over() || only.planned->host->count > 1) return false;
  const std::uint64_t before = bounded_product(pool.ports.max + 1, only.of) / only.ways;
  return workload.connections > before && bounded_product(constant->interval, before) < kept;
}

void bound_by_pool(Capacity& found, const PlacedLimit& limit, const GatewayPool& pool) {
  SharedPlaces shared;
  std::vector<std::string> names;
  std::uint64_t stay = 0;
  std::uint64_t come = 0;
  Duration shortest = Duration::max();
  for (const auto& [index, comer] : pool.from) {
    const Workload& workload = *comer.planned->workload;
    const std::uint64_t of = comer.of;
    come = bounded_sum(come, (bounded_product(workload.connections, comer.ways) + of - 1) / of);
    const auto state = std::find_if(found.steady_state.begin(), found.steady_state.end(),
                                    [&](const SteadyState& one) { return one.workload == workload.name; });
    const auto rate = asked_rate(workload);
    if (std::holds_alternative<HoldForever>(workload.hold))
      stay = bounded_sum(stay, bounded_product(workload.connections, comer.ways) / of);
    if (state == found.steady_state.end() || !rate) continue;
    const Duration kept = kept_for(pool, workload, *state);
    shared.add(*rate, comer.ways, of, kept);
    shortest = std::min(shortest, kept);
    names.push_back(workload.name);
  }
  const std::uint64_t least = pool.ports.min - std::min(pool.ports.min, stay);
  if (!shared.asked() || !shared.more_than_places(least)) return;
  const bool taken_over = pool.is_taken_over();
  const SustainedRate served = shared.served_least(least);
  for (SteadyState& state : found.steady_state) {
    if (std::find(names.begin(), names.end(), state.workload) == names.end() || !state.offered) continue;
    if (!state.sustained_open && !smaller_part(served, shared.offered(), state.sustained, *state.offered)) continue;
    state.sustained = served;
    const SustainedRate most = taken_over || stay > 0 ? shared.offered() : shared.carried_most(pool.ports.max);
    state.sustained_at_most = above(most, served) ? std::optional(most) : std::nullopt;
    state.sustained_open = false;
    state.sure_up_to.reset();
    state.offered = shared.offered();
    state.together = names.size() > 1 ? names : std::vector<std::string>{};
    state.bound_by = limit;
  }
  if (come <= pool.ports.min) return;  // a port for each of them, however long they are kept
  const bool surely =
      names.size() == 1 && pool.from.size() == 1 && surely_fills(pool, pool.from.begin()->second, shortest);
  const bool bound = std::any_of(found.binding.begin(), found.binding.end(), [&](const Binding& one) {
    return one.limit == limit.limit && one.place == limit.place;
  });
  if (bound) return;
  if (found.binding.empty()) found.binding_is_open = !surely;
  found.binding.push_back({limit.limit, limit.place, pool.ports});
}

// Of what stays there is nothing to tell.
bool a_rate_tells_of(const Workload& workload, const Capacity& found) {
  const bool again = workload.retry.attempts > 0 || workload.retry.reconnect;
  if (std::holds_alternative<HoldForever>(workload.hold) && !again) return true;
  return !again && std::any_of(found.steady_state.begin(), found.steady_state.end(), [&](const SteadyState& state) {
    return state.workload == workload.name && state.offered.has_value();
  });
}

}  // namespace

void bound_by_gateways(Capacity& found, const Scenario& scenario, const Wiring& wiring) {
  const bool some_track = std::any_of(scenario.hosts.begin(), scenario.hosts.end(),
                                      [](const auto& host) { return host.second.conntrack.has_value(); });
  if (scenario.gateways.empty() && !some_track) return;
  const ClientPlan plan(scenario, wiring);
  for (const auto& [limit, pool] : pools_on_the_way(plan)) bound_by_pool(found, limit, pool);
}

bool rates_tell_of_gateways(const Scenario& scenario, const Wiring& wiring, const Capacity& found) {
  if (scenario.gateways.empty()) return true;
  const ClientPlan plan(scenario, wiring);
  return std::all_of(plan.workloads.begin(), plan.workloads.end(), [&](const PlannedWorkload& planned) {
    const bool through = std::any_of(planned.targets.begin(), planned.targets.end(),
                                     [](const Target& target) { return target.gateway != nullptr; });
    return !through || a_rate_tells_of(*planned.workload, found);
  });
}

bool rates_tell_of_tables(const Scenario& scenario, const Wiring& wiring, const Capacity& found) {
  const TrackedPlaces places(scenario, wiring);
  return std::all_of(places.all().begin(), places.all().end(), [&](const TrackedPlace& place) {
    return std::all_of(place.workloads.begin(), place.workloads.end(),
                       [&](const auto& one) { return a_rate_tells_of(scenario.workloads.at(one.first), found); });
  });
}

}  // namespace netlimits::analysis

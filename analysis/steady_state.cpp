// How long a connection keeps its port (hold time, round trips, TIME_WAIT), and so what a pool sustains and how many
// are open at once.
#include "analysis/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

#include "analysis/client_plan.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

std::optional<Duration> round_trip_of(const Topology& topology, const PlannedWorkload& workload, const Target& target) {
  const std::string& from = workload.host->name;
  if (target.reach == Reach::listener) {
    return target.own ? Duration::zero() : topology.round_trip(from, target.host->name);
  }
  if (target.reach != Reach::balancer) return std::nullopt;
  // Through a balancer the way goes on to a back end: the first one stands for all.
  const auto to_balancer = topology.round_trip(from, target.balancer->name);
  if (!to_balancer || target.balancer->back_ends.empty()) return std::nullopt;
  const auto owner = topology.owner_of(target.balancer->back_ends.front().address);
  if (!owner) return std::nullopt;
  const auto onwards = topology.round_trip(target.balancer->name, owner->group);
  if (!onwards) return std::nullopt;
  return *to_balancer + *onwards;
}

std::optional<Duration> mean_of(const Hold& hold) {
  if (const auto* constant = std::get_if<HoldConstant>(&hold)) return constant->time;
  if (const auto* drawn = std::get_if<HoldExponential>(&hold)) return drawn->mean;
  return std::nullopt;
}

// How long the client's port stays taken after its end is closed: TIME_WAIT, or the time until connect() may take the
// entry over (facts 3.2: tcp_tw_reuse, timestamps, tcp_tw_reuse_delay).
Duration time_wait_of(const PlannedWorkload& workload, const IpAddress& local, const Endpoint& to) {
  if (workload.workload->closer != Closer::client) return Duration::zero();
  const Settings& settings = workload.host->settings;
  const bool on_loopback = local.is_loopback() || to.address.is_loopback();
  const bool reused =
      settings.timestamps && (settings.time_wait_reuse == TimeWaitReuse::always ||
                              (settings.time_wait_reuse == TimeWaitReuse::loopback_only && on_loopback));
  return reused ? std::min(settings.time_wait, settings.time_wait_reuse_delay) : settings.time_wait;
}

// Round trips that pass while a connection has its port, beside the hold time: the handshake, and FINs going both ways
// (the client waits for the server's FIN; when the server closes first, also for the last ACK).
int round_trips_of(Closer closer) {
  switch (closer) {
    case Closer::client:
      return 2;
    case Closer::server:
      return 3;
    case Closer::reset:
      return 1;
  }
  return 2;
}

std::uint64_t pools_of(const PlannedWorkload& workload, PortSharing sharing) {
  switch (sharing) {
    case PortSharing::four_tuple: {
      const bool chosen = !std::holds_alternative<PlainConnect>(workload.workload->bind);
      return workload.host->count * workload.destinations() * (chosen ? workload.sources : 1);
    }
    case PortSharing::local_addr_port:
      return workload.host->count * workload.sources;
    case PortSharing::host_port:
      return workload.host->count;
  }
  return 1;
}

// In the long run only those connections from before the scenario hold a port that do not end by themselves.
Interval lasting_ports(const HostGroup& host, const PoolKind& kind, const Endpoint& to) {
  if (host.held_connections.empty()) return automatic_ports(host, kind, to);
  HostGroup later = host;
  std::erase_if(later.held_connections,
                [](const HeldConnections& held) { return held.state != HeldConnectionState::open; });
  return automatic_ports(later, kind, to);
}

}  // namespace

std::string Rate::text() const {
  const uint128_t thousandths = uint128_t(connections) * 1'000'000'000'000U / per_nanoseconds;
  return fmt::format("{}.{:03}", static_cast<std::uint64_t>(thousandths / 1000U),
                     static_cast<std::uint64_t>(thousandths % 1000U));
}

std::vector<SteadyState> steady_state(const Scenario& scenario) {
  const ClientPlan plan(scenario);
  const Topology topology(scenario);
  std::vector<SteadyState> found;
  for (const PlannedWorkload& workload : plan.workloads) {
    const auto hold = mean_of(workload.workload->hold);
    if (!hold || workload.targets.empty()) continue;
    const IpAddress local = workload.local_address(0, 0);
    const Endpoint& to = workload.workload->to.front();
    const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, local);
    const auto round_trip = round_trip_of(topology, workload, workload.targets.front());
    if (!kind || !round_trip) continue;

    SteadyState state;
    state.workload = workload.workload->name;
    state.place = port_pool_place(*workload.host, kind->sharing, local, to);
    state.pools = pools_of(workload, kind->sharing);
    state.ports = lasting_ports(*workload.host, *kind, to);
    state.round_trip = *round_trip;
    state.time_wait = time_wait_of(workload, local, to);
    state.port_held = *hold + *round_trip * round_trips_of(workload.workload->closer) + state.time_wait;
    if (state.port_held <= Duration::zero()) continue;
    const auto held = static_cast<std::uint64_t>(state.port_held.count());
    state.sustained = {state.ports.min * state.pools, held};

    const auto* constant = std::get_if<ConstantRate>(&workload.workload->arrivals);
    if (constant != nullptr && constant->interval > Duration::zero()) {
      state.offered = Rate{1, static_cast<std::uint64_t>(constant->interval.count())};
      // Entries of connections from before the scenario may be gone by then, or not.
      const Interval at_first = automatic_ports(*workload.host, *kind, to);
      const Interval filled{std::min(at_first.min, state.ports.min) * state.pools, state.ports.max * state.pools};
      const uint128_t until_full = uint128_t(filled.min) * state.offered->per_nanoseconds;
      // Refused when the pool is full before its first connection gives its port back.
      const bool constant_hold = std::holds_alternative<HoldConstant>(workload.workload->hold);
      if (constant_hold && until_full < held && filled.min < workload.workload->connections) {
        state.first_failure_after = filled;
        state.first_failure_at = workload.workload->start + Duration(static_cast<std::int64_t>(until_full));
      }
    }
    found.push_back(std::move(state));
  }
  return found;
}

std::vector<std::uint64_t> open_at_once(const Scenario& scenario) {
  const ClientPlan plan(scenario);
  const Topology topology(scenario);
  std::vector<std::uint64_t> open;
  for (const PlannedWorkload& workload : plan.workloads) {
    const std::uint64_t asked = workload.workload->connections;
    open.push_back(asked);
    const auto* arrivals = std::get_if<ConstantRate>(&workload.workload->arrivals);
    const auto* hold = std::get_if<HoldConstant>(&workload.workload->hold);
    if (arrivals == nullptr || hold == nullptr || arrivals->interval <= Duration::zero()) continue;
    // A descriptor is open from connect() to close(): the handshake and the hold time.
    Duration longest{};
    for (const Target& target : workload.targets) {
      longest = std::max(longest, round_trip_of(topology, workload, target).value_or(Duration::zero()));
    }
    open.back() = std::min(asked, static_cast<std::uint64_t>((longest + hold->time) / arrivals->interval) + 1);
  }
  return open;
}

}  // namespace netlimits::analysis

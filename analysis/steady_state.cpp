// How long a connection keeps its port (hold time, round trips, TIME_WAIT), and so what a pool sustains and how many
// are open at once.
#include "analysis/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <set>

#include "analysis/client_plan.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/time_wait_takeover.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

// Nothing: no connection comes up there. Through a balancer the first back end stands for all.
std::optional<Duration> round_trip_of(const Wiring& wiring, const PlannedWorkload& workload, const Target& target) {
  if (target.reach != Reach::listener && target.reach != Reach::balancer) return std::nullopt;
  return wiring.round_trip(workload.host->name, target);
}

// Do both ends use TCP timestamps?
bool uses_timestamps(const Wiring& wiring, const PlannedWorkload& workload, const Target& target) {
  const bool balanced = target.reach == Reach::balancer && !target.balancer->back_ends.empty();
  const Target end = balanced ? wiring.behind(*target.balancer, target.balancer->back_ends.front()) : target;
  return workload.host->settings.timestamps && (end.host == nullptr || end.host->settings.timestamps);
}

std::optional<Duration> mean_of(const Hold& hold) {
  if (const auto* constant = std::get_if<HoldConstant>(&hold)) return constant->time;
  if (const auto* drawn = std::get_if<HoldExponential>(&hold)) return drawn->mean;
  return std::nullopt;
}

// Round trips that pass while a connection has its port, beside the hold time: the handshake, and FINs going both ways
// (the client waits for the server's FIN; when the server closes first, also for the last ACK).
std::uint64_t round_trips_of(Closer closer) {
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
  const std::uint64_t hosts = workload.host->count;
  switch (sharing) {
    case PortSharing::four_tuple:
      return hosts * workload.destinations() * (workload.names_sources() ? workload.sources : 1);
    case PortSharing::local_addr_port: {
      const std::set<IpAddress> chosen(workload.chosen_sources.begin(), workload.chosen_sources.end());
      return hosts * (workload.names_sources() ? workload.sources : chosen.size());
    }
    case PortSharing::host_port:
      return hosts;
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

// The connections of a workload towards its first destination, one after another.
struct Course {
  const Settings* settings = nullptr;  // of the client's host
  const Rules* rules = nullptr;
  IpAddress local{};
  IpAddress remote{};
  bool timestamps = false;
  bool waits = false;         // the client's end goes into TIME_WAIT
  Duration until_closed{};    // from connect() to that, or to the port being free again
  std::uint64_t buckets = 0;  // TIME_WAIT entries that there can be, on all hosts

  // When connect() may have the port of a connection that closed at `closed`.
  SimTime free_from(SimTime closed) const {
    if (!waits) return closed;
    const SimTime gone = later(closed, settings->time_wait);
    return std::min(gone, taken_over_from(*settings, *rules, timestamps, local, remote, closed).value_or(gone));
  }
  // The longest that an entry keeps its port: whatever the clock shows as it begins.
  Duration longest_wait() const { return free_from(time_zero) - time_zero; }
  // Does it keep its port equally long, whenever it begins?
  bool waits_evenly() const {
    const SimTime half_past = time_zero + std::chrono::milliseconds(500);
    return free_from(half_past) - half_past == longest_wait();
  }
};

// The first of `connections`, counted from 0, that finds all `ports` taken, when they come at a constant rate and all
// are held alike; nothing: none does. Ports come back in the order in which they were taken.
std::optional<std::uint64_t> first_refused(const Course& course, SimTime start, Duration interval, std::uint64_t ports,
                                           std::uint64_t connections) {
  const auto begins = [&](std::uint64_t k) { return later(start, bounded_product(interval, k)); };
  const auto closes = [&](std::uint64_t k) { return later(begins(k), course.until_closed); };
  std::uint64_t closed = 0;  // how many have closed by now, and how many of those have given their port back
  std::uint64_t free = 0;
  const bool even = course.waits_evenly();
  for (std::uint64_t k = 0; k < connections; ++k) {
    const SimTime now = begins(k);
    while (closed < k && closes(closed) <= now) ++closed;
    while (free < closed && course.free_from(closes(free)) <= now) ++free;
    const std::uint64_t waiting = std::min(closed - free, course.buckets);
    if (k - closed + waiting >= ports) return k;
    // From here on as many come back as are taken.
    if (even && (free > 0 || (closed > 0 && waiting == course.buckets))) return std::nullopt;
  }
  return std::nullopt;
}

// What the ports sustain. More connections may end than there are TIME_WAIT entries for: the ports of the others are
// free at once, so that those beyond the entries go round quickly.
void write_sustained(SteadyState& state, const Course& course) {
  const std::uint64_t ports = state.ports.min * state.pools;
  const auto held = static_cast<std::uint64_t>(state.port_held.count());
  state.sustained = {ports, held};
  if (!course.waits || course.buckets >= ports || course.until_closed <= Duration::zero()) return;
  const SustainedRate beyond{ports - course.buckets, static_cast<std::uint64_t>(course.until_closed.count())};
  if (uint128_t(beyond.connections) * held <= uint128_t(ports) * beyond.per_nanoseconds) return;
  state.sustained = beyond;
  state.past_the_buckets = true;
  state.time_wait = Duration::zero();
  state.port_held = course.until_closed;
}

// `filled`: the ports of all pools. A workload that ends before is followed for as long again as its ports last.
void write_first_failure(SteadyState& state, const Course& course, const Workload& workload, Duration interval,
                         const Interval& filled) {
  const auto asked = workload.connections;
  const auto refused = [&](std::uint64_t ports, std::uint64_t connections) {
    return first_refused(course, workload.start, interval, ports, connections);
  };
  const auto at = [&](std::uint64_t k) { return later(workload.start, bounded_product(interval, k)); };
  if (const auto first = refused(filled.min, asked)) {
    state.first_failure_after = Interval{*first, refused(filled.max, asked).value_or(asked)};
    state.first_failure_at = at(*first);
    return;
  }
  const std::uint64_t followed = std::max(asked, bounded_product(filled.max, 2));
  const auto first = refused(filled.min, followed);
  if (!first) return;
  state.would_fail_after = Interval{*first, refused(filled.max, followed).value_or(followed)};
  state.would_fail_at = at(*first);
}

}  // namespace

std::string SustainedRate::text() const {
  const uint128_t thousandths = uint128_t(connections) * 1'000'000'000'000U / per_nanoseconds;
  return fmt::format("{}.{:03}", static_cast<std::uint64_t>(thousandths / 1000U),
                     static_cast<std::uint64_t>(thousandths % 1000U));
}

std::vector<SteadyState> steady_state(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  std::vector<SteadyState> found;
  for (const PlannedWorkload& workload : plan.workloads) {
    const auto hold = mean_of(workload.workload->hold);
    if (!hold || workload.targets.empty()) continue;
    const HostGroup& host = *workload.host;
    const IpAddress local = workload.local_address(0, 0);
    const Endpoint& to = workload.workload->to.front();
    const Target target = workload.target(0, 0);
    const auto kind = pool_kind(host.profile->rules, workload.workload->bind, local);
    const auto round_trip = round_trip_of(wiring, workload, target);
    if (!kind || !round_trip) continue;

    const Course course{
        .settings = &host.settings,
        .rules = &host.profile->rules,
        .local = local,
        .remote = to.address,
        .timestamps = uses_timestamps(wiring, workload, target),
        .waits = workload.workload->closer == Closer::client,
        .until_closed = bounded_sum(*hold, bounded_product(*round_trip, round_trips_of(workload.workload->closer))),
        .buckets = host.settings.max_time_wait_buckets * host.count};
    SteadyState state;
    state.workload = workload.workload->name;
    state.place = port_pool_place(host, kind->sharing, local, to);
    state.pools = pools_of(workload, kind->sharing);
    state.ports = lasting_ports(host, *kind, to);
    state.round_trip = *round_trip;
    state.time_wait = course.longest_wait();
    state.port_held = bounded_sum(course.until_closed, state.time_wait);
    if (state.port_held <= Duration::zero()) continue;
    // With no time between connect() and close() the ports beyond the entries never run out.
    const bool endless = course.waits && course.until_closed <= Duration::zero();
    if (endless && course.buckets < state.ports.min * state.pools) continue;
    write_sustained(state, course);

    const auto* constant = std::get_if<ConstantRate>(&workload.workload->arrivals);
    if (constant != nullptr && constant->interval > Duration::zero()) {
      state.offered = SustainedRate{1, static_cast<std::uint64_t>(constant->interval.count())};
      // Entries of connections from before the scenario may be gone by then, or not.
      const Interval at_first = automatic_ports(host, *kind, to);
      const Interval filled{std::min(at_first.min, state.ports.min) * state.pools, state.ports.max * state.pools};
      if (std::holds_alternative<HoldConstant>(workload.workload->hold))
        write_first_failure(state, course, *workload.workload, constant->interval, filled);
    }
    found.push_back(std::move(state));
  }
  return found;
}

namespace {

bool some_are_out_of_reach(const PlannedWorkload& workload) {
  const auto reached = [](const Target& target) {
    return target.reach == Reach::listener || target.reach == Reach::balancer;
  };
  return std::any_of(workload.targets.begin(), workload.targets.end(), reached) &&
         !std::all_of(workload.targets.begin(), workload.targets.end(), reached);
}

}  // namespace

std::vector<std::uint64_t> open_at_once(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
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
      longest = std::max(longest, round_trip_of(wiring, workload, target).value_or(Duration::zero()));
    }
    std::uint64_t at_once = static_cast<std::uint64_t>(bounded_sum(longest, hold->time) / arrivals->interval) + 1;
    // They take their destinations in turn: so few at once do not always go to the one that nobody reaches.
    if (some_are_out_of_reach(workload)) {
      const std::uint64_t turns = workload.destinations();
      at_once = (std::min(at_once, asked) + turns - 1) / turns * turns;
    }
    open.back() = std::min(asked, at_once);
  }
  return open;
}

}  // namespace netlimits::analysis

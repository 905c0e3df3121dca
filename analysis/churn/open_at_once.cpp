// How many connections are there at the same time: rates and hold times decide, not ports.
#include "analysis/churn/open_at_once.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <set>

#include "analysis/churn/churn_course.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

// ... or come to a program that accepts nobody, or has no descriptor for anybody.
bool some_lead_nowhere(const PlannedWorkload& workload) {
  const auto reached = [](const Target& target) {
    if (target.reach != Reach::listener) return target.reach == Reach::balancer;
    if (target.host == nullptr) return true;
    const Process& process = target.host->processes[target.process];
    if (process.nofile <= process.own_descriptors + process.listeners.size()) return false;
    return !std::holds_alternative<AcceptStalled>(process.listeners[target.listener].accept);
  };
  return std::any_of(workload.targets.begin(), workload.targets.end(), reached) &&
         !std::all_of(workload.targets.begin(), workload.targets.end(), reached);
}

// So many begin within that time, where they come fastest. Nothing: all may come at once.
struct Pace {
  std::uint64_t connections = 0;
  Duration within{};
};
std::optional<Pace> fastest_pace(const Arrivals& arrivals) {
  if (const auto* constant = std::get_if<ConstantRate>(&arrivals)) {
    if (constant->interval <= Duration::zero()) return std::nullopt;
    return Pace{1, constant->interval};
  }
  if (const auto* ramp = std::get_if<RampRate>(&arrivals)) {
    const std::uint64_t fastest = std::max(ramp->from_milli, ramp->to_milli);
    if (fastest > 0) return Pace{fastest, Duration(std::chrono::seconds(1000))};
  }
  return std::nullopt;
}

// Of those that begin so fast, how many are there within `time`, both its ends included.
// (A ramp's moments are rounded to nanoseconds.)
std::uint64_t begun_within(const Pace& pace, Duration time) {
  const auto counted = static_cast<std::uint64_t>(time.count()) + (pace.connections == 1 ? 0 : 2);
  const uint128_t begun = uint128_t(pace.connections) * counted / static_cast<std::uint64_t>(pace.within.count());
  return begun < most_count ? static_cast<std::uint64_t>(begun) + 1 : most_count;
}

// Nothing: chance has a part in when they begin, or end.
std::optional<Pace> pace_of(const Workload& workload) {
  return std::holds_alternative<HoldConstant>(workload.hold) ? fastest_pace(workload.arrivals) : std::nullopt;
}

Duration longest_round_trip(const Wiring& wiring, const PlannedWorkload& workload) {
  Duration longest{};
  for (const Target& target : workload.targets)
    longest = std::max(longest, round_trip_of(wiring, workload, target).value_or(Duration::zero()));
  return longest;
}

bool all_equally_far(const Wiring& wiring, const PlannedWorkload& workload) {
  std::set<std::optional<Duration>> ways;
  for (const Target& target : workload.targets) ways.insert(round_trip_of(wiring, workload, target));
  return ways.size() == 1;
}

// A client has it open from a round trip after connect() for the hold time, a server from half a round trip after that.
// Both counts go up and down by one, and which of them is up when the other one is says how far apart the ends are. At
// one instant segments arrive before programs close, and programs close before others connect.
std::uint64_t at_both_ends(const Wiring& wiring, const PlannedWorkload& workload, const Pace& pace) {
  const Duration hold = std::get<HoldConstant>(workload.workload->hold).time;
  const std::uint64_t most = begun_within(pace, hold);
  if (pace.connections != 1 || !all_equally_far(wiring, workload)) return most;
  const Duration trip = longest_round_trip(wiring, workload);
  const Duration more = hold % pace.within;  // of each interval, the time in which one more is open
  const bool apart = trip > Duration::zero();
  if (!apart) return more > Duration::zero() ? most : std::max<std::uint64_t>(1, most - 1);
  if (workload.workload->closer == Closer::server) return most;
  const Duration later = trip / 2 % pace.within;
  const bool meet = later <= more || later >= pace.within - more;
  return meet ? most : std::max<std::uint64_t>(1, most - 1);
}

// A server that accepts at a pace of its own has as many as it accepts within a hold time, whoever waits. Nothing: some
// accept as fast as connections come.
std::optional<std::uint64_t> most_accepted(const PlannedWorkload& workload) {
  const auto* hold = std::get_if<HoldConstant>(&workload.workload->hold);
  if (hold == nullptr) return std::nullopt;
  std::uint64_t sum = 0;
  for (const Target& target : workload.targets) {
    if (target.reach != Reach::listener || target.own) return std::nullopt;
    const Process& process = target.host->processes[target.process];
    const Listener& listener = process.listeners[target.listener];
    if (std::holds_alternative<AcceptImmediately>(listener.accept)) return std::nullopt;
    const auto* paced = std::get_if<AcceptPaced>(&listener.accept);
    if (paced == nullptr) continue;
    if (paced->interval <= Duration::zero()) return std::nullopt;
    const std::uint64_t each = begun_within({1, paced->interval}, hold->time);
    sum = bounded_sum(sum, bounded_product(each, listener.reuse_port ? process.count : 1));
  }
  return sum;
}

}  // namespace

std::vector<std::uint64_t> open_at_once(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  std::vector<std::uint64_t> open;
  for (const PlannedWorkload& workload : plan.workloads) {
    const std::uint64_t asked = workload.workload->connections;
    open.push_back(asked);
    const auto pace = pace_of(*workload.workload);
    if (!pace) continue;
    // A descriptor is open from connect() to close(): the handshake and the hold time.
    const Duration hold = std::get<HoldConstant>(workload.workload->hold).time;
    std::uint64_t at_once = begun_within(*pace, bounded_sum(longest_round_trip(wiring, workload), hold));
    // They take their destinations in turn: so few at once do not always go to the one that nobody reaches.
    if (some_lead_nowhere(workload)) {
      const std::uint64_t turns = workload.destinations();
      at_once = bounded_product((std::min(at_once, asked) + turns - 1) / turns, turns);
    }
    open.back() = std::min(asked, at_once);
  }
  return open;
}

std::optional<Interval> most_at_both_ends(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  Interval sum;
  for (const PlannedWorkload& planned : plan.workloads) {
    const Workload& workload = *planned.workload;
    if (workload.retry.attempts > 0 || workload.retry.reconnect) return std::nullopt;
    const auto pace = pace_of(workload);
    const bool drawn = std::holds_alternative<PoissonRate>(workload.arrivals) ||
                       std::holds_alternative<HoldExponential>(workload.hold);
    const bool ends = !std::holds_alternative<HoldForever>(workload.hold);
    std::uint64_t most =
        std::min(workload.connections, pace ? at_both_ends(wiring, planned, *pace) : workload.connections);
    most = std::min(most, most_accepted(planned).value_or(most));
    sum.max = bounded_sum(sum.max, most);
    sum.min = bounded_sum(sum.min, ends && drawn ? std::min<std::uint64_t>(1, most) : most);
  }
  return sum;
}

}  // namespace netlimits::analysis

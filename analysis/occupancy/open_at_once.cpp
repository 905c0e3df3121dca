// How many connections are there at the same time: rates and hold times decide, not ports.
#include "analysis/occupancy/open_at_once.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <functional>
#include <set>

#include "analysis/churn/churn_course.hpp"
#include "analysis/churn/rate.hpp"
#include "analysis/growth/unaccepted.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

// Turns of a workload and of the balancers on its way.
struct TurnsOnTheWay {
  std::uint64_t count = 1;
  bool some_lead_nowhere = false;  // ... or to a program that accepts nobody, or has no descriptor for anybody
};

TurnsOnTheWay turns_on_the_way(const Wiring& wiring, const PlannedWorkload& workload) {
  const auto reached = [](const Target& target) {
    if (target.reach != Reach::listener) return false;
    if (target.host == nullptr) return true;
    const Process& process = target.host->processes[target.process];
    if (process.nofile <= process.own_descriptors + process.listeners.size()) return false;
    return !std::holds_alternative<AcceptStalled>(process.listeners[target.listener].accept);
  };
  TurnsOnTheWay turns;
  std::uint64_t most_behind = 1;
  bool some_arrive = false;
  const auto note = [&](const Target& target) { (reached(target) ? some_arrive : turns.some_lead_nowhere) = true; };
  for (const Target& target : workload.targets) {
    if (target.reach != Reach::balancer) {
      note(target);
      continue;
    }
    const std::vector<Endpoint>& back_ends = target.balancer->back_ends;
    most_behind = std::max<std::uint64_t>(most_behind, back_ends.size());
    for (const Endpoint& back_end : back_ends) {
      const bool own = wiring.comes_back(workload.host->name, back_end);
      note(own ? Target{} : wiring.behind(*target.balancer, back_end));
    }
  }
  turns.count = bounded_product(workload.destinations(), most_behind);
  turns.some_lead_nowhere = turns.some_lead_nowhere && some_arrive;
  return turns;
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

// Those that accept at a pace of their own, and that nobody waits for.
using Prompt = std::set<const Listener*>;

// A server that accepts at a pace of its own has as many as it accepts within a hold time, whoever waits.
struct Accepting {
  std::uint64_t paced = 0;  // by all such servers
  bool some_pace = false;
  bool some_at_once = false;  // others accept as fast as connections come
};

// Nothing: that is not known.
std::optional<Accepting> accepting(const Wiring& wiring, const PlannedWorkload& workload, const Prompt& prompt) {
  const auto* hold = std::get_if<HoldConstant>(&workload.workload->hold);
  if (hold == nullptr) return std::nullopt;
  std::vector<Target> servers;
  for (const Target& target : workload.targets) {
    if (target.reach != Reach::balancer) {
      servers.push_back(target);
      continue;
    }
    for (const Endpoint& back_end : target.balancer->back_ends)
      servers.push_back(wiring.behind(*target.balancer, back_end));
  }
  Accepting all;
  for (const Target& target : servers) {
    if (target.reach != Reach::listener) continue;
    const Process& process = target.host->processes[target.process];
    const Listener& listener = process.listeners[target.listener];
    const auto* paced = std::get_if<AcceptPaced>(&listener.accept);
    const bool at_once = std::holds_alternative<AcceptImmediately>(listener.accept) || prompt.contains(&listener) ||
                         (paced != nullptr && paced->interval <= Duration::zero());
    (at_once ? all.some_at_once : all.some_pace) = true;
    if (at_once || paced == nullptr) continue;
    const std::uint64_t hosts = target.own ? workload.host->count : 1;
    // What ends at a moment has ended before the next one is accepted.
    const Duration kept = std::max(hold->time - Duration(1), Duration::zero());
    const std::uint64_t each = bounded_product(begun_within({1, paced->interval}, kept), hosts);
    all.paced = bounded_sum(all.paced, bounded_product(each, listener.reuse_port ? process.count : 1));
  }
  return all;
}

bool syns_come_again(const Wiring& wiring, const PlannedWorkload& planned, const Prompt& prompt) {
  const auto servers = accepting(wiring, planned, prompt);
  return planned.shares_named_ports() && servers && servers->some_pace;
}

// All of them begin at one moment, and each ends before the next one begins, but for those of other programs.
bool end_as_they_begin(const Wiring& wiring, const PlannedWorkload& planned, const Prompt& prompt) {
  const auto* hold = std::get_if<HoldConstant>(&planned.workload->hold);
  if (hold == nullptr || hold->time > Duration::zero()) return false;
  if (!std::holds_alternative<AtOnce>(planned.workload->arrivals)) return false;
  if (longest_round_trip(wiring, planned) > Duration::zero()) return false;
  return planned.workload->closer != Closer::server || !accepting(wiring, planned, prompt)->some_pace;
}

using IsOneOf = std::function<bool(const Target&)>;

// How many there are at both ends of those that take these ways, where connections take their ways in turn. Nothing:
// they do not, or no more is known than of all together.
std::optional<Interval> at_ways(const Wiring& wiring, const PlannedWorkload& planned, const IsOneOf& is_one) {
  const auto pace = pace_of(*planned.workload);
  if (!pace || planned.programs > 1 || pace->connections != 1) return std::nullopt;
  std::uint64_t ways = 0;
  for (const Target& target : planned.targets) {
    if (target.reach != Reach::listener) return std::nullopt;
    if (is_one(target)) ++ways;
  }
  const std::uint64_t turns = planned.destinations();
  const std::uint64_t rounds = begun_within(*pace, std::get<HoldConstant>(planned.workload->hold).time) / turns;
  const std::uint64_t of_each = at_both_ends(wiring, planned, {1, bounded_product(pace->within, turns)});
  const std::uint64_t least = bounded_product(ways, rounds - std::min<std::uint64_t>(rounds, 1));
  return Interval{std::max<std::uint64_t>(1, least), bounded_product(ways, of_each)};
}

bool accepts_at_once(const Target& target, const Prompt& prompt) {
  const Listener& listener = target.host->processes[target.process].listeners[target.listener];
  return std::holds_alternative<AcceptImmediately>(listener.accept) || prompt.contains(&listener);
}

// Where servers close, nobody's leaving keeps those few who wait at a slow one: they come beside the others.
Interval most_at_both_ends(const Wiring& wiring, const PlannedWorkload& planned, const Prompt& prompt) {
  const Workload& workload = *planned.workload;
  const bool reaches_somebody = std::any_of(planned.targets.begin(), planned.targets.end(), [](const Target& target) {
    return target.reach == Reach::listener || target.reach == Reach::balancer;
  });
  if (!reaches_somebody) return {};
  if (end_as_they_begin(wiring, planned, prompt)) {
    const std::uint64_t most = std::min(planned.workload->connections, planned.programs);
    return {std::min<std::uint64_t>(1, most), most};
  }
  const auto pace = pace_of(workload);
  const std::uint64_t most =
      std::min(workload.connections, pace ? at_both_ends(wiring, planned, *pace) : workload.connections);
  const auto servers = accepting(wiring, planned, prompt);
  // Those that are farther away come and go later: they need not be there with the others.
  if (!servers || !servers->some_pace)
    return {pace && !all_equally_far(wiring, planned) ? most - most / 2 : most, most};
  if (syns_come_again(wiring, planned, prompt)) return Interval::exactly(workload.connections);
  if (!servers->some_at_once) return Interval::exactly(std::min(most, servers->paced));
  const auto fast = at_ways(wiring, planned, [&](const Target& target) { return accepts_at_once(target, prompt); });
  const std::uint64_t others = fast ? fast->max : most;
  const std::uint64_t all = workload.closer == Closer::server ? workload.connections : most;
  const std::uint64_t together = std::min(all, bounded_sum(others, servers->paced));
  return {std::min(together, fast ? fast->min : 1), together};
}

// At a rate, and each for a time that may be drawn, they are independent of one another: by Bernstein's inequality more
// than this are there once in 10^13 looks. Nothing: they do not come at a rate.
std::optional<std::uint64_t> most_by_chance(const Workload& workload, Duration kept) {
  const auto rate = asked_rate(workload);
  if (!rate || rate->per_nanoseconds == 0) return std::nullopt;
  const uint128_t there =
      uint128_t(rate->connections) * static_cast<std::uint64_t>(kept.count()) / rate->per_nanoseconds;
  if (there > most_count / 64) return std::nullopt;
  const std::uint64_t mean = static_cast<std::uint64_t>(there) + 1;
  const auto deviation = static_cast<std::uint64_t>(boost::multiprecision::sqrt(uint128_t(mean))) + 1;
  return mean + 8 * deviation + 20;
}

}  // namespace

Duration kept_by_client(const Workload& workload, Duration hold, Duration round_trip) {
  const Duration handshake = bounded_sum(round_trip, hold);
  return workload.closer == Closer::server ? bounded_sum(handshake, round_trip) : handshake;
}

std::uint64_t Occupancy::in_turns(std::uint64_t open, std::uint64_t begun) const {
  return std::min(begun, bounded_product((std::min(open, begun) + turns - 1) / turns, turns));
}

std::vector<Occupancy> occupancies_of(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  const Prompt prompt = listeners_that_keep_up(scenario, wiring);
  std::vector<Occupancy> found;
  for (const PlannedWorkload& planned : plan.workloads) {
    const Workload& workload = *planned.workload;
    const bool drawn = std::holds_alternative<PoissonRate>(workload.arrivals);
    const bool again = workload.retry.attempts > 0 || workload.retry.reconnect;
    Occupancy& its = found.emplace_back();
    its.most = workload.connections;
    if (std::holds_alternative<HoldForever>(workload.hold) && !drawn && !again) its.kept = Duration::max();
    const auto mean = mean_of(workload.hold);
    if (!mean) continue;
    const Duration kept = kept_by_client(workload, *mean, longest_round_trip(wiring, planned));
    // Those that are closed at once are there for a moment.
    if (!drawn && !again && std::holds_alternative<HoldConstant>(workload.hold)) its.kept = std::max(kept, Duration(1));
    const auto pace = pace_of(workload);
    if (end_as_they_begin(wiring, planned, prompt)) {
      its.kept.reset();
      if (workload.closer != Closer::client && !again) its.most = std::min(its.most, planned.programs);
      continue;
    }
    if (!pace) {
      if (!again) its.most = std::min(its.most, most_by_chance(workload, kept).value_or(its.most));
      continue;
    }
    if (syns_come_again(wiring, planned, prompt)) {
      its.kept.reset();
      continue;
    }
    const TurnsOnTheWay turns = turns_on_the_way(wiring, planned);
    if (turns.some_lead_nowhere) its.turns = turns.count;
    // What ends at a moment has ended before others begin.
    const std::uint64_t at_once = begun_within(*pace, std::max(kept - Duration(1), Duration::zero()));
    its.most = its.in_turns(at_once, workload.connections);
  }
  return found;
}

bool some_meet_by_chance(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  const Prompt prompt = listeners_that_keep_up(scenario, wiring);
  return std::any_of(plan.workloads.begin(), plan.workloads.end(), [&](const PlannedWorkload& planned) {
    return syns_come_again(wiring, planned, prompt) || end_as_they_begin(wiring, planned, prompt);
  });
}

std::vector<std::uint64_t> open_at_once(const Scenario& scenario, const Wiring& wiring) {
  std::vector<std::uint64_t> open;
  for (const Occupancy& one : occupancies_of(scenario, wiring)) open.push_back(one.most);
  return open;
}

std::optional<Interval> most_at_both_ends(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  const Prompt prompt = listeners_that_keep_up(scenario, wiring);
  Interval sum;
  std::uint64_t most_of_one = 0;
  std::uint64_t that_stay = 0;
  bool some_are_drawn = false;
  bool some_end = false;
  for (const PlannedWorkload& planned : plan.workloads) {
    const Workload& workload = *planned.workload;
    if (workload.retry.attempts > 0 || workload.retry.reconnect) return std::nullopt;
    const bool comes_by_chance = std::holds_alternative<PoissonRate>(workload.arrivals);
    const bool drawn = comes_by_chance || std::holds_alternative<HoldExponential>(workload.hold);
    const bool ends = !std::holds_alternative<HoldForever>(workload.hold);
    const Interval most = most_at_both_ends(wiring, planned, prompt);
    const std::uint64_t least = ends && drawn ? std::min<std::uint64_t>(1, most.min) : most.min;
    sum.max = bounded_sum(sum.max, most.max);
    sum.min = bounded_sum(sum.min, least);
    most_of_one = std::max(most_of_one, least);
    if (!ends) that_stay = bounded_sum(that_stay, most.min);
    some_are_drawn = some_are_drawn || comes_by_chance;
    some_end = some_end || ends;
  }
  // Those that end may be gone before all of the others have come.
  if (some_are_drawn && some_end) sum.min = std::max(most_of_one, that_stay);
  return sum;
}

std::uint64_t most_beside(const Scenario& scenario, const Wiring& wiring, const std::set<Place>& full) {
  const ClientPlan plan(scenario, wiring);
  const Prompt prompt = listeners_that_keep_up(scenario, wiring);
  std::uint64_t sum = 0;
  for (const PlannedWorkload& planned : plan.workloads) {
    const std::uint64_t all = most_at_both_ends(wiring, planned, prompt).max;
    const auto beside = at_ways(wiring, planned, [&](const Target& target) {
      return !full.contains(host_place(*target.host)) &&
             !full.contains(process_place(*target.host, target.host->processes[target.process]));
    });
    sum = bounded_sum(sum, beside ? std::min(all, beside->max) : all);
  }
  return sum;
}

std::optional<Interval> reached_by_the_end(const Scenario& scenario, const Wiring& wiring, int halves) {
  if (!scenario.end) return std::nullopt;
  const ClientPlan plan(scenario, wiring);
  const Prompt prompt = listeners_that_keep_up(scenario, wiring);
  Interval reached;
  for (const PlannedWorkload& planned : plan.workloads) {
    const Workload& workload = *planned.workload;
    if (!std::holds_alternative<HoldForever>(workload.hold) || !last_arrival_by_law(workload)) return std::nullopt;
    const Duration longest = longest_round_trip(wiring, planned) / 2 * halves;
    const Duration left = scenario.end->time_since_epoch();
    const std::uint64_t least = longest <= left ? begun_by_law(workload, *scenario.end - longest) : 0;
    const bool alike = all_equally_far(wiring, planned);
    reached.min = bounded_sum(reached.min, least);
    reached.max = bounded_sum(reached.max, alike ? least : workload.connections);
  }
  return reached;
}

}  // namespace netlimits::analysis

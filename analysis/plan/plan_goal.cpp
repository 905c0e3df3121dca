// Shares of a total, and rates as intervals.
#include "analysis/plan/plan_goal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <chrono>
#include <map>
#include <vector>

#include "analysis/occupancy/open_at_once.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;
using Shares = std::map<std::string, std::uint64_t>;

bool stays(const Workload& workload) { return std::holds_alternative<HoldForever>(workload.hold); }

bool comes_steadily(const Workload& workload) {
  return std::holds_alternative<ConstantRate>(workload.arrivals) && std::holds_alternative<HoldConstant>(workload.hold);
}

// Whole numbers in proportion that add up to the total, each at least 1: what rounding leaves goes to the first ones.
Shares shares_of(const Shares& weights, std::uint64_t total) {
  uint128_t all = 0;
  for (const auto& [name, weight] : weights) all += weight;
  Shares shares;
  std::uint64_t given = 0;
  for (const auto& [name, weight] : weights) {
    const auto share = all == 0 ? 0 : static_cast<std::uint64_t>(uint128_t(weight) * total / all);
    shares[name] = std::max<std::uint64_t>(1, share);
    given += shares[name];
  }
  for (auto& [name, share] : shares) {
    if (given < total) ++share, ++given;
  }
  for (auto& [name, share] : shares) {  // where a least share of 1 took too much
    const std::uint64_t back = given > total ? std::min(given - total, share - 1) : 0;
    share -= back;
    given -= back;
  }
  return shares;
}

class Demanded {
 public:
  Demanded(const Scenario& scenario, const PlanGoal& goal) : scenario_(scenario), goal_(goal) {
    scenario_.expect.clear();
  }

  tl::expected<Scenario, std::string> make() {
    if (!goal_.workload.empty() && !scenario_.workloads.contains(goal_.workload))
      return tl::unexpected(fmt::format("the scenario has no workload {}", goal_.workload));
    std::string wrong = goal_.held ? ask_for_held(*goal_.held) : std::string();
    if (wrong.empty() && goal_.rate) wrong = ask_for_rate(*goal_.rate);
    if (wrong.empty()) wrong = unlike_the_format();
    if (!wrong.empty()) return tl::unexpected(std::move(wrong));
    return std::move(scenario_);
  }

 private:
  bool is_meant(const Workload& workload) const { return goal_.workload.empty() || goal_.workload == workload.name; }

  std::string unlike_the_format() const {
    std::uint64_t all = 0;
    for (const auto& [name, workload] : scenario_.workloads) all = bounded_sum(all, workload.connections);
    if (all <= most_planned) return {};
    return fmt::format("{} connections in all: a scenario has at most {}", all, most_planned);
  }

  std::string ask_for_held(std::uint64_t total) {
    const Wiring wiring(scenario_);
    const auto open = open_at_once(scenario_, wiring);
    Shares weights;
    std::size_t index = 0;
    for (const auto& [name, workload] : scenario_.workloads) {
      const std::uint64_t weight = open[index++];
      if (is_meant(workload)) weights[name] = std::max<std::uint64_t>(1, weight);
    }
    if (total < weights.size()) return fmt::format("{} connections of {} workloads", total, weights.size());
    const auto occupancies = occupancies_of(scenario_, wiring);
    const Shares shares = shares_of(weights, total);
    index = 0;
    for (auto& [name, workload] : scenario_.workloads) {
      const Occupancy& occupancy = occupancies[index++];
      if (!shares.contains(name)) continue;
      if (auto wrong = hold_at_once(workload, occupancy, shares.at(name)); !wrong.empty()) return wrong;
    }
    return {};
  }

  std::string hold_at_once(Workload& workload, const Occupancy& occupancy, std::uint64_t share) const {
    if (stays(workload) || std::holds_alternative<AtOnce>(workload.arrivals)) {
      workload.connections = share;
      const auto last = last_arrival_by_law(workload);
      if (scenario_.end && last && *last > *scenario_.end)
        return fmt::format("the scenario ends before {} connections of {} have begun", share, workload.name);
      return {};
    }
    if (!comes_steadily(workload) || !occupancy.kept) {
      return fmt::format(
          "how many connections of {} are there at once is left to chance or changes with time: ask for a rate",
          workload.name);
    }
    const Duration interval{occupancy.kept->count() / static_cast<std::int64_t>(share)};
    if (interval <= Duration::zero())
      return fmt::format(
          "{} connections of {} at once would come faster than one a nanosecond, as each is held so shortly: ask for a "
          "rate",
          share, workload.name);
    workload.arrivals = ConstantRate{interval};
    workload.connections = std::max(workload.connections, share);
    return {};
  }

  // The longest that a port may be taken by a connection.
  Duration life_of(const Workload& workload) const {
    Duration longest = std::chrono::seconds(1);
    for (const auto& [name, host] : scenario_.hosts) longest = std::max(longest, host.settings.time_wait);
    for (const auto& [name, gateway] : scenario_.gateways)
      longest = std::max(longest, gateway.nat.hold_after_close.value_or(nat_hold_unknown));
    const auto* const constant = std::get_if<HoldConstant>(&workload.hold);
    const auto* const drawn = std::get_if<HoldExponential>(&workload.hold);
    const Duration held = constant != nullptr ? constant->time : drawn != nullptr ? 8 * drawn->mean : Duration::zero();
    return longest + held + std::chrono::seconds(1);
  }

  std::string ask_for_rate(const SustainedRate& rate) {
    bool any = false;
    for (auto& [name, workload] : scenario_.workloads) {
      if (!is_meant(workload) || stays(workload)) continue;
      any = true;
      const uint128_t milli =
          uint128_t(rate.connections) * nanoseconds_per_second * milli_per_arrival / rate.per_nanoseconds;
      const std::uint64_t interval = rate.connections == 0 ? 0 : rate.per_nanoseconds / rate.connections;
      if (interval == 0 || milli == 0)
        return fmt::format("{} a second is no rate that a scenario can have", rate.text());
      if (std::holds_alternative<PoissonRate>(workload.arrivals)) {
        workload.arrivals = PoissonRate{static_cast<std::uint64_t>(milli)};
      } else {
        workload.arrivals = ConstantRate{Duration(static_cast<std::int64_t>(interval))};
      }
      const uint128_t lives = uint128_t(2) * static_cast<std::uint64_t>(life_of(workload).count()) * rate.connections /
                                  rate.per_nanoseconds +
                              1;
      const std::uint64_t enough = lives > most_planned ? most_planned : static_cast<std::uint64_t>(lives);
      workload.connections = std::max(workload.connections, enough);
    }
    if (!any) {
      return goal_.workload.empty()
                 ? std::string("no connection of it ends, so that it has no rate that goes on: ask for so many at once")
                 : fmt::format(
                       "the connections of {} do not end, so that it has no rate that goes on: ask for so many "
                       "at once",
                       goal_.workload);
    }
    scenario_.end = std::nullopt;
    return {};
  }

  Scenario scenario_;
  const PlanGoal& goal_;
};

}  // namespace

tl::expected<Scenario, std::string> with_demand(const Scenario& scenario, const PlanGoal& goal) {
  return Demanded(scenario, goal).make();
}

}  // namespace netlimits::analysis

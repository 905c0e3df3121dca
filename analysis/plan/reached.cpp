// One capacity, and with --survive one for each loss.
#include "analysis/plan/reached.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <set>
#include <utility>

#include "analysis/hosts_behind.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {
namespace {

// Do chance's draws decide how many are there at once?
bool comes_by_chance(const Workload& workload) {
  return std::holds_alternative<PoissonRate>(workload.arrivals) ||
         std::holds_alternative<HoldExponential>(workload.hold);
}

std::uint64_t root_above(std::uint64_t square) {
  std::uint64_t below = 0;  // the root of 2^64 is enough for any
  std::uint64_t root = std::uint64_t{1} << 32U;
  while (root - below > 1) {
    const std::uint64_t middle = below + (root - below) / 2;
    (bounded_product(middle, middle) >= square ? root : below) = middle;
  }
  return root;
}

// So many are never there at once, but for less than one chance in a million, where so many are on average: six
// standard deviations of a Poisson distribution, and ten more for averages that are small.
std::uint64_t all_but_never_exceeded(std::uint64_t average) {
  return bounded_sum(average, 6 * root_above(average) + 10);
}

// How many come within that time, rounded up.
std::uint64_t within(const SustainedRate& rate, Duration time) {
  using boost::multiprecision::uint128_t;
  const uint128_t all = uint128_t(rate.connections) * static_cast<std::uint64_t>(time.count());
  const uint128_t come = (all + rate.per_nanoseconds - 1) / rate.per_nanoseconds;
  return come > most_count ? most_count : static_cast<std::uint64_t>(come);
}

// Capacity says what goes on on average. Here nobody may fail because many happen to come together.
bool may_gather(const Scenario& scenario, const SteadyState& steady) {
  if (!steady.offered) return false;
  std::vector<std::string> streams = steady.together;
  if (streams.empty()) streams.push_back(steady.workload);
  const bool chance = std::any_of(streams.begin(), streams.end(), [&](const std::string& name) {
    return comes_by_chance(scenario.workloads.at(name));
  });
  if (!chance) return false;
  const SustainedRate sure = steady.sure_up_to.value_or(steady.sustained);
  const std::uint64_t pools = std::max<std::uint64_t>(1, steady.pools);
  const std::uint64_t average = within(*steady.offered, steady.port_held) / pools + 1;
  return within(sure, steady.port_held) / pools < all_but_never_exceeded(average);
}

// What is in the way of a rate that goes on; none: nothing is.
void add_what_bounds_rates(const Scenario& scenario, const Capacity& capacity, const PlanGoal& goal,
                           std::vector<Binding>& in_the_way) {
  for (const SteadyState& steady : capacity.steady_state) {
    const bool unsure = steady.offered && steady.sure_up_to && above(*steady.offered, *steady.sure_up_to);
    const bool fails = steady.bound_fails != BoundFails::no || steady.would_fail_after || steady.first_failure_after;
    const bool goes_on = !goal.rate || !(is_offered_more(steady) || unsure || fails);
    if (goes_on && !may_gather(scenario, steady)) continue;
    const PlacedLimit own{steady.limit, steady.place};
    for (const PlacedLimit& limit : {steady.bound_by.value_or(own), steady.overflows.value_or(own)}) {
      const bool known = std::any_of(in_the_way.begin(), in_the_way.end(), [&](const Binding& one) {
        return one.limit == limit.limit && one.place == limit.place;
      });
      if (!known) in_the_way.push_back({limit.limit, limit.place, steady.ports});
    }
  }
}

Reached of_capacity(const Scenario& scenario, const PlanGoal& goal) {
  Capacity capacity = analysis::capacity(scenario, Answered::what_binds);
  Reached found{.held = capacity.held, .asked = capacity.asked, .left_out = std::move(capacity.left_out)};
  found.in_the_way = std::move(capacity.binding);
  for (const Binding& one : capacity.refusing) {
    const bool known = std::find(found.in_the_way.begin(), found.in_the_way.end(), one) != found.in_the_way.end();
    if (!known) found.in_the_way.push_back(one);
  }
  add_what_bounds_rates(scenario, capacity, goal, found.in_the_way);
  found.all = found.in_the_way.empty();
  return found;
}

// A host that is connected to without a balancer takes its clients with it.
std::string nothing_in_its_place(const Scenario& scenario) {
  const Wiring wiring(scenario);
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) {
      const Target target = wiring.of(workload.from_host, to);
      if (target.reach == Reach::balancer || target.own || target.host == nullptr) continue;
      return fmt::format(
          "{} connects to {} on {} itself: nothing takes its place when it is down. A balancer with "
          "several back ends would",
          name, to.text(), target.host->name);
    }
  }
  return {};
}

Reached with_losses(const Scenario& scenario, const PlanGoal& goal, Reached whole) {
  whole.why = nothing_in_its_place(scenario);
  whole.all = whole.why.empty();
  if (!whole.all) return whole;
  for (const Loss& loss : losses_of(scenario)) {
    if (loss.last) {
      whole.all = false;
      whole.why = fmt::format("{} is all that is behind {}", loss.host, loss.balancer);
      whole.alone = loss.group;
      whole.meanwhile = loss.host;
      return whole;
    }
    Reached without = of_capacity(loss.without, goal);
    if (without.all) continue;
    without.meanwhile = loss.host;
    return without;
  }
  return whole;
}

}  // namespace

std::vector<Loss> losses_of(const Scenario& scenario) {
  std::vector<Loss> losses;
  const Wiring wiring(scenario);
  for (const auto& [name, balancer] : scenario.balancers) {
    const auto leads_there = [&endpoint = balancer.endpoint](const auto& named) {
      const auto& to = named.second.to;
      return std::find(to.begin(), to.end(), endpoint) != to.end();
    };
    if (std::none_of(scenario.workloads.begin(), scenario.workloads.end(), leads_there)) continue;
    const auto hosts = hosts_behind(scenario, wiring, balancer);
    for (const auto& [host, back_ends] : hosts) {
      Loss loss{.balancer = name,
                .host = host.empty() ? texts_of(back_ends) : host,
                .group = host.substr(0, host.find('[')),
                .last = hosts.size() == 1,
                .without = scenario};
      const std::set<Endpoint> gone(back_ends.begin(), back_ends.end());
      for (auto& [other, changed] : loss.without.balancers) {
        // A host is down for every balancer; the last back end of another one is that one's own loss.
        std::vector<Endpoint> left = changed.back_ends;
        std::erase_if(left, [&](const Endpoint& back_end) { return gone.contains(back_end); });
        if (!left.empty()) changed.back_ends = std::move(left);
      }
      losses.push_back(std::move(loss));
    }
  }
  return losses;
}

Reached reached(const Scenario& scenario, const PlanGoal& goal) {
  Reached whole = of_capacity(scenario, goal);
  if (!whole.all || !goal.survive) return whole;
  return with_losses(scenario, goal, std::move(whole));
}

}  // namespace netlimits::analysis

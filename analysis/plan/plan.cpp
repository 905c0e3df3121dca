// One way to the goal, the cheapest step first; then, at each step of it, each other step that could have been taken.
#include "analysis/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "analysis/plan/beyond_change.hpp"
#include "analysis/plan/dials.hpp"
#include "analysis/plan/smallest_figures.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::size_t most_steps_of_a_way = 64;
// Of one question: what a person waits for. Scenarios with many places of their own have many ways to the same end.
// Rates are answered by following connections, which takes longer.
constexpr std::size_t most_asked_for_counts = 400;
constexpr std::size_t most_asked_for_rates = 150;

class Planner {
 public:
  Planner(const Scenario& asked, const PlanGoal& goal, const PlanWishes& wishes)
      : wishes_(wishes),
        most_asked_(goal.rate ? most_asked_for_rates : most_asked_for_counts),
        dials_(asked, goal, wishes.forbidden),
        smallest_(dials_) {}

  void answer_into(PlanAnswer& answer) {
    answer.now = dials_.reached({});
    if (answer.now.all) return;
    if (auto nothing = comes_to_nothing(answer.asked); !nothing.empty()) {
      answer.furthest = answer.now;
      answer.furthest.in_the_way.clear();
      answer.furthest.why = std::move(nothing);
      return;
    }
    const Way first = way_from({});
    keep(first);
    std::vector<Turned> beginnings;
    for (const Step& step : first.steps) {
      for (const Dial& other : step.others) {
        Turned turned = step.before;
        turn_further(turned, other, dials_.reached(step.before));
        beginnings.push_back(std::move(turned));
      }
    }
    for (const Turned& beginning : beginnings) {
      if (dials_.asked_so_far() > most_asked_) break;
      keep(way_from(beginning));
    }
    rank(answer);
    if (!found_.empty()) return;
    answer.furthest = dials_.reached(first.turned);
    answer.turned = changes_of(first.turned);
  }

 private:
  struct Step {
    Turned before{};
    std::vector<Dial> others{};  // than the one that was turned
  };
  struct Way {
    Turned turned{};
    std::vector<Step> steps{};
    bool arrived = false;
  };

  std::uint64_t weighed(const Knob& knob, std::uint64_t before, std::uint64_t after) const {
    const std::uint64_t cost = knob.cost.of(before, after);
    return wishes_.preferred.contains(std::string(knob.name)) ? (cost + 3) / 4 : cost;
  }

  // As far as proportion says, and as much again: what is too much is taken back in the end.
  std::uint64_t plenty(const Turned& turned, const Dial& dial, const Reached& found) {
    const std::uint64_t now = dials_.figure(turned, dial);
    const std::uint64_t through = found.in_the_way.empty() ? 0 : found.in_the_way.front().capacity.min;
    const std::uint64_t times = std::clamp<std::uint64_t>(found.asked / std::max<std::uint64_t>(1, through), 1, 64);
    const std::uint64_t more = bounded_sum(bounded_product(now, 2 * times), 1);
    return std::min(dials_.range(dial)->most, std::max(more, now + 1));
  }

  void turn_further(Turned& turned, const Dial& dial, const Reached& found) {
    turned[dial] = plenty(turned, dial, found);
  }

  // What the step would cost if it alone had to be enough.
  std::uint64_t likely_cost(const Turned& turned, const Dial& dial, const Reached& found) {
    if (turned.contains(dial)) return 0;  // begun already
    const DialRange& range = *dials_.range(dial);
    return weighed(knob_of(dial), range.before, range.before + (plenty(turned, dial, found) - range.before + 1) / 2);
  }

  // Does what was in the way let no more through than before?
  static bool is_no_better(const Reached& before, const Reached& after) {
    if (after.all || before.in_the_way.empty() || after.in_the_way.empty()) return false;
    const Binding& then = before.in_the_way.front();
    return after.held.min <= before.held.min &&
           std::any_of(after.in_the_way.begin(), after.in_the_way.end(), [&](const Binding& now) {
             return now.limit == then.limit && now.place == then.place && now.capacity.min <= then.capacity.min;
           });
  }

  Way way_from(Turned turned) {
    Way way{.turned = std::move(turned)};
    std::set<Dial> useless;  // alone
    bool all_together = false;
    while (way.steps.size() < most_steps_of_a_way) {
      const Reached& found = dials_.reached(way.turned);
      if (found.all) {
        way.arrived = true;
        return way;
      }
      std::vector<Dial> against = dials_.against(way.turned, found);
      std::erase_if(against, [&](const Dial& dial) { return useless.contains(dial); });
      if (against.empty()) {
        if (useless.empty() || all_together) return way;
        // The smaller of two counts, of which each by itself lets no more through.
        all_together = true;
        way.steps.push_back({way.turned, {}});
        for (const Dial& dial : useless) turn_further(way.turned, dial, found);
        useless.clear();
        continue;
      }
      const auto cheapest = std::min_element(against.begin(), against.end(), [&](const Dial& a, const Dial& b) {
        return likely_cost(way.turned, a, found) < likely_cost(way.turned, b, found);
      });
      const Dial chosen = *cheapest;
      Turned further = way.turned;
      turn_further(further, chosen, found);
      if (is_no_better(found, dials_.reached(further))) {
        useless.insert(chosen);
        continue;
      }
      against.erase(cheapest);
      way.steps.push_back({std::move(way.turned), std::move(against)});
      way.turned = std::move(further);
    }
    return way;
  }

  void keep(const Way& way) {
    if (way.arrived) found_.insert(smallest_.of(way.turned));
  }

  std::vector<Change> changes_of(const Turned& turned) {
    std::vector<Change> changes;
    const Scenario changed = dials_.scenario(turned);
    for (const auto& [dial, figure] : turned) {
      const Knob& knob = knob_of(dial);
      const std::uint64_t before = dials_.range(dial)->before;
      Change change{.knob = &knob, .place = dial.place, .before = before, .after = figure};
      change.value_before = knob.value(dials_.asked(), dial.place);
      change.value_after = knob.value(changed, dial.place);
      if (knob.settings != nullptr) change.settings = knob.settings(changed, dial.place);
      change.host = dial.place.host;
      if (change.host.empty() && !dial.place.workload.empty())
        change.host = changed.workloads.at(dial.place.workload).from_host;
      change.cost = weighed(knob, before, figure);
      changes.push_back(std::move(change));
    }
    return changes;
  }

  std::uint64_t cost_of(const Turned& turned) {
    std::uint64_t cost = 0;
    for (const auto& [dial, figure] : turned)
      cost = bounded_sum(cost, weighed(knob_of(dial), dials_.range(dial)->before, figure));
    return cost;
  }

  // Of those that change the same things by other figures the cheapest.
  std::vector<Turned> unlike_ones() {
    std::map<std::vector<Dial>, Turned> best;
    for (const Turned& turned : found_) {
      std::vector<Dial> changed;
      for (const auto& [dial, figure] : turned) changed.push_back(dial);
      const auto [known, is_new] = best.emplace(std::move(changed), turned);
      if (!is_new && cost_of(turned) < cost_of(known->second)) known->second = turned;
    }
    std::vector<Turned> unlike;
    for (auto& [changed, turned] : best) unlike.push_back(std::move(turned));
    return unlike;
  }

  void rank(PlanAnswer& answer) {
    for (const Turned& turned : unlike_ones()) {
      Plan plan{.changes = changes_of(turned), .cost = cost_of(turned), .scenario = dials_.scenario(turned)};
      plan.left_out = dials_.reached(turned).left_out;
      answer.plans.push_back(std::move(plan));
    }
    std::stable_sort(answer.plans.begin(), answer.plans.end(), [](const Plan& a, const Plan& b) {
      return std::tuple(a.cost, a.changes.size()) < std::tuple(b.cost, b.changes.size());
    });
    answer.more = answer.plans.size() > wishes_.most;
    if (answer.more) answer.plans.resize(wishes_.most);
  }

  const PlanWishes& wishes_;
  std::size_t most_asked_;
  Dials dials_;
  SmallestFigures smallest_;
  std::set<Turned> found_{};
};

}  // namespace

tl::expected<PlanAnswer, std::string> plan(const Scenario& scenario, const PlanGoal& goal, const PlanWishes& wishes) {
  auto asked = with_demand(scenario, goal);
  if (!asked) return tl::unexpected(std::move(asked.error()));
  PlanAnswer answer{.asked = *std::move(asked)};
  Planner(answer.asked, goal, wishes).answer_into(answer);
  return answer;
}

Scenario with_changes(const Scenario& asked, const std::vector<Change>& changes) {
  Scenario changed = asked;
  for (const Change& change : changes) change.knob->turn(changed, change.place, change.before, change.after);
  return changed;
}

}  // namespace netlimits::analysis

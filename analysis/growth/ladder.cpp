// The flow network is asked again and again: first for what the scenario wants, then with each limit that binds lifted.
#include "analysis/growth/ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "analysis/capacity_network.hpp"
#include "analysis/growth/asked_network.hpp"
#include "analysis/growth/cut_limits.hpp"
#include "analysis/growth/growth.hpp"
#include "analysis/growth/unaccepted.hpp"
#include "analysis/hosts_behind.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::size_t most_rungs = 8;
// Far above every port field that a scenario can name: whoever asks for more has no limit left.
constexpr std::uint64_t most_asked = std::uint64_t{1} << 50U;

}  // namespace

class Ladder::Steps : private AskedNetwork {
 public:
  Steps(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network, Demand open)
      : AskedNetwork(scenario, wiring, network, std::move(open)), growth_(scenario, base_) {
    const Interval while_all_end = at_base().held;
    const bool late = somebody_waits(scenario_, wiring_);
    const std::uint64_t asked_while_all_end = asked_;
    const bool nobody_refused = ask(base_, Draws::worst, true).held >= asked_;
    if (while_all_end.min < asked_ || late) count_those_that_nobody_ends();
    only_if_they_gather_ = nobody_refused && asked_ > asked_while_all_end && while_all_end.max > 0;
    if (!late) accepted_at_once_ = while_all_end.max;
  }

  Capacity climb() {
    const Step now = at_base();
    const NetworkAnswer seen_by_clients = ask(base_, Draws::worst, true);
    Capacity found = held_and_established(now.held, seen_by_clients);
    FirstRefused refusing;
    if (found.established.min < asked_) {
      refusing = first_refused(seen_by_clients, found.established, true);
      refusing.open = refusing.open || only_if_they_gather_ || others_refuse_meanwhile(refusing.limits);
    }
    found.refusing = binding_of(refusing.limits);
    found.refusing_is_open = refusing.open;
    if (found.established.max < asked_ && last_segments_may_be_dropped(scenario_, wiring_))
      found.established.max =
          std::max(found.established.max,
                   std::min(asked_, network_.ask(lucky({.accept_queues = true, .believed = true}), Naming::none).held));
    FirstRefused first = first_refused(now.answer, now.held, false);
    // As many get through the table as are accepted: nobody is left whom the program could refuse.
    if (are_tables(refusing.limits) && !refusing.open && found.established.max <= now.held.min) first = refusing;
    std::vector<CutLimit> bound = with_those_that_refuse(first.limits, refusing.limits);
    found.binding = binding_of(bound);
    const bool nobody_only_waits = are_part(bound, first.limits) && are_part(first.limits, bound);
    const bool may_fit = found.capacity.max >= asked_ && !leads_nowhere(bound);
    found.binding_is_open =
        first.open || (!nobody_only_waits && refusing.open) || (!bound.empty() && (may_fit || only_if_they_gather_));
    put_first(nobody_only_waits ? first.earliest : earliest_unless_it_waits(first.limits), found.binding);
    lift(bound);
    while (found.ladder.size() < most_rungs && asked_ > 0) {
      if (!bound.empty() && std::all_of(bound.begin(), bound.end(), [](const CutLimit& cut) { return cut.final; }))
        break;
      Step step = next();
      if (step.answer.cut.empty()) break;
      const Interval before = found.ladder.empty() ? found.capacity : found.ladder.back().capacity;
      step.held.min = std::max(step.held.min, before.min);
      step.held.max = std::max({step.held.max, before.max, step.held.min});
      found.ladder.push_back({step.held, binding_of(step.answer.cut)});
      if (found.ladder.size() == 1 && tells_late(scenario_, wiring_, bound) && step.held.min < asked_)
        found.binding_is_open = true;
      bound = std::move(step.answer.cut);
      lift(bound);
    }
    found.notes = network_.notes();
    if (loosened_) {
      found.notes.emplace_back(
          "several processes of a host share ports across destinations: the figures are upper bounds");
    }
    return found;
  }

  // What climb() stands on: held or not, and the cuts.
  Capacity foot() {
    const Step now = at_base();
    const NetworkAnswer seen_by_clients = ask(base_, Draws::worst, true);
    Capacity found = held_and_established(now.held, seen_by_clients);
    const auto cut_of = [&](const NetworkAnswer& answer, const Interval& held) {
      return answer.cut.empty() && held.min < asked_ ? bound_with_luck(held) : answer.cut;
    };
    std::vector<CutLimit> refusing;
    if (found.established.min < asked_) refusing = cut_of(seen_by_clients, found.established);
    found.refusing = binding_of(refusing);
    found.refusing_is_open = !refusing.empty();
    found.binding = binding_of(with_those_that_refuse(cut_of(now.answer, now.held), refusing));
    found.binding_is_open = !found.binding.empty();
    return found;
  }

  std::optional<Rung> once_lifted(const std::set<PlacedLimit>& lifted, Counted counted) {
    if (asked_ == 0) return std::nullopt;
    lifted_ = LiftedLimits(lifted);
    queues_ = counted == Counted::established;
    const Step step = next();
    return step.answer.cut.empty() ? std::nullopt : std::optional(Rung{step.held, binding_of(step.answer.cut)});
  }

  std::vector<WithoutBackEnd> losses() {
    lifted_ = {};
    std::vector<WithoutBackEnd> found;
    for (const auto& [name, balancer] : scenario_.balancers) {
      const auto hosts = hosts_behind(scenario_, wiring_, balancer);
      if (hosts.size() < 2 || hosts.size() > most_losses) continue;
      for (const auto& [host, back_ends] : hosts) {
        down_ = {back_ends.begin(), back_ends.end()};
        const Step step = at_base();
        found.push_back({name, texts_of(back_ends), host, step.held, binding_of(step.answer.cut)});
      }
      down_.clear();
    }
    return found;
  }

 private:
  Capacity held_and_established(const Interval& held, const NetworkAnswer& seen_by_clients) {
    Capacity found;
    found.asked = asked_;
    found.capacity = {std::min(held.min, accepted_at_once_), std::min(held.max, accepted_at_once_)};
    found.established = {seen_by_clients.held, most_held(seen_by_clients, true)};
    return found;
  }

  static constexpr std::size_t most_losses = 64;
  static constexpr std::size_t most_that_come_first = 8;

  // A server that closes first ends what it has accepted. What waits for it is there for good, and gathers.
  void count_those_that_nobody_ends() {
    base_ = with_all_that_servers_end(scenario_, std::move(base_));
    if (sum_of(base_) == asked_) return;
    take_base();
    growth_ = Growth(scenario_, base_);
  }

  struct Step {
    Interval held{};
    NetworkAnswer answer{};  // with the worst draws
  };

  Step at_base() {
    const NetworkAnswer answer = ask(base_, Draws::worst);
    return {{answer.held, most_held(answer, false)}, answer};
  }

  // Grown where all that is asked for is held, and where luck may let it be.
  Step next() {
    Step step = at_base();
    if (step.answer.cut.empty()) return grown();
    if (step.held.min < step.held.max && step.held.max >= asked_)
      step.held.max = std::max(step.held.max, unrefused().max);
    return step;
  }

  // It does not where the same limits, and nothing beside them, bound what is held with any luck. Where as many are
  // held anyway, another limit may still be the one that is met first.
  bool luck_decides_who_refuses(const NetworkAnswer& worst, const Interval& held, bool accept_queues) {
    if (worst.cut.empty() || (held.exact() && !worst.depends_on_draws)) return false;
    const NetworkAnswer best = ask(luckiest_, Draws::best, accept_queues);
    Interval through;
    for (const CutLimit& cut : worst.cut) through.min += cut.capacity.min;
    for (const CutLimit& cut : best.cut) through.max += cut.capacity.max;
    if (!held.exact() && (through.min != worst.held || through.max != best.held)) return true;
    if (!held.exact() && best.cut.size() != worst.cut.size()) return true;
    return !are_part(best.cut, worst.cut);
  }

  // How many there can be of which none is refused, with the least luck and with the most.
  Interval unrefused() {
    const std::uint64_t least = most_held_between(0, asked_, Draws::worst);
    const std::uint64_t most = holds_all(asked_, Draws::best) ? largest_held(Draws::best) : asked_;
    return {growth_.in_whole(least), most >= most_asked ? asked_ : growth_.in_whole(most)};
  }

  // What refuses first: of the cut, or a little limit that few connections use and that is met long before the cut is
  // full. Named ports are used in turn, for one, and a turn that meets its port in use is lost.
  FirstRefused first_refused(const NetworkAnswer& now, const Interval& held, bool queues) {
    bool open = luck_decides_who_refuses(now, held, queues) || network_.divides(now.cut);
    const FirstRefused of_cut{now.cut, open};
    if (now.cut.empty() && held.min < asked_) return {bound_with_luck(held), true};
    if (now.cut.empty()) return of_cut;
    const MetFirst worst = met_first(Draws::worst, queues);
    const bool always = !holds_all(growth_.to(asked_), Draws::best, queues);
    const MetFirst best = always ? met_first(Draws::best, queues) : MetFirst{};
    open = open || worst.by_chance;
    const bool at_once = !worst.limits.empty() && !worst.crowded && leads_nowhere(worst.limits);
    if (at_once && always && are_part(best.limits, worst.limits) && are_part(worst.limits, best.limits))
      return {worst.limits, false};
    if (are_part(worst.limits, now.cut) && are_part(best.limits, now.cut)) {
      FirstRefused first{now.cut, open || order_decides_who_refuses(now.cut, worst.crowded || best.crowded, queues)};
      const bool in_order = growth_.of_one() || (growth_.order_is_known() && !worst.crowded && !best.crowded);
      if (!first.open && in_order && are_part(best.limits, worst.limits)) first.earliest = worst.limits;
      // All that are full by the moment at which the first is refused come before those that are not.
      const bool same_by_then = are_part(best.by_then, worst.by_then) && are_part(worst.by_then, best.by_then);
      if (!first.open && !in_order && growth_.order_is_known() && same_by_then) first.earliest = worst.by_then;
      return first;
    }
    // Clients wait for what lets them wait: who is told first is another question.
    const bool waits = let_wait(worst.limits) || let_wait(best.limits) || let_wait(now.cut);
    if (waits || !(growth_.of_one() || growth_.order_is_known())) return {now.cut, true};
    const bool same = always && are_part(best.limits, worst.limits) && are_part(worst.limits, best.limits);
    return {worst.limits, !same || worst.crowded || best.crowded};
  }

  // What is met first by those who do not merely wait.
  std::vector<CutLimit> earliest_unless_it_waits(const std::vector<CutLimit>& limits) {
    const LiftedLimits before = lifted_;
    lift(limits_of(Limit::listen_backlog, limits));
    const Step step = at_base();
    FirstRefused first = first_refused(step.answer, step.held, false);
    lifted_ = before;
    return std::move(first.earliest);
  }

  // Does another limit refuse first where one workload comes before all others? Asked of the first few workloads.
  bool order_decides_who_refuses(const std::vector<CutLimit>& cut, bool crowded, bool queues) {
    if (growth_.of_one() || (growth_.order_is_known() && !crowded)) return false;
    for (std::size_t first = 0; first < std::min(base_.size(), most_that_come_first); ++first) {
      if (base_[first] == 0) continue;
      for (const Draws draws : {Draws::worst, Draws::best}) {
        if (!holds_all(base_, draws, queues) && !are_part(met_first(draws, queues, first).limits, cut)) return true;
      }
    }
    return false;
  }

  // Turns that nobody can be sure of bound the least: what is sure to bind, or would with a few more, is what does for
  // the luckiest.
  std::vector<CutLimit> bound_with_luck(const Interval& held) {
    if (held.max < asked_) return network_.ask(lucky({})).cut;
    const std::uint64_t most = largest_held(Draws::best);
    return most >= most_asked ? std::vector<CutLimit>{} : ask(growth_.to(most + 1), Draws::best).cut;
  }

  // While those wait whom these refuse.
  bool others_refuse_meanwhile(const std::vector<CutLimit>& cut) {
    if (!tells_late(scenario_, wiring_, cut)) return false;
    const LiftedLimits before = lifted_;
    lift(cut);
    const bool refuse = !holds_all(base_, Draws::worst, true);
    lifted_ = before;
    return refuse;
  }

  // What refuses the first that is refused, connections coming as they do, or in proportion where that is not known;
  // or, of one workload, before those of all others. Requires: somebody is refused.
  MetFirst met_first(Draws draws, bool queues, std::optional<std::size_t> alone = std::nullopt) {
    Demand before(base_.size(), 0);
    Demand after = base_;
    if (alone) {
      Demand only = before;
      only[*alone] = base_[*alone];
      (holds_all(only, draws, queues) ? before : after) = only;
    }
    if (!alone && !growth_.of_one() && growth_.order_is_known()) {
      SimTime early = growth_.first() - Duration(1);
      SimTime late = growth_.last();
      while (late - early > Duration(1)) {
        const SimTime middle = early + (late - early) / 2;
        (holds_all(growth_.begun_by(middle), draws, queues) ? early : late) = middle;
      }
      before = growth_.begun_by(early);
      after = growth_.begun_by(late);
    }
    const std::uint64_t begins = sum_of(after) - sum_of(before);
    std::uint64_t held = 0;
    for (std::uint64_t refused = begins; refused - held > 1;) {
      const std::uint64_t middle = held + (refused - held) / 2;
      (holds_all(between(before, after, middle), draws, queues) ? held : refused) = middle;
    }
    std::size_t begin_there = 0;
    for (std::size_t i = 0; i < after.size(); ++i) begin_there += after[i] > before[i] ? 1 : 0;
    const Demand one_more = between(before, after, held + 1);
    MetFirst met{.limits = ask(one_more, draws, queues).cut, .crowded = begin_there > 1};
    if (!met.crowded) return met;
    met.by_then = too_small_for(after, draws, queues);
    met.by_chance = another_may_refuse(one_more, met.limits, queues);
    return met;
  }

  // Of two cuts of one size the network names one. Who comes first is open: where the draws decide whether the other
  // limit refuses any, it may do so before these are full.
  bool another_may_refuse(const Demand& demand, const std::vector<CutLimit>& limits, bool queues) {
    const LiftedLimits before = lifted_;
    lift(limits);
    const bool by_chance = !holds_all(demand, Draws::worst, queues) && holds_all(demand, Draws::best, queues);
    lifted_ = before;
    return by_chance;
  }

  // Of what is full then, that which would hold more if it were larger.
  std::vector<CutLimit> too_small_for(const Demand& demand, Draws draws, bool queues) {
    const NetworkAnswer now = ask(demand, draws, queues);
    if (now.cut.size() > most_that_come_first) return now.cut;
    std::vector<CutLimit> too_small;
    const LiftedLimits before = lifted_;
    for (const CutLimit& one : now.cut) {
      lift({one});
      if (ask(demand, draws, queues).held > now.held) too_small.push_back(one);
      lifted_ = before;
    }
    return too_small;
  }

  using AskedNetwork::holds_all;
  bool holds_all(std::uint64_t total, Draws draws) { return holds_all(growth_.to(total), draws, false); }

  // The largest total of which none is refused. Requires: what is asked for now is held.
  std::uint64_t largest_held(Draws draws) {
    std::uint64_t held = asked_;
    std::uint64_t refused = asked_;
    do {
      held = refused;
      refused *= 2;
      if (refused > most_asked) return most_asked;
    } while (holds_all(refused, draws));
    return most_held_between(held, refused, draws);
  }

  std::uint64_t most_held_between(std::uint64_t held, std::uint64_t refused, Draws draws) {
    while (refused - held > 1) {
      const std::uint64_t middle = held + (refused - held) / 2;
      (holds_all(middle, draws) ? held : refused) = middle;
    }
    return held;
  }

  Step grown() {
    Step step;
    const std::uint64_t worst = largest_held(Draws::worst);
    if (worst >= most_asked) return step;
    step.answer = ask(growth_.to(growth_.a_little_above(worst)), Draws::worst);
    if (step.answer.cut.empty()) step.answer = ask(growth_.to(worst + 1), Draws::worst);
    step.held = Interval::exactly(growth_.in_whole(worst));
    if (!queues_ && are_unaccepted(step.answer.cut)) return grown_until_refused(step);
    if (step.answer.depends_on_draws) step.held.max = growth_.in_whole(largest_held(Draws::best));
    return step;
  }

  // Those that are not accepted wait until their queue is full: how many others are held by then.
  Step grown_until_refused(const Step& accepted) {
    queues_ = true;
    Step step;
    const std::uint64_t worst = largest_held(Draws::worst);
    if (worst < most_asked) step.answer = ask(growth_.to(worst + 1), Draws::worst);
    queues_ = false;
    if (!are_unaccepted(step.answer.cut)) return accepted;
    step.held = Interval::exactly(ask(growth_.to(worst), Draws::worst).held);
    return step;
  }

  Growth growth_;
  // Of those that come at their pace: whoever waits elsewhere is none of them.
  std::uint64_t accepted_at_once_ = std::numeric_limits<std::uint64_t>::max();
  bool only_if_they_gather_ = false;  // nobody is refused while no more wait than come within a hold time
};

Ladder::Ladder(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network, Demand open)
    : steps_(std::make_unique<Steps>(scenario, wiring, network, std::move(open))) {}
Ladder::~Ladder() = default;
Ladder::Ladder(Ladder&&) noexcept = default;
Ladder& Ladder::operator=(Ladder&&) noexcept = default;

Capacity Ladder::climb(Answered answered) { return answered == Answered::all ? steps_->climb() : steps_->foot(); }
std::optional<Rung> Ladder::once_lifted(const std::set<PlacedLimit>& lifted, Counted counted) {
  return steps_->once_lifted(lifted, counted);
}
std::vector<WithoutBackEnd> Ladder::losses() { return steps_->losses(); }

}  // namespace netlimits::analysis

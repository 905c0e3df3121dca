// The plan that all questions about one scenario share, and how solved networks become an answer.
#include "analysis/capacity_network.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

#include "analysis/client_plan.hpp"
#include "analysis/client_side.hpp"
#include "analysis/client_turns.hpp"
#include "analysis/left_out.hpp"
#include "analysis/open_files.hpp"
#include "model/path/balancer.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits::analysis {
namespace {

std::uint64_t asked_in(const NetworkQuestion& question) {
  return std::accumulate(question.connections.begin(), question.connections.end(), std::uint64_t{0});
}

bool in_order(const CutLimit& a, const CutLimit& b) { return std::tie(a.limit, a.place) < std::tie(b.limit, b.place); }

// Does a SYN that nobody answers come to the balancer's next back end when it is sent again?
bool takes_further_turns(const HostGroup& host) {
  const Rules& rules = host.profile->rules;
  const std::uint32_t again = syn_retransmissions(host.settings, rules);
  return again > 0 && syn_timeout(again - 1, host.settings, rules) >= unanswered_keeps_its_turn;
}

}  // namespace

struct CapacityNetwork::Plan {
  Plan(const Scenario& of, const Wiring& read) : scenario(of), clients(of, read), wiring(read) {
    bool all_stay = true;
    for (const auto& [name, workload] : of.workloads) {
      if (workload.retry.attempts > 0 || workload.retry.reconnect ||
          takes_further_turns(of.hosts.at(workload.from_host)))
        passes = Passes::again;
      if (!std::holds_alternative<HoldForever>(workload.hold)) all_stay = false;
    }
    for (const PlannedWorkload& workload : clients.workloads) {
      for (const Target& target : workload.targets)
        gateways_before_balancers =
            gateways_before_balancers || (target.balancer != nullptr && target.gateway != nullptr);
    }
    if (passes == Passes::once && !all_stay) passes = Passes::after;
    // Without its events nothing of a scenario is lost that would be there otherwise.
    std::vector<std::string> left_out = left_out_of(of);
    std::erase(left_out, "events");
    nothing_left_out = left_out.empty();
    repeats_only_failures = all_stay && nothing_left_out;
  }

  Passes passes_at_most(const NetworkQuestion& question) const {
    if (!gateways_before_balancers || passes == Passes::again) return passes;
    // Further turns give a back end more, and take none away.
    if (question.draws == Draws::worst) return passes;
    if (!nothing_left_out) return Passes::again;
    const QuestionInTime in_time(clients, question);
    for (const PlannedWorkload& workload : clients.workloads) {
      for (std::uint64_t d = 0; d < workload.destinations(); ++d)
        if (may_be_dealt_out_again(clients, wiring, workload, d, in_time)) return Passes::again;
    }
    return passes;
  }

  NetworkFlow solve(const NetworkQuestion& question, Admission admission, const Onward& onward,
                    Naming naming = Naming::none) const {
    return solve_network(clients, wiring, question, admission, onward, naming);
  }

  // How many get as far as each balancer, whatever lies behind: with draws all that can, else those for whom there is
  // no other use. A balancer deals out what arrives, so a back end that is full does not send its share to the others.
  Onward arrivals(const NetworkQuestion& question, Passes by, Admission admission, std::uint64_t outward) const {
    Onward onward{.arrivals = std::map<std::string, std::uint64_t>(), .passes = by};
    if (question.draws == Draws::best && !balancers_hear_all(question))
      return arrivals(without_tables(question), by, admission, outward);
    const QuestionInTime in_time(clients, question);
    for (const auto& [name, balancer] : scenario.balancers) {
      const bool best = question.draws == Draws::best;
      const Onward apart = best ? Onward{.only = name} : Onward{.but = name};
      // Who is refused leaves its port and its descriptor to the next, which arrives as well.
      const Admission arriving = best && lets_go(balancer, in_time) ? Admission::all : admission;
      const std::uint64_t flow = solve(question, arriving, apart).flow.flow;
      const std::uint64_t arrived = best ? flow : outward - std::min(outward, flow);
      onward.arrivals->emplace(name, best ? arrived : std::min(arrived, certain_turns_of(balancer, in_time)));
    }
    return onward;
  }

  // A full table gives a new SYN the entry of one that nobody answers, which had its turn all the same: with luck a
  // balancer deals out more than have entries in the end.
  bool balancers_hear_all(const NetworkQuestion& question) const {
    return scenario.balancers.empty() || !clients.tables.may_run_short(asked_in(question), question.lifted);
  }

  NetworkQuestion without_tables(const NetworkQuestion& question) const {
    NetworkQuestion without = question;
    std::set<PlacedLimit> lifted = question.lifted.all();
    lifted.merge(clients.tables.limits());
    without.lifted = LiftedLimits(std::move(lifted));
    return without;
  }

  std::uint64_t certain_turns_of(const Balancer& balancer, const QuestionInTime& question) const {
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    for (const PlannedWorkload& workload : clients.workloads) {
      for (std::uint64_t d = 0; d < workload.destinations(); ++d) {
        if (workload.targets[d].balancer != &balancer) continue;
        most = std::min(most, certain_turns(clients, wiring, workload, d, question).value_or(most));
      }
    }
    return most;
  }

  bool lets_go(const Balancer& balancer, const QuestionInTime& question) const {
    return std::any_of(clients.workloads.begin(), clients.workloads.end(), [&](const PlannedWorkload& workload) {
      for (std::uint64_t d = 0; d < workload.destinations(); ++d) {
        if (workload.targets[d].balancer == &balancer && may_let_go(clients, wiring, workload, d, question))
          return true;
      }
      return false;
    });
  }

  const Scenario& scenario;
  ClientPlan clients;
  const Wiring& wiring;
  Passes passes = Passes::once;  // as the clients themselves make them
  bool gateways_before_balancers = false;
  bool nothing_left_out = false;
  // What passes a balancer again has failed before, and whether any does the network itself can tell.
  bool repeats_only_failures = false;
  std::vector<Divided> mixed = clients.mixed(scenario);
};

CapacityNetwork::CapacityNetwork(const Scenario& scenario, const Wiring& wiring)
    : plan_(std::make_unique<const Plan>(scenario, wiring)) {}
CapacityNetwork::~CapacityNetwork() = default;

const std::vector<std::string>& CapacityNetwork::notes() const { return plan_->clients.notes; }

bool CapacityNetwork::divides(const std::vector<CutLimit>& limits) const {
  const auto is_crossed = [&](const CutLimit& one) {
    const HostPlace* const host = one.place.host();
    if (host == nullptr ||
        (one.limit != Limit::ephemeral_ports && one.limit != Limit::port_in_use && one.limit != Limit::four_tuple))
      return false;
    const auto named = plan_->scenario.hosts.find(std::string(host->name.view()));
    return named != plan_->scenario.hosts.end() && plan_->clients.named_are_in_the_way(named->second);
  };
  // Of several programs that accept from one queue any may be full before the host is.
  const auto is_shared_by_programs = [&](const CutLimit& one) {
    const HostPlace* const place = one.place.host();
    if (place == nullptr || one.limit != Limit::fd_per_host) return false;
    const auto host = plan_->scenario.hosts.find(std::string(place->name.view()));
    if (host == plan_->scenario.hosts.end() || !host->second.profile->rules.has(Rule::descriptors_process))
      return false;
    return std::any_of(host->second.processes.begin(), host->second.processes.end(), [&](const Process& process) {
      return process.count > 1 && !process.listeners.empty() && free_descriptors(process) < free_files(host->second);
    });
  };
  if (std::any_of(limits.begin(), limits.end(), is_crossed) ||
      std::any_of(limits.begin(), limits.end(), is_shared_by_programs))
    return true;
  return std::any_of(limits.begin(), limits.end(), [&](const CutLimit& one) {
    return std::any_of(plan_->mixed.begin(), plan_->mixed.end(), [&](const Divided& divided) {
      return divided.limit == PlacedLimit{one.limit, one.place};
    });
  });
}

// Where every client is connected at its first attempt, nobody makes another one: all pass once. Where some are not,
// each further pass gives a back end one more, and takes none away: with the least luck none comes to one with room.
Passes CapacityNetwork::passes_of(const NetworkQuestion& question) const {
  const Passes passes = plan_->passes_at_most(question);
  if (passes != Passes::again || !plan_->repeats_only_failures) return passes;
  if (question.draws == Draws::worst) return Passes::once;
  NetworkQuestion as_clients_see_it = question;
  as_clients_see_it.draws = Draws::worst;
  as_clients_see_it.accept_queues = true;
  as_clients_see_it.believed = false;
  return answer(as_clients_see_it, Passes::once, Naming::none).held >= asked_in(question) ? Passes::once : passes;
}

// Both are bounds that every order keeps to: the closer one is the answer.
NetworkAnswer CapacityNetwork::answer(const NetworkQuestion& question, Passes passes, Naming naming) const {
  NetworkAnswer apart = answer_as_asked(question, passes, naming);
  if (question.draws == Draws::best || !plan_->clients.pools_meet() || apart.held >= asked_in(question)) return apart;
  NetworkQuestion asked = question;
  asked.pools_together = true;
  NetworkAnswer together = answer_as_asked(asked, passes, naming);
  if (together.held <= apart.held) return apart;
  together.depends_on_draws = true;
  return together;
}

// How many do not get through at the worst, if no table of tracked connections keeps them back: those may have entries
// that others want, where nobody answers them or where they wait and only those that are accepted count.
std::uint64_t CapacityNetwork::unanswered(const NetworkQuestion& question, Passes passes) const {
  NetworkQuestion without = plan_->without_tables(question);
  without.unanswered = 0;
  const std::uint64_t asked = asked_in(question);
  return asked - std::min(asked, answer_as_asked(without, passes, Naming::none).held);
}

NetworkAnswer CapacityNetwork::answer_as_asked(const NetworkQuestion& question, Passes passes, Naming naming) const {
  const std::uint64_t asked = asked_in(question);
  if (!question.unanswered && question.draws == Draws::worst && plan_->clients.tables.some_have_several_ends() &&
      plan_->clients.tables.may_run_short(asked, question.lifted)) {
    NetworkQuestion known = question;
    known.unanswered = unanswered(question, passes);
    return answer_as_asked(known, passes, naming);
  }
  std::optional<NetworkFlow> known_outward;  // who asks it, needs a whole network more
  const auto outward = [&]() -> const NetworkFlow& {
    if (!known_outward) known_outward = plan_->solve(question, Admission::in_turn, {}, naming);
    return *known_outward;
  };
  const bool dealt_out = !plan_->scenario.balancers.empty();
  const NetworkFlow whole =
      plan_->solve(question, Admission::in_turn,
                   plan_->arrivals(question, passes, Admission::in_turn, dealt_out ? outward().flow.flow : 0), naming);
  NetworkAnswer answer{.held = whole.flow.flow,
                       .depends_on_draws = whole.depends_on_draws || !plan_->scenario.balancers.empty(),
                       .loosened = whole.loosened};
  if (answer.held >= asked) return answer;
  answer.cut = whole.flow.cut;
  if (whole.flow.share_in_cut && outward().flow.flow < asked) {
    const std::set<PlacedLimit> known = placed(answer.cut);
    for (const CutLimit& cut : outward().flow.cut)
      if (!known.contains({cut.limit, cut.place})) answer.cut.push_back(cut);
  }
  std::sort(answer.cut.begin(), answer.cut.end(), in_order);
  if (!whole.order_is_open || outward().flow.flow >= asked) return answer;
  answer.depends_on_draws = true;
  if (question.draws == Draws::worst)
    answer.held = std::min(answer.held, least_held(question, passes, whole.flow.flow));
  return answer;
}

// What serves some connections this way and some that is taken twice by those that have both ends there. With draws it
// is divided in the best way; the flow is concave in where the line is drawn, so that three points tell on which side
// of the middle the best is, and the worst is at one of the ends: either all that begin there come first, or all that
// are accepted there. Of several such things only the first is divided: the others may be taken twice, or by nobody.
namespace {

constexpr std::size_t most_remembered = 1'000'000;  // counts of connections, in all questions
constexpr std::size_t most_divided = 4;             // that are looked at one by one

// The part of those that begin there with which most get through. A level stretch is the top, or where whole shares
// hide the slope: then the far end tells.
template <class Answer>
NetworkAnswer best_division(const Divided& of, Naming naming, const Answer& divided) {
  std::uint64_t low = 0;
  std::uint64_t high = of.free;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const std::uint64_t here = divided(of, middle, Naming::none).held;
    const std::uint64_t next = divided(of, middle + 1, Naming::none).held;
    if (here < next || (here == next && here < divided(of, high, Naming::none).held)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return divided(of, low, naming);
}

// Bounds that are equally close are the same figure and can bind at different limits. Whichever of them came first by
// name would decide what the answer says: it names the limits of all.
void keep_closest(std::optional<NetworkAnswer>& closest, NetworkAnswer bound, Draws draws) {
  const auto closer = [draws](const NetworkAnswer& a, const NetworkAnswer& b) {
    return draws == Draws::worst ? a.held > b.held : a.held < b.held;
  };
  if (!closest || closer(bound, *closest)) {
    closest = std::move(bound);
    return;
  }
  if (closer(*closest, bound)) return;
  closest->depends_on_draws = closest->depends_on_draws || bound.depends_on_draws;
  closest->loosened = closest->loosened || bound.loosened;
  for (const CutLimit& cut : bound.cut) {
    const auto at = std::lower_bound(closest->cut.begin(), closest->cut.end(), cut, in_order);
    if (at == closest->cut.end() || in_order(cut, *at)) {
      closest->cut.insert(at, cut);
    } else {
      at->capacity = {std::min(at->capacity.min, cut.capacity.min), std::max(at->capacity.max, cut.capacity.max)};
    }
  }
}

}  // namespace

NetworkAnswer CapacityNetwork::ask(const NetworkQuestion& question, Naming naming) const {
  const NetworkAnswer& answer = known(question, naming);
  if (naming == Naming::limits) return answer;
  return {.held = answer.held, .depends_on_draws = answer.depends_on_draws, .loosened = answer.loosened};
}

const NetworkAnswer& CapacityNetwork::known(const NetworkQuestion& question, Naming naming) const {
  const auto known = known_.find(question);
  if (known != known_.end()) {
    Known& one = known->second;
    if (naming == Naming::limits && one.naming == Naming::none) one = {solve(question, naming), naming};
    return one.answer;
  }
  // What is remembered grows with the workloads; what is asked does not.
  if (known_.size() * question.connections.size() >= most_remembered) known_.clear();
  return known_.emplace(question, Known{solve(question, naming), naming}).first->second.answer;
}

NetworkAnswer CapacityNetwork::solve(const NetworkQuestion& question, Naming naming) const {
  const auto divided = [&](const Divided& what, std::uint64_t part, Naming names) {
    NetworkQuestion with = question;
    with.part[what.what] = part;
    return answer(with, passes_of(with), names);
  };
  // Each of them divided by itself gives a bound that holds; the closest is the answer, whatever the names are.
  std::vector<Divided> mixed = plan_->mixed;
  std::erase_if(mixed, [&](const Divided& one) { return question.lifted.contains(one.limit); });
  std::stable_sort(mixed.begin(), mixed.end(), [](const Divided& a, const Divided& b) { return a.free < b.free; });
  if (mixed.size() > most_divided) mixed.resize(most_divided);
  if (question.some_end && question.draws == Draws::best) mixed.clear();
  if (mixed.empty()) return answer(question, passes_of(question), naming);
  std::optional<NetworkAnswer> closest;
  if (question.draws == Draws::worst) {
    bool depends = true;
    for (const Divided& what : mixed) {
      const auto [least, most] = plan_->clients.extreme_parts(what, question);
      NetworkAnswer worst = divided(what, least, naming);
      NetworkAnswer other = divided(what, most, naming);
      depends = depends && (least != most || worst.depends_on_draws || other.depends_on_draws);
      if (other.held < worst.held) worst = std::move(other);
      keep_closest(closest, std::move(worst), question.draws);
    }
    closest->depends_on_draws = depends;
    return *std::move(closest);
  }
  for (const Divided& what : mixed) {
    if (!what.alone) continue;
    keep_closest(closest, best_division(what, naming, divided), question.draws);
  }
  return closest ? *std::move(closest) : answer(question, passes_of(question), naming);
}

// Somebody is refused at home, and in which order they come nobody knows. Where servers take all that is asked for, the
// order decides nothing but who it is, unless two kinds of limits cross: then, whoever comes first, at least half of
// the best is let through. Else only what every order lets through is certain.
std::uint64_t CapacityNetwork::least_held(const NetworkQuestion& question, Passes passes, std::uint64_t best) const {
  const std::uint64_t asked = asked_in(question);
  const NetworkFlow outward = plan_->solve(question, Admission::guaranteed, {});
  const NetworkFlow all =
      plan_->solve(question, Admission::all, plan_->arrivals(question, passes, Admission::all, asked));
  if (all.flow.flow >= asked) return outward.programs_cross || outward.loosened ? best - best / 2 : best;
  const Onward onward = plan_->arrivals(question, passes, Admission::guaranteed, outward.flow.flow);
  return plan_->solve(question, Admission::guaranteed, onward).flow.flow;
}

}  // namespace netlimits::analysis

// The words for one binding limit; then the sentences of a run and of an analysis.
#include "report/sentence/verdict_sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "analysis/churn/lead_nowhere.hpp"
#include "analysis/churn/served_late.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "report/forms/number_text.hpp"
#include "report/sentence/churn_words.hpp"
#include "report/sentence/held_words.hpp"
#include "report/sentence/next_limit.hpp"
#include "report/sentence/run_beside_analysis.hpp"
#include "report/sentence/unsourced.hpp"

namespace netlimits::report {
namespace {

std::string placed(const Place& place, std::optional<Error> error) {
  return error ? fmt::format("({}, {})", place.text(), name_of(*error)) : fmt::format("({})", place.text());
}

// "ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL)"; more than one of a kind: the first, and how many.
std::string worded(const Scenario& scenario, const std::vector<analysis::Binding>& binding, bool with_error) {
  const analysis::Binding& first = binding.front();
  std::string text = fmt::format(
      "{} {}", name_of(first.limit),
      placed(first.place, with_error ? error_of(scenario, first.limit, first.place) : std::optional<Error>{}));
  if (binding.size() > 1) text += fmt::format(" and {}", counted(binding.size() - 1, "more places"));
  return text;
}

std::string worded(const Scenario& scenario, const FirstToBreak& first) {
  return fmt::format("{} first at {}", first.open ? "may break" : "breaks", worded(scenario, first.limits, true));
}

std::string next_of(const Scenario& scenario, const std::optional<analysis::Rung>& rung) {
  if (!rung || rung->binding.empty()) return {};
  return fmt::format("; next at {}: {}", grouped(rung->capacity), worded(scenario, rung->binding, false));
}

// ---- workloads whose connections end
// The workload whose connections come faster than this place gets its ports back, if any.
const analysis::SteadyState* overrun(const analysis::Capacity& capacity, Limit limit, const Place& place) {
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (limit == steady.limit && steady.place == place && steady.first_failure_after) return &steady;
  }
  return nullptr;
}

std::string worded(const Scenario& scenario, const PlacedLimit& limit) {
  return fmt::format("{} {}", name_of(limit.limit), placed(limit.place, error_of(scenario, limit.limit, limit.place)));
}

std::string ports_of(const Scenario& scenario, const analysis::SteadyState& steady) {
  return worded(scenario, {steady.limit, steady.place});
}

std::string first_above(const Scenario& scenario, const analysis::SteadyState& steady) {
  return fmt::format("{}: {}", above_rate(scenario, steady), worded(scenario, narrowest(steady)));
}

// What bounds the rate, where something else breaks first. `when`: its first failure, where that is known.
std::string in_the_long_run(const Scenario& scenario, const analysis::SteadyState& steady,
                            const std::string& when = {}) {
  return fmt::format("in the long run{} {}", when.empty() ? "" : fmt::format(", {}:", when),
                     worded(scenario, narrowest(steady)));
}

// ---- where nothing fails
std::string beyond(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (const analysis::SteadyState* steady = leading(capacity); steady != nullptr) {
    if (steady->would_fail_after && !steady->bound_by)
      return fmt::format("first {}: {}", after_so_many(*steady->would_fail_after, steady->would_fail_at),
                         ports_of(scenario, *steady));
    if (steady->offered_more) return in_the_long_run(scenario, *steady);
  }
  if (capacity.ladder.empty() || capacity.ladder.front().binding.empty()) {
    const analysis::SteadyState* steady = rate_that_binds(capacity, std::numeric_limits<std::uint64_t>::max());
    return steady == nullptr ? std::string{} : first_above(scenario, *steady);
  }
  const analysis::Rung& rung = capacity.ladder.front();
  if (const analysis::SteadyState* steady = rate_that_binds(capacity, rung.capacity.min))
    return first_above(scenario, *steady);
  return fmt::format("first at {}: {}", grouped(rung.capacity), worded(scenario, rung.binding, true));
}

std::string nothing_breaks(bool lost, const std::string& what_would) {
  const std::string nothing = lost ? "nothing else breaks" : "nothing breaks";
  return what_would.empty() ? nothing : nothing + "; " + what_would;
}

// More are established than accepted, and all that are asked for are: nobody is refused.
bool all_may_wait(const analysis::Capacity& capacity) {
  return capacity.established.min >= capacity.asked && capacity.capacity.max < capacity.asked;
}

// Whoever waits is accepted once others are gone, late as that may be.
bool all_are_served_in_the_end(const Scenario& scenario) {
  return !scenario.end && std::none_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
    return std::holds_alternative<HoldForever>(named.second.hold);
  });
}

// They wait for ever, since a program that would accept them is told that it has no descriptor.
bool accept_is_refused(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (!all_may_wait(capacity) || capacity.binding.empty() || only_unaccepted(capacity.binding)) return false;
  const bool for_nobody = std::all_of(capacity.binding.begin(), capacity.binding.end(),
                                      [](const analysis::Binding& one) { return one.capacity.max == 0; });
  return for_nobody || !analysis::some_end(scenario) || analysis::too_many_stay(scenario, capacity.binding);
}

// Nothing failed in a run, though something binds: where few failures are a matter of chance, where those that are
// refused wait, and where a run is over before its ports run out.
std::string beyond_run(const Scenario& scenario, const analysis::Capacity& capacity,
                       const RunResult* result = nullptr) {
  for (const analysis::Binding& one : capacity.binding) {
    const analysis::SteadyState* steady = overrun(capacity, one.limit, one.place);
    if (steady == nullptr) continue;
    return fmt::format("first {}: {}", after_so_many(*steady->first_failure_after, steady->first_failure_at),
                       ports_of(scenario, *steady));
  }
  if (const auto full = result != nullptr ? used_up(*result) : std::nullopt)
    return fmt::format("at most {} accepted at once: {}", grouped(result->held_peak), worded(scenario, *full));
  const bool of_ladder = capacity.binding.empty() && !capacity.ladder.empty();
  const analysis::Interval& count = of_ladder ? capacity.ladder.front().capacity : capacity.capacity;
  if (result != nullptr && (of_ladder || !capacity.binding.empty()) && held_more_than(*result, count)) return {};
  const analysis::SteadyState* const slow = slow_to_accept(capacity);
  if (slow != nullptr && slow->offered_more && !capacity.binding.empty() && !only_unaccepted(capacity.binding))
    return in_the_long_run(scenario, *slow);
  if (capacity.binding.empty()) return beyond(scenario, capacity);
  const std::string first = worded(scenario, capacity.binding, true);
  return all_may_wait(capacity) ? fmt::format("at most {} accepted at once: {}", grouped(capacity.capacity), first)
                                : fmt::format("first at {}: {}", grouped(capacity.capacity), first);
}

// What an analysis leaves out and a run does not.
std::string not_looked_at(const analysis::Capacity& capacity) {
  if (capacity.left_out.empty()) return {};
  return fmt::format("; {} are not looked at", fmt::join(capacity.left_out, ", "));
}

// What a run has looked at, and what says what comes beyond it has not.
std::string not_looked_at_beyond(const analysis::Capacity* capacity) {
  if (capacity == nullptr || capacity->left_out.empty()) return {};
  return fmt::format("; beyond this run {} are not looked at", fmt::join(capacity->left_out, ", "));
}

// Connections that end leave TIME_WAIT entries: how many and how long decides when their ports come back.
void add_limits_of(const analysis::Capacity& capacity, std::vector<PlacedLimit>& limits) {
  const auto add = [&](const std::vector<analysis::Binding>& binding) {
    for (const analysis::Binding& one : binding) limits.push_back({one.limit, one.place});
  };
  add(capacity.binding);
  add(capacity.refusing);
  if (!capacity.ladder.empty()) add(capacity.ladder.front().binding);
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    limits.push_back({steady.limit, steady.place});
    limits.push_back({Limit::time_wait_buckets, steady.place});
    if (steady.bound_by) limits.push_back(*steady.bound_by);
  }
}

std::string unsourced_words(const Scenario& scenario, const RunResult* result, const analysis::Capacity* capacity) {
  std::vector<PlacedLimit> limits;
  if (capacity != nullptr) add_limits_of(*capacity, limits);
  if (result != nullptr) {
    if (result->binding) limits.push_back(*result->binding);
    for (const LimitUse& use : result->limits) {
      if (use.exhausted) limits.push_back({use.limit, use.place});
    }
    for (const auto& [name, workload] : result->workloads) {
      for (const Failure& failure : workload.failures) limits.push_back({failure.limit, failure.place});
    }
  }
  const std::string figures = unsourced_figures(scenario, limits);
  return figures.empty() ? figures : fmt::format("; unsourced: {}", figures);
}

// A queue is one thing, whether a client tells of it or its server.
bool is_of_same_stage(const PlacedLimit& binding, const analysis::SteadyState& steady) {
  const PlacedLimit bound = narrowest(steady);
  if (binding == bound) return true;
  if (binding.limit != bound.limit) return false;
  if (binding.limit == Limit::listen_backlog) return true;
  // A client that names its ports is told of one way out; they are the same towards all.
  const HostPlace* mine = binding.place.host();
  const HostPlace* other = bound.place.host();
  return binding.limit == Limit::port_in_use && mine != nullptr && other != nullptr && *mine == *other;
}

// Of an analysis, where short connections fail. Nothing: a cut alone says what does.
std::string how_it_breaks(const Scenario& scenario, const analysis::Capacity& capacity,
                          const analysis::SteadyState& steady) {
  const auto breaks = [](bool open) { return open ? "may break" : "breaks"; };
  const auto queue_fills = [&] {
    // Ports that run out at a moment which nobody knows may be met before anybody is told of the queue.
    const bool open =
        steady.bound_fails == analysis::BoundFails::perhaps || (steady.first_failure_after && !steady.first_failure_at);
    const std::string first = fmt::format("{} first at {}", breaks(open), worded(scenario, *steady.overflows));
    const bool narrowest_too = !steady.offered_more || is_of_same_stage(*steady.overflows, steady);
    return narrowest_too ? first : fmt::format("{}; {}", first, in_the_long_run(scenario, steady));
  };
  std::vector<analysis::Binding> cut;
  for (const analysis::Binding& one : capacity.binding) {
    if (overrun(capacity, one.limit, one.place) == nullptr) cut.push_back(one);
  }
  // Those that wait for a program are told of nothing; those that its queue has no place for are.
  const bool only_waits =
      all_may_wait(capacity) && only_unaccepted(cut) && (steady.overflows || steady.first_failure_after);
  const bool ports_fail_meanwhile =
      all_may_wait(capacity) && steady.first_failure_after && all_are_served_in_the_end(scenario);
  const bool ports_lead = !capacity.binding.empty() &&
                          overrun(capacity, capacity.binding.front().limit, capacity.binding.front().place) == &steady;
  const bool cut_refuses =
      capacity.capacity.max < capacity.asked && !cut.empty() && !only_waits && !ports_fail_meanwhile && !ports_lead;
  if (cut_refuses) {
    // All that chance may bring together are too many for the cut, and far fewer are for the pace.
    if (capacity.binding_is_open && steady.overflows && steady.bound_by == steady.overflows && !steady.offered_more)
      return queue_fills();
    const bool is_it = std::any_of(cut.begin(), cut.end(), [&](const analysis::Binding& one) {
      return is_of_same_stage({one.limit, one.place}, steady);
    });
    if (is_it || !steady.offered_more) return {};
    // Those that are not accepted wait, and ports run out meanwhile: whether any of them waits to the end is not known.
    if (all_may_wait(capacity) && steady.first_failure_after) {
      const std::string when =
          steady.bound_by ? "" : after_so_many(*steady.first_failure_after, steady.first_failure_at);
      return fmt::format("{}; {}", worded(scenario, FirstToBreak{cut, true}), in_the_long_run(scenario, steady, when));
    }
    // Those that are refused take no ports: nobody knows when the others have them all.
    const std::string what = what_breaks(scenario, capacity);
    const std::string pace = in_the_long_run(scenario, steady);
    return what.ends_with(pace) ? what : fmt::format("{}; {}", what, pace);
  }
  const bool ports_first =
      steady.first_failure_at && !steady.failure_is_open && *steady.first_failure_at <= steady.overflows_from;
  if (steady.overflows && !ports_first) return queue_fills();
  if (!steady.first_failure_after) return {};
  // Whoever comes to nobody is told at once, and long before the ports of the others run out.
  const bool to_nobody = !capacity.binding.empty() && analysis::all_told_at_once(capacity.binding);
  if (to_nobody && !steady.overflows)
    return fmt::format(
        "{}; {}", worded(scenario, FirstToBreak{cut, capacity.binding_is_open}),
        in_the_long_run(scenario, steady, after_so_many(*steady.first_failure_after, steady.first_failure_at)));
  const std::string first = fmt::format("{} first at {} {}", breaks(steady.failure_is_open), ports_of(scenario, steady),
                                        after_so_many(*steady.first_failure_after, steady.first_failure_at));
  return steady.overflows && steady.offered_more && steady.bound_by
             ? fmt::format("{}; {}", first, in_the_long_run(scenario, steady))
             : first;
}

std::string sentence_of(const Scenario& scenario, const RunResult& result, const analysis::Capacity* analysed) {
  const std::optional<analysis::Capacity> left =
      analysed != nullptr ? std::optional(not_refuted(scenario, result, *analysed)) : std::nullopt;
  const analysis::Capacity* const capacity = left ? &*left : nullptr;
  const HeldByARun sum = held_by(result);
  const analysis::SteadyState* steady = capacity != nullptr ? leading(scenario, result, *capacity) : nullptr;
  std::string text = lead(held_words(sum), steady);
  if (!result.binding)
    return text + "; " +
           nothing_breaks(sum.lost + sum.had_before > 0,
                          capacity != nullptr ? beyond_run(scenario, *capacity, &result) : std::string{}) +
           not_looked_at_beyond(capacity);

  const PlacedLimit& binding = *result.binding;
  const Failure* told = told_of(scenario, result, binding);
  std::optional<Error> error;
  if (told != nullptr) {
    error = told->error;
  } else if (result.untold || binding.limit != Limit::listen_backlog) {  // the end of a handshake is told to nobody
    error = error_of(scenario, binding.limit, binding.place);
  }
  const std::string failed = share_that_failed(scenario, result);
  text += fmt::format("{}; breaks first at {} {}", failed, name_of(binding.limit), placed(binding.place, error));
  const bool leads = steady != nullptr && steady->offered_more;
  if (!failed.empty() || leads) {
    if (const std::string when = when_it_broke(scenario, result); !when.empty()) {
      text += fmt::format(" {}", when);
    } else if (told != nullptr) {
      text +=
          fmt::format(" {}", after_so_many(analysis::Interval::exactly(told->first_after_established), told->first_at));
    }
  }
  if (leads)
    return is_of_same_stage(binding, *steady)
               ? text
               : fmt::format("{}; {}", text, in_the_long_run(scenario, *steady, when_met(result, *steady)));
  if (capacity == nullptr) return text;
  const auto rung = next_after(scenario, binding, *capacity);
  const std::string next = rung && held_more_than(result, rung->capacity) ? std::string{} : next_of(scenario, rung);
  return next.empty() ? text : text + next + not_looked_at_beyond(capacity);
}

std::string sentence_of(const Scenario& scenario, const analysis::Capacity& capacity) {
  std::string held = counted(capacity.held, "connections");
  if (accept_is_refused(scenario, capacity)) {
    const analysis::Interval waiting{capacity.asked - capacity.capacity.max, capacity.asked - capacity.capacity.min};
    held += fmt::format(" ({} more {} for accept())", grouped(waiting), waiting.max == 1 ? "waits" : "wait");
  }
  const analysis::SteadyState* steady = leading(capacity);
  const std::string text = lead(held, steady);
  if (steady != nullptr) {
    if (const std::string how = how_it_breaks(scenario, capacity, *steady); !how.empty())
      return text + "; " + how + not_looked_at(capacity);
  }
  return text + "; " + what_breaks(scenario, capacity) + not_looked_at(capacity);
}

}  // namespace

std::string verdict_sentence(const Scenario& scenario, const RunResult& result, const analysis::Capacity* capacity) {
  return sentence_of(scenario, result, capacity) + unsourced_words(scenario, &result, capacity);
}

std::string verdict_sentence(const Scenario& scenario, const analysis::Capacity& capacity) {
  return sentence_of(scenario, capacity) + unsourced_words(scenario, nullptr, &capacity);
}

std::string what_breaks(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (capacity.binding.empty()) return nothing_breaks(false, beyond(scenario, capacity));
  if (all_may_wait(capacity) && !accept_is_refused(scenario, capacity)) {
    // All that come at once may wait, and ports run out in time all the same.
    for (const analysis::Binding& one : capacity.binding) {
      const analysis::SteadyState* runs_out = overrun(capacity, one.limit, one.place);
      if (runs_out == nullptr || runs_out->failure_is_open) continue;
      return fmt::format("breaks first at {} {}", ports_of(scenario, *runs_out),
                         after_so_many(*runs_out->first_failure_after, runs_out->first_failure_at));
    }
    return nothing_breaks(false, beyond_run(scenario, capacity));
  }
  FirstToBreak first = first_to_break(capacity);
  if (first.limits.empty()) first = {capacity.binding, capacity.binding_is_open};  // no client is refused
  if (only_unaccepted(capacity.binding) && !capacity.refusing.empty()) {
    std::set<PlacedLimit> lifted;
    for (const analysis::Binding& one : first.limits) lifted.insert({one.limit, one.place});
    return worded(scenario, first) + next_of(scenario, next_once_lifted(scenario, lifted, capacity));
  }
  // What runs out of ports in time stands beside the cut, and on the ladder by its count: it is not next, too.
  const analysis::Binding& named = first.limits.front();
  const auto names_it = [&](const analysis::Rung& rung) {
    return std::any_of(rung.binding.begin(), rung.binding.end(), [&](const analysis::Binding& one) {
      return one.limit == named.limit && one.place == named.place;
    });
  };
  const auto next = std::find_if_not(capacity.ladder.begin(), capacity.ladder.end(), names_it);
  return worded(scenario, first) +
         (next == capacity.ladder.end() ? std::string{} : next_of(scenario, std::optional(*next)));
}

FirstToBreak first_to_break(const analysis::Capacity& capacity) {
  if (capacity.binding.empty() || all_may_wait(capacity)) return {};
  if (only_unaccepted(capacity.binding) && !capacity.refusing.empty())
    return {capacity.refusing, capacity.refusing_is_open};
  return {capacity.binding, capacity.binding_is_open};
}

}  // namespace netlimits::report

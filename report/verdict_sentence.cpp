// Which error a limit shows at its place; the words for one binding limit; then the sentences of a run and of an
// analysis.
#include "report/verdict_sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "model/scenario/source_choice.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "report/forms/number_text.hpp"
#include "report/next_limit.hpp"
#include "report/unsourced.hpp"

namespace netlimits::report {
namespace {

// What the programs that connect see when a server refuses them, or does not answer. Nothing: not all see the same.
std::optional<Error> error_of_clients(const Scenario& scenario, bool refuses) {
  std::set<Error> errors;
  for (const auto& [name, workload] : scenario.workloads) {
    const Rules& rules = scenario.hosts.at(workload.from_host).profile->rules;
    errors.insert(refuses ? rules.connection_refused : rules.timed_out);
  }
  return errors.size() == 1 ? std::optional(*errors.begin()) : std::nullopt;
}

// What a program sees when this limit refuses it, by the rules of the host whose place it is. Nothing: no call tells.
std::optional<Error> error_of(const Scenario& scenario, Limit limit, const Place& place) {
  const HostPlace* host = place.host();
  const auto found = host != nullptr ? scenario.hosts.find(std::string(host->name.view())) : scenario.hosts.end();
  if (found == scenario.hosts.end()) return std::nullopt;
  const auto& [name, group] = *found;
  const Rules& rules = group.profile->rules;
  switch (limit) {
    case Limit::fd_per_process:
      return rules.descriptors_exhausted;
    case Limit::fd_per_host:
      return rules.files_exhausted;
    case Limit::ephemeral_ports: {
      // bind() and connect() tell the same shortage differently: it depends on the workloads that draw from the pool.
      bool by_bind = false;
      bool by_connect = false;
      for (const auto& [workload_name, workload] : scenario.workloads) {
        if (workload.from_host != name) continue;
        const bool binds =
            std::holds_alternative<BindAddress>(workload.bind) ||
            (std::holds_alternative<BindAddressNoPort>(workload.bind) && !rules.has(Rule::option_bind_no_port));
        (binds ? by_bind : by_connect) = true;
      }
      if (by_bind && by_connect) return std::nullopt;
      return by_bind ? rules.ports_exhausted_bind : rules.ports_exhausted_connect;
    }
    case Limit::four_tuple:
      return rules.four_tuple_taken;
    case Limit::port_in_use:
      return rules.address_in_use;
    case Limit::listen_backlog:
    case Limit::syn_backlog:
      return error_of_clients(scenario, rules.has(Rule::accept_queue_refuses));
    case Limit::no_listener:
      return rules.connection_refused;
    case Limit::no_route: {
      // Without a source of that family connect() says so itself; else nobody answers, and it depends who is asked.
      const auto* outbound = std::get_if<OutboundPlace>(&place.what);
      const auto* to = outbound != nullptr ? std::get_if<Endpoint>(&outbound->destination) : nullptr;
      if (to == nullptr) return std::nullopt;
      const auto source = SourceChoice(group, 0).towards(to->address);
      return source ? std::nullopt : std::optional(source.error().error);
    }
    default:
      return std::nullopt;
  }
}

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

std::string first_to_break(const Scenario& scenario, const std::vector<analysis::Binding>& first, bool open) {
  return fmt::format("{} first at {}", open ? "may break" : "breaks", worded(scenario, first, true));
}

std::string next_of(const Scenario& scenario, const std::optional<analysis::Rung>& rung) {
  if (!rung || rung->binding.empty()) return {};
  return fmt::format("; next at {}: {}", grouped(rung->capacity), worded(scenario, rung->binding, false));
}

// ---- workloads whose connections end: what counts is how many a second
//
// The workload whose connections come faster than this place gets its ports back, if any.
const analysis::SteadyState* overrun(const analysis::Capacity& capacity, Limit limit, const Place& place) {
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (limit == steady.limit && steady.place == place && steady.first_failure_after) return &steady;
  }
  return nullptr;
}

bool is_offered_more(const analysis::SteadyState& steady) {
  return steady.first_failure_after.has_value() || steady.would_fail_after.has_value();
}

// The one that fails first, of those whose ports do not come back fast enough; nothing: there is none.
const analysis::SteadyState* first_offered_more(const analysis::Capacity& capacity) {
  const analysis::SteadyState* first = nullptr;
  const auto fails_at = [](const analysis::SteadyState& steady) {
    return steady.first_failure_at ? *steady.first_failure_at : *steady.would_fail_at;
  };
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (!is_offered_more(steady)) continue;
    if (first == nullptr || fails_at(steady) < fails_at(*first)) first = &steady;
  }
  return first;
}

// What leads a sentence: "sustains 470.533 of 1000.000 a second, holds 2 connections".
std::string lead(const std::string& held, const analysis::SteadyState* steady) {
  if (steady == nullptr) return "holds " + held;
  return fmt::format("sustains {} of {} a second, holds {}", steady->sustained_text(), steady->offered->text(), held);
}

std::string after_so_many(const analysis::Interval& connections, SimTime at) {
  return fmt::format("after {} connections, at {}", grouped(connections), moment(at));
}

std::string ports_of(const Scenario& scenario, const analysis::SteadyState& steady) {
  return fmt::format("{} {}", name_of(steady.limit),
                     placed(steady.place, error_of(scenario, steady.limit, steady.place)));
}

std::string above_rate(const Scenario& scenario, const analysis::SteadyState& steady) {
  return fmt::format("first above {} a second ({} asked for): {}", steady.sustained_text(), steady.offered->text(),
                     ports_of(scenario, steady));
}

// Where nothing fails, would more connections a second fail before more at once do? Then the rate.
const analysis::SteadyState* rate_that_binds(const analysis::Capacity& capacity, std::uint64_t held) {
  using boost::multiprecision::uint128_t;
  const analysis::SteadyState* least = nullptr;
  uint128_t most = uint128_t(held) * 1000 / std::max<std::uint64_t>(1, capacity.asked);  // thousandths of what is asked
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (!steady.offered) continue;
    const uint128_t times = uint128_t(steady.sustained.connections) * steady.offered->per_nanoseconds * 1000 /
                            (uint128_t(steady.sustained.per_nanoseconds) * steady.offered->connections);
    if (times >= most) continue;
    most = times;
    least = &steady;
  }
  return least;
}

// ---- where nothing fails
std::string beyond(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (const analysis::SteadyState* steady = first_offered_more(capacity); steady != nullptr && steady->would_fail_after)
    return fmt::format("first {}: {}", after_so_many(*steady->would_fail_after, *steady->would_fail_at),
                       ports_of(scenario, *steady));
  if (capacity.ladder.empty() || capacity.ladder.front().binding.empty()) {
    const analysis::SteadyState* steady = rate_that_binds(capacity, std::numeric_limits<std::uint64_t>::max());
    return steady == nullptr ? std::string{} : above_rate(scenario, *steady);
  }
  const analysis::Rung& rung = capacity.ladder.front();
  if (const analysis::SteadyState* steady = rate_that_binds(capacity, rung.capacity.min))
    return above_rate(scenario, *steady);
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

bool connections_end(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const auto& named) { return !std::holds_alternative<HoldForever>(named.second.hold); });
}

// They wait for ever, since a program that would accept them is told that it has no descriptor.
bool accept_is_refused(const Scenario& scenario, const analysis::Capacity& capacity) {
  return all_may_wait(capacity) && !connections_end(scenario) && !capacity.binding.empty() &&
         !only_unaccepted(capacity.binding);
}

// Nothing failed in a run, though something binds: where few failures are a matter of chance, where those that are
// refused wait, and where a run is over before its ports run out.
std::string beyond_run(const Scenario& scenario, const analysis::Capacity& capacity) {
  for (const analysis::Binding& one : capacity.binding) {
    const analysis::SteadyState* steady = overrun(capacity, one.limit, one.place);
    if (steady == nullptr) continue;
    return fmt::format("first {}: {}", after_so_many(*steady->first_failure_after, *steady->first_failure_at),
                       ports_of(scenario, *steady));
  }
  if (capacity.binding.empty()) return beyond(scenario, capacity);
  const std::string first = worded(scenario, capacity.binding, true);
  return all_may_wait(capacity) ? fmt::format("at most {} accepted at once: {}", grouped(capacity.capacity), first)
                                : fmt::format("first at {}: {}", grouped(capacity.capacity), first);
}

// ---- what a run counted
struct Counted {
  std::uint64_t attempted = 0;
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;
  std::uint64_t waiting = 0;
  // Of those that only their clients know: whom no server ever had, and whom one had that has no more.
  std::uint64_t never_had = 0;
  std::uint64_t had_before = 0;
};

Counted counted_in(const RunResult& result) {
  Counted sum;
  std::uint64_t established = 0;
  std::uint64_t at_servers = 0;
  for (const auto& [name, workload] : result.workloads) {
    sum.attempted += workload.attempted;
    sum.failed += workload.failed;
    sum.lost += workload.lost;
    established += workload.established;
  }
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process_name, process] : host.processes) {
      sum.waiting += process.queued_at_end;
      at_servers += process.accepted + process.queued_at_end;
    }
  }
  const std::uint64_t unheard = established - std::min(established, at_servers);
  // Some of the lost ones may be among them; of those it is said that they were lost.
  sum.never_had = std::max(std::min(result.believed_at_end, unheard), unheard - std::min(unheard, sum.lost));
  sum.had_before = result.believed_at_end - std::min(result.believed_at_end, unheard);
  return sum;
}

std::string held_words(const RunResult& result, const Counted& sum) {
  std::string text = counted(result.held_peak, "connections");
  std::vector<std::string> beside;
  if (sum.waiting > 0) beside.push_back(fmt::format("{} more wait for accept()", grouped(sum.waiting)));
  if (sum.never_had > 0) beside.push_back(fmt::format("{} more that only their clients know", grouped(sum.never_had)));
  if (sum.had_before > 0)
    beside.push_back(fmt::format("{} at the end only for their clients", grouped(sum.had_before)));
  if (!beside.empty()) text += fmt::format(" ({})", fmt::join(beside, ", "));
  if (sum.lost > 0) text += fmt::format(", {} lost", grouped(sum.lost));
  return text;
}

// The failure that a client saw of the limit that broke first; nothing: no client was told.
const Failure* told_of(const RunResult& result, const PlacedLimit& binding) {
  const Failure* first = nullptr;
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (failure.limit != binding.limit || failure.place != binding.place) continue;
      if (first == nullptr || failure.first_at < first->first_at) first = &failure;
    }
  }
  return first;
}

std::string share_text(std::uint64_t part, std::uint64_t of) {
  const auto thousandths = static_cast<std::uint64_t>(boost::multiprecision::uint128_t(part) * 1000 / of);
  return thousandths == 0 ? "less than 0.1 %" : fmt::format("{}.{} %", thousandths / 10, thousandths % 10);
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

std::string sentence_of(const Scenario& scenario, const RunResult& result, const analysis::Capacity* capacity) {
  const Counted sum = counted_in(result);
  const analysis::SteadyState* steady = capacity != nullptr ? first_offered_more(*capacity) : nullptr;
  std::string text = lead(held_words(result, sum), steady);
  if (!result.binding)
    return text + "; " +
           nothing_breaks(sum.lost + sum.had_before > 0,
                          capacity != nullptr ? beyond_run(scenario, *capacity) : std::string{}) +
           not_looked_at_beyond(capacity);

  const PlacedLimit& binding = *result.binding;
  const Failure* told = told_of(result, binding);
  std::optional<Error> error;
  if (told != nullptr) {
    error = told->error;
  } else if (binding.limit != Limit::listen_backlog) {  // a segment that is dropped there is told to nobody
    error = error_of(scenario, binding.limit, binding.place);
  }
  if (steady != nullptr && sum.failed > 0) text += fmt::format("; {} failed", share_text(sum.failed, sum.attempted));
  text += fmt::format("; breaks first at {} {}", name_of(binding.limit), placed(binding.place, error));
  if (steady != nullptr && told != nullptr)
    return text + " " + after_so_many(analysis::Interval::exactly(told->first_after_established), told->first_at);
  if (capacity == nullptr) return text;
  const std::string next = next_of(scenario, next_after(scenario, binding, *capacity));
  return next.empty() ? text : text + next + not_looked_at_beyond(capacity);
}

std::string sentence_of(const Scenario& scenario, const analysis::Capacity& capacity) {
  std::string held = capacity.capacity.exact() ? counted(capacity.capacity.min, "connections")
                                               : grouped(capacity.capacity) + " connections";
  if (accept_is_refused(scenario, capacity)) {
    const analysis::Interval waiting{capacity.asked - capacity.capacity.max, capacity.asked - capacity.capacity.min};
    held += fmt::format(" ({} more wait for accept())", grouped(waiting));
  }
  const std::string text = lead(held, first_offered_more(capacity));
  for (const analysis::Binding& one : capacity.binding) {
    const analysis::SteadyState* steady = overrun(capacity, one.limit, one.place);
    if (steady == nullptr || capacity.capacity.max < capacity.asked) continue;
    return fmt::format("{}; breaks first at {} {}{}", text, ports_of(scenario, *steady),
                       after_so_many(*steady->first_failure_after, *steady->first_failure_at), not_looked_at(capacity));
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
  if (all_may_wait(capacity) && !accept_is_refused(scenario, capacity))
    return nothing_breaks(false, beyond_run(scenario, capacity));
  if (only_unaccepted(capacity.binding) && !capacity.refusing.empty()) {
    std::set<PlacedLimit> lifted;
    for (const analysis::Binding& one : capacity.refusing) lifted.insert({one.limit, one.place});
    return first_to_break(scenario, capacity.refusing, capacity.refusing_is_open) +
           next_of(scenario, next_once_lifted(scenario, std::move(lifted), capacity));
  }
  std::string sentence = first_to_break(scenario, capacity.binding, capacity.binding_is_open);
  if (!capacity.ladder.empty()) sentence += next_of(scenario, capacity.ladder.front());
  return sentence;
}

}  // namespace netlimits::report

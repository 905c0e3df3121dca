// Which error a limit shows at its place; the words for one binding limit; then the sentences of a run and of an
// analysis.
#include "report/verdict_sentence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

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
      return rules.has(Rule::accept_queue_refuses) ? rules.connection_refused : rules.timed_out;
    case Limit::no_listener:
      return rules.connection_refused;
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

std::string next_of(const Scenario& scenario, const analysis::Rung& rung) {
  if (rung.binding.empty()) return {};
  return fmt::format("; next at {}: {}", grouped(rung.capacity), worded(scenario, rung.binding, false));
}

// The workload whose connections come faster than this place gets its ports back, if any.
const analysis::SteadyState* overrun(const analysis::Capacity& capacity, Limit limit, const Place& place) {
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (limit == Limit::ephemeral_ports && steady.place == place && steady.first_failure_after) return &steady;
  }
  return nullptr;
}

std::string sustained(const analysis::SteadyState& steady) {
  return fmt::format(", sustains {} of {} a second", steady.sustained.text(), steady.offered->text());
}

std::string beyond(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (capacity.ladder.empty() || capacity.ladder.front().binding.empty()) return "nothing breaks";
  const analysis::Rung& rung = capacity.ladder.front();
  return fmt::format("nothing breaks; first at {}: {}", grouped(rung.capacity), worded(scenario, rung.binding, true));
}

// Nothing failed in a run, though something binds: where few failures are a matter of chance, where those that are
// refused wait, and where a run is over before its ports run out.
std::string beyond_run(const Scenario& scenario, const analysis::Capacity& capacity) {
  for (const analysis::Binding& one : capacity.binding) {
    const analysis::SteadyState* steady = overrun(capacity, one.limit, one.place);
    if (steady == nullptr) continue;
    return fmt::format("nothing breaks; first after {} connections: {} {}{}", grouped(*steady->first_failure_after),
                       name_of(one.limit), placed(one.place, error_of(scenario, one.limit, one.place)),
                       sustained(*steady));
  }
  if (capacity.binding.empty()) return beyond(scenario, capacity);
  const std::string first = worded(scenario, capacity.binding, true);
  if (capacity.established.min >= capacity.asked && capacity.capacity.max < capacity.asked)
    return fmt::format("nothing breaks; at most {} accepted: {}", grouped(capacity.capacity), first);
  return fmt::format("nothing breaks; first at {}: {}", grouped(capacity.capacity), first);
}

// The first rung of the ladder that the run's own binding limit is not part of.
std::string next_after(const Scenario& scenario, const PlacedLimit& binding, const analysis::Capacity& capacity) {
  const auto is_part = [&](const std::vector<analysis::Binding>& of) {
    return std::any_of(of.begin(), of.end(), [&](const analysis::Binding& one) {
      return one.limit == binding.limit && one.place == binding.place;
    });
  };
  bool met = is_part(capacity.binding);
  for (const analysis::Rung& rung : capacity.ladder) {
    if (is_part(rung.binding)) {
      met = true;
    } else if (met) {
      return next_of(scenario, rung);
    }
  }
  return {};
}

}  // namespace

std::string verdict_sentence(const Scenario& scenario, const RunResult& result, const analysis::Capacity* capacity) {
  std::uint64_t open = 0;
  std::uint64_t lost = 0;
  for (const auto& [name, workload] : result.workloads) {
    open += workload.peak_open;
    lost += workload.lost;
  }
  std::uint64_t waiting = 0;
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process_name, process] : host.processes) waiting += process.queued_at_end;
  }
  // After a loss the peak lies before it, and those that wait at the end are others.
  waiting = lost > 0 ? 0 : std::min(waiting, open);
  std::string text = "holds " + counted(open - waiting, "connections");
  if (waiting > 0) text += fmt::format(" ({} more wait for accept())", grouped(waiting));
  if (!result.binding) return text + "; " + (capacity != nullptr ? beyond_run(scenario, *capacity) : "nothing breaks");

  const PlacedLimit& binding = *result.binding;
  std::optional<Error> error;
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (!error && failure.limit == binding.limit && failure.place == binding.place) error = failure.error;
    }
  }
  if (!error) error = error_of(scenario, binding.limit, binding.place);
  const analysis::SteadyState* steady =
      capacity != nullptr ? overrun(*capacity, binding.limit, binding.place) : nullptr;
  if (steady != nullptr) text += sustained(*steady);
  text += fmt::format("; breaks first at {} {}", name_of(binding.limit), placed(binding.place, error));
  if (capacity != nullptr && steady == nullptr) text += next_after(scenario, binding, *capacity);
  return text;
}

std::string verdict_sentence(const Scenario& scenario, const analysis::Capacity& capacity) {
  const std::string text = "holds " + (capacity.capacity.exact() ? counted(capacity.capacity.min, "connections")
                                                                 : grouped(capacity.capacity) + " connections");
  if (capacity.binding.empty()) return text + "; " + beyond(scenario, capacity);
  for (const analysis::Binding& one : capacity.binding) {
    const analysis::SteadyState* steady = overrun(capacity, one.limit, one.place);
    if (steady == nullptr || capacity.capacity.max < capacity.asked) continue;
    return fmt::format("{}{}; breaks first at {} {} after {} connections", text, sustained(*steady), name_of(one.limit),
                       placed(one.place, error_of(scenario, one.limit, one.place)),
                       grouped(*steady->first_failure_after));
  }
  return text + "; " + what_breaks(scenario, capacity);
}

std::string what_breaks(const Scenario& scenario, const analysis::Capacity& capacity) {
  if (capacity.binding.empty()) return beyond(scenario, capacity);
  std::string sentence = "breaks first at " + worded(scenario, capacity.binding, true);
  if (!capacity.ladder.empty()) sentence += next_of(scenario, capacity.ladder.front());
  return sentence;
}

}  // namespace netlimits::report

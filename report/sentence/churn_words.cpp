// Which workload leads; then a few words each.
#include "report/sentence/churn_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <tuple>

#include "model/scenario/wiring.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

using boost::multiprecision::uint256_t;

bool is_in(const PlacedLimit& limit, const std::vector<analysis::Binding>& binding) {
  return std::any_of(binding.begin(), binding.end(), [&](const analysis::Binding& one) {
    return one.limit == limit.limit && one.place == limit.place;
  });
}

// The less the sooner it is sure to fail.
std::tuple<int, SimTime> rank(const analysis::SteadyState& steady, const analysis::Capacity& capacity) {
  const bool bound = steady.bound_by && is_in(*steady.bound_by, capacity.binding);
  if (bound && steady.offered_more) return {0, time_zero};
  if (steady.first_failure_after && !steady.failure_is_open) return {0, steady.first_failure_at.value_or(time_zero)};
  if (steady.bound_fails == analysis::BoundFails::surely) return {1, time_zero};
  if (steady.first_failure_after) return {2, steady.first_failure_at.value_or(time_zero)};
  if (steady.bound_fails == analysis::BoundFails::perhaps) return {3, time_zero};
  return {4, steady.would_fail_at.value_or(end_of_time)};
}

bool leads(const analysis::SteadyState& steady) {
  return steady.offered_more || steady.first_failure_after.has_value() || steady.overflows.has_value();
}

std::string share_text(std::uint64_t part, std::uint64_t of) {
  const auto thousandths = static_cast<std::uint64_t>(uint256_t(part) * 1000 / of);
  return thousandths == 0 ? "less than 0.1 %" : fmt::format("{}.{} %", thousandths / 10, thousandths % 10);
}

// The workload whose failure was the first of the limit that binds; nothing: no client was told.
const std::string* met_by(const RunResult& result, const PlacedLimit& binding) {
  const std::string* first = nullptr;
  SimTime at = end_of_time;
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (failure.limit != binding.limit || failure.place != binding.place || failure.first_at >= at) continue;
      first = &name;
      at = failure.first_at;
    }
  }
  return first;
}

}  // namespace

const analysis::SteadyState* leading(const analysis::Capacity& capacity) {
  const analysis::SteadyState* first = nullptr;
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (!leads(steady)) continue;
    if (first == nullptr || rank(steady, capacity) < rank(*first, capacity)) first = &steady;
  }
  return first;
}

const analysis::SteadyState* leading(const Scenario& scenario, const RunResult& result,
                                     const analysis::Capacity& capacity) {
  if (!result.binding) return leading(capacity);
  const auto state_of = [&](const std::string& workload) -> const analysis::SteadyState* {
    const auto found = std::find_if(capacity.steady_state.begin(), capacity.steady_state.end(),
                                    [&](const analysis::SteadyState& one) { return one.workload == workload; });
    return found == capacity.steady_state.end() ? nullptr : &*found;
  };
  if (const std::string* workload = met_by(result, *result.binding)) {
    if (const analysis::SteadyState* steady = state_of(*workload)) return steady;
  }
  // No client was told, or one whose connections stay: whoever else uses what is full.
  const Wiring wiring(scenario);
  const analysis::SteadyState* first = nullptr;
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    if (!leads(steady) || !uses_place(wiring, scenario.workloads.at(steady.workload), *result.binding)) continue;
    if (first == nullptr || rank(steady, capacity) < rank(*first, capacity)) first = &steady;
  }
  return first;
}

std::string lead(const std::string& held, const analysis::SteadyState* steady) {
  if (steady == nullptr || !steady->offered_more) return "holds " + held;
  const std::string of_all =
      steady->together.empty() ? "" : fmt::format(" ({} workloads together)", steady->together.size());
  return fmt::format("sustains {} of {} a second{}, holds {}", steady->sustained_text(),
                     steady->offered->nearest_text(), of_all, held);
}

std::string above_rate(const Scenario& scenario, const analysis::SteadyState& steady) {
  const bool drawn = std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const auto& [name, workload] = named;
    const bool is_one = name == steady.workload ||
                        std::find(steady.together.begin(), steady.together.end(), name) != steady.together.end();
    return is_one && (std::holds_alternative<PoissonRate>(workload.arrivals) ||
                      std::holds_alternative<HoldExponential>(workload.hold));
  });
  const std::string together =
      steady.together.empty() ? "" : fmt::format(" by {} workloads together", steady.together.size());
  const std::string rate = !drawn && steady.sure_up_to && !steady.sustained_at_most
                               ? fmt::format("{} to {}", steady.sure_up_to->text(), steady.sustained_text())
                               : steady.sustained_text();
  return fmt::format("first above {}{} a second ({} asked for{})", drawn ? "about " : "", rate,
                     steady.offered->nearest_text(), together);
}

std::string after_so_many(const analysis::Interval& connections, const std::optional<SimTime>& at) {
  const std::string after = "after " + counted(connections, "connections");
  return at ? fmt::format("{}, at {}", after, moment(*at)) : after;
}

PlacedLimit narrowest(const analysis::SteadyState& steady) {
  return steady.bound_by.value_or(PlacedLimit{steady.limit, steady.place});
}

const analysis::SteadyState* rate_that_binds(const analysis::Capacity& capacity, std::uint64_t held) {
  const analysis::SteadyState* least = nullptr;
  uint256_t most = uint256_t(held) * 1000 / std::max<std::uint64_t>(1, capacity.asked);  // thousandths of what is asked
  for (const analysis::SteadyState& steady : capacity.steady_state) {
    // As nothing fails although more is asked for: it is no rate that something fails above.
    if (!steady.offered || analysis::above(*steady.offered, steady.sustained)) continue;
    const uint256_t times = uint256_t(steady.sustained.connections) * steady.offered->per_nanoseconds * 1000 /
                            (uint256_t(steady.sustained.per_nanoseconds) * steady.offered->connections);
    if (times >= most) continue;
    most = times;
    least = &steady;
  }
  return least;
}

const analysis::SteadyState* slow_to_accept(const analysis::Capacity& capacity) {
  const auto found =
      std::find_if(capacity.steady_state.begin(), capacity.steady_state.end(), [](const analysis::SteadyState& one) {
        return one.bound_by && one.bound_by->limit == Limit::listen_backlog && one.offered;
      });
  return found == capacity.steady_state.end() ? nullptr : &*found;
}

std::string share_that_failed(const Scenario& scenario, const RunResult& result) {
  std::uint64_t attempted = 0;
  std::uint64_t failed = 0;
  bool some_end = false;
  bool some_again = false;
  for (const auto& [name, workload] : result.workloads) {
    attempted += workload.attempted;
    failed += workload.failed;
    const bool ends = !std::holds_alternative<HoldForever>(scenario.workloads.at(name).hold);
    some_end = some_end || (ends && workload.failed > 0);
    const Retry& retry = scenario.workloads.at(name).retry;
    some_again = some_again || retry.attempts > 0 || retry.reconnect;
  }
  if (!some_end) return {};
  return fmt::format("; {} {}failed", share_text(failed, attempted), some_again ? "of the attempts " : "");
}

std::string when_it_broke(const Scenario& scenario, const RunResult& result) {
  if (!result.binding || !result.first_break) return {};
  const Wiring wiring(scenario);
  std::uint64_t sum = 0;
  for (const auto& [name, count] : result.first_break->let_through) {
    if (uses_place(wiring, scenario.workloads.at(name), *result.binding)) sum += count;
  }
  sum -= std::min(sum, result.first_break->refused);
  return after_so_many(analysis::Interval::exactly(sum), result.first_break->at);
}

}  // namespace netlimits::report

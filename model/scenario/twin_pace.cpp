// How long a scenario lasts, and the same scenario in less time.
#include "model/scenario/twin_pace.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits {
namespace {

Duration longest_hold(const Workload& workload) {
  if (const auto* constant = std::get_if<HoldConstant>(&workload.hold)) return constant->time;
  // Of many exponential times the longest is some ten means.
  if (const auto* drawn = std::get_if<HoldExponential>(&workload.hold)) return bounded_product(drawn->mean, 10);
  return Duration::zero();
}

Duration last_arrival(const Workload& workload) {
  const Duration start = workload.start.time_since_epoch();
  const auto after = [start](Duration time) { return bounded_sum(start, time); };
  if (const auto* constant = std::get_if<ConstantRate>(&workload.arrivals))
    return after(bounded_product(constant->interval, workload.connections));
  const auto at_rate = [&](std::uint64_t per_second_milli) {
    if (per_second_milli == 0) return Duration::zero();
    const std::uint64_t seconds = bounded_product(workload.connections, milli_per_arrival) / per_second_milli;
    return bounded_product(std::chrono::seconds(1), seconds);
  };
  if (const auto* poisson = std::get_if<PoissonRate>(&workload.arrivals))
    return after(at_rate(poisson->per_second_milli));
  if (const auto* ramp = std::get_if<RampRate>(&workload.arrivals))
    return after(bounded_sum(ramp->over, at_rate(std::max(ramp->from_milli, ramp->to_milli))));
  return start;
}

// About how long a run takes, without what the kernel's own timers add.
Duration span_of(const Scenario& scenario) {
  if (scenario.end) return scenario.end->time_since_epoch();
  Duration span{};
  for (const auto& [name, workload] : scenario.workloads)
    span = std::max(span, bounded_sum(last_arrival(workload), longest_hold(workload)));
  for (const Event& event : scenario.events) span = std::max(span, event.at.time_since_epoch());
  return span;
}

// Does a connection end by FIN, so that somebody holds a TIME_WAIT entry for 60 s whatever the scenario's clock says?
bool leaves_time_wait(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& each) {
    // A gateway keeps the port of what was reset, too, by a clock of its own.
    return !std::holds_alternative<HoldForever>(each.second.hold) &&
           (each.second.closer != Closer::reset || !scenario.gateways.empty());
  });
}

SimTime sooner(SimTime at, std::int64_t times) { return SimTime(at.time_since_epoch() / times); }

// What takes time goes on taking some: an interval or a window of none would be another scenario.
void shorten(Duration& time, std::int64_t times) {
  if (time > Duration::zero()) time = std::max(Duration(1), time / times);
}

void run_faster(Scenario& scenario, std::int64_t times) {
  if (scenario.end) scenario.end = sooner(*scenario.end, times);
  if (scenario.window) shorten(*scenario.window, times);
  for (Event& event : scenario.events) event.at = sooner(event.at, times);
  for (auto& [name, balancer] : scenario.balancers) shorten(balancer.notices_after, times);
  for (auto& [name, group] : scenario.hosts) {
    for (Process& process : group.processes) {
      for (Listener& listener : process.listeners) {
        if (auto* paced = std::get_if<AcceptPaced>(&listener.accept)) shorten(paced->interval, times);
      }
    }
  }
  const auto more = static_cast<std::uint64_t>(times);
  for (auto& [name, workload] : scenario.workloads) {
    workload.start = sooner(workload.start, times);
    shorten(workload.retry.after, times);
    if (auto* constant = std::get_if<HoldConstant>(&workload.hold)) shorten(constant->time, times);
    if (auto* drawn = std::get_if<HoldExponential>(&workload.hold)) shorten(drawn->mean, times);
    if (auto* constant = std::get_if<ConstantRate>(&workload.arrivals)) shorten(constant->interval, times);
    if (auto* poisson = std::get_if<PoissonRate>(&workload.arrivals))
      poisson->per_second_milli = bounded_product(poisson->per_second_milli, more);
    if (auto* ramp = std::get_if<RampRate>(&workload.arrivals)) {
      ramp->from_milli = bounded_product(ramp->from_milli, more);
      ramp->to_milli = bounded_product(ramp->to_milli, more);
      shorten(ramp->over, times);
    }
  }
}

}  // namespace

void fit_into(Twin& twin, const MachineSize& machine) {
  const bool time_wait = leaves_time_wait(twin.scenario);
  const Duration patience = time_wait ? machine.time_wait_patience : machine.patience;
  const Duration span = span_of(twin.scenario);
  if (span <= patience || patience <= Duration::zero()) return;
  if (time_wait) {
    // Its clock cannot run faster than the kernel's 60 s; its beginning can be run.
    twin.scenario.end = SimTime(patience);
    twin.changes.push_back(
        fmt::format("only its first {} s of {} are run: the 60 s of TIME_WAIT cannot be shortened with the rest",
                    patience / std::chrono::seconds(1), span / std::chrono::seconds(1)));
    return;
  }
  const std::int64_t times = (span.count() - 1) / patience.count() + 1;
  run_faster(twin.scenario, times);
  for (Duration& round_trip : twin.round_trips) shorten(round_trip, times);
  twin.changes.push_back(fmt::format("everything happens {} times as fast", times));
}

}  // namespace netlimits

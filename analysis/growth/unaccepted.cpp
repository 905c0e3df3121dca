// Asked of each workload and each of its destinations.
#include "analysis/growth/unaccepted.hpp"

#include <algorithm>

namespace netlimits::analysis {
namespace {

bool lets_wait(const Wiring& wiring, const Target& target) {
  if (target.reach == Reach::held_listener) return true;
  if (target.reach == Reach::listener) {
    const Listener& listener = target.host->processes[target.process].listeners[target.listener];
    return !std::holds_alternative<AcceptImmediately>(listener.accept);
  }
  if (target.reach != Reach::balancer) return false;
  const std::vector<Endpoint>& back_ends = target.balancer->back_ends;
  return std::any_of(back_ends.begin(), back_ends.end(), [&](const Endpoint& back_end) {
    return lets_wait(wiring, wiring.behind(*target.balancer, back_end));
  });
}

// Does a connection begin while another one is on its way, for half as many round trips as `halves`?
bool begin_meanwhile(const Scenario& scenario, const Wiring& wiring, int halves) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    const auto* constant = std::get_if<ConstantRate>(&workload.arrivals);
    return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
      const Target target = wiring.of(workload.from_host, to);
      const auto round_trip = wiring.round_trip(workload.from_host, target);
      if (!round_trip || *round_trip <= Duration::zero()) return false;
      const Duration under_way = *round_trip / 2 * halves;
      return scenario.workloads.size() > 1 || constant == nullptr || constant->interval < under_way;
    });
  });
}

}  // namespace

bool somebody_waits(const Scenario& scenario, const Wiring& wiring) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    return workload.closer == Closer::server &&
           std::any_of(workload.to.begin(), workload.to.end(),
                       [&](const Endpoint& to) { return lets_wait(wiring, wiring.of(workload.from_host, to)); });
  });
}

bool last_segments_may_be_dropped(const Scenario& scenario, const Wiring& wiring) {
  return begin_meanwhile(scenario, wiring, 2);
}

bool servers_hear_late(const Scenario& scenario, const Wiring& wiring) { return begin_meanwhile(scenario, wiring, 3); }

bool let_wait(const std::vector<CutLimit>& limits) {
  return std::any_of(limits.begin(), limits.end(), [](const CutLimit& one) {
    return one.limit == Limit::listen_backlog || one.limit == Limit::syn_backlog || one.limit == Limit::no_route;
  });
}

}  // namespace netlimits::analysis

// What analysis of short connections asks of a planned workload.
#include "analysis/churn/churn_course.hpp"

#include "analysis/churn/never_accepted.hpp"
#include "model/net/bounded_time.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits::analysis {
namespace {

// Do both ends use TCP timestamps?
bool uses_timestamps(const Wiring& wiring, const PlannedWorkload& workload, const Target& target) {
  const bool balanced = target.reach == Reach::balancer && !target.balancer->back_ends.empty();
  const Target end = balanced ? wiring.behind(*target.balancer, target.balancer->back_ends.front()) : target;
  return workload.host->settings.timestamps && (end.host == nullptr || end.host->settings.timestamps);
}

// Round trips that pass while a connection has its port, beside the hold time: the handshake, and FINs going both ways
// (the client waits for the server's FIN; when the server closes first, also for the last ACK).
std::uint64_t round_trips_of(Closer closer) {
  switch (closer) {
    case Closer::client:
      return 2;
    case Closer::server:
      return 3;
    case Closer::reset:
      return 1;
  }
  return 2;
}

}  // namespace

std::optional<Duration> mean_of(const Hold& hold) {
  if (const auto* constant = std::get_if<HoldConstant>(&hold)) return constant->time;
  if (const auto* drawn = std::get_if<HoldExponential>(&hold)) return drawn->mean;
  return std::nullopt;
}

std::optional<Duration> round_trip_of(const Wiring& wiring, const PlannedWorkload& workload, const Target& target) {
  if (target.reach != Reach::listener && target.reach != Reach::balancer) return std::nullopt;
  return wiring.round_trip(workload.host->name, target);
}

Duration gives_up_after(const HostGroup& client) {
  const Rules& rules = client.profile->rules;
  return syn_due(syn_retransmissions(client.settings, rules), client.settings, rules);
}

PortComesBack comes_back(const PlannedWorkload& workload, const std::optional<PoolKind>& kind) {
  if (workload.shares_named_ports()) return PortComesBack::by_bound_connect;
  const bool by_tuple = kind && kind->sharing == PortSharing::four_tuple && !kind->by_bind;
  return by_tuple ? PortComesBack::by_automatic_connect : PortComesBack::with_the_entry;
}

PortCourse course_of(const Wiring& wiring, const PlannedWorkload& workload, std::uint64_t source, std::uint64_t to,
                     const std::optional<PoolKind>& kind, Duration held, Duration round_trip) {
  PortCourse course;
  course.settings = &workload.host->settings;
  course.rules = &workload.host->profile->rules;
  course.comes_back = comes_back(workload, kind);
  course.local = workload.local_address(source, to);
  course.remote = workload.workload->to[to].address;
  const Target target = workload.target(source, to);
  course.timestamps = uses_timestamps(wiring, workload, target);
  if (const auto never = never_accepted(wiring, workload, target); never && never->all)
    course.fin_wait = never->fin_wait;
  course.waits = workload.workload->closer == Closer::client;
  course.until_closed = bounded_sum(held, bounded_product(round_trip, round_trips_of(workload.workload->closer)));
  return course;
}

}  // namespace netlimits::analysis

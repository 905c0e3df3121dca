// The course of a workload's connections: who they reach, how far away that is, and how their ports come back.
#pragma once

#include <cstdint>
#include <optional>

#include "analysis/churn/port_course.hpp"
#include "analysis/client_plan.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Nothing: it never ends by itself.
std::optional<Duration> mean_of(const Hold& hold);

// Nothing: no connection comes up there. Through a balancer the first back end stands for all.
std::optional<Duration> round_trip_of(const Wiring& wiring, const PlannedWorkload& workload, const Target& target);

// So long after its first SYN a client of this host that nobody answers is told that it timed out.
Duration gives_up_after(const HostGroup& client);

// Of the pool's automatic ports; nothing: of those that the workload names.
PortComesBack comes_back(const PlannedWorkload& workload, const std::optional<PoolKind>& kind);

// From one of its sources to one of its destinations. `held`: from established to close().
PortCourse course_of(const Wiring& wiring, const PlannedWorkload& workload, std::uint64_t source, std::uint64_t to,
                     const std::optional<PoolKind>& kind, Duration held, Duration round_trip);

}  // namespace netlimits::analysis

// Workloads that draw on pools of automatic ports, and which of them meet there.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "analysis/churn/never_accepted.hpp"
#include "analysis/churn/port_course.hpp"
#include "analysis/churn/steady_state.hpp"
#include "analysis/client_plan.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/assignment.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// What tells the pools of one host apart.
struct Pool {
  std::optional<IpAddress> local{};
  std::optional<Endpoint> to{};
  auto operator<=>(const Pool&) const = default;
};

struct Drawer {
  const PlannedWorkload* planned = nullptr;
  PoolKind kind{};
  std::optional<Duration> hold{};                       // nothing: for ever
  std::vector<std::optional<Pool>> pools{};             // by source, then destination; nothing: nobody answers there
  std::vector<PortCourse> courses{};                    // the same
  std::vector<std::optional<NeverAccepted>> in_vain{};  // the same
  SteadyState* state = nullptr;                         // what is said of it; null where it never ends

  std::uint64_t way(const Assignment& assigned) const;
  std::set<Pool> all_pools() const;
  // Its connections take their ways in turn: so many ways there are, and so many lead to the pool.
  std::uint64_t ways() const { return pools.size(); }
  std::uint64_t ways_to(const Pool& pool) const;
  // Of the connections that go there those that keep their port longest.
  const PortCourse& course_to(const Pool& pool) const;
  // Do all ways keep a port equally long?
  bool ways_are_alike() const;
  bool arrives_by_law() const;  // else chance has a part in when its connections begin
  bool hold_is_drawn() const;   // ... and in when they end
  // The same, or a server ends them that accepts in a time of its own, or one of their servers never accepts.
  bool end_is_open() const;
  SimTime last() const;  // when the last one begins
};

// Nothing: it names its ports, or reaches nobody.
std::optional<Drawer> drawer_of(const PlannedWorkload& planned, const Wiring& wiring);

// Of one host: ports that those keep whom nobody answers, for as long as they ask, where one pool serves all
// destinations; at most.
std::uint64_t kept_in_vain(const Drawer& drawer, const ClientPlan& plan);

// Those that come to the pool, each at a rate of its own: every program goes round its ways in turns that are its own,
// and comes more than once in a turn where several of them lead there.
std::uint64_t streams_to(const std::vector<Drawer>& drawers, const Pool& pool);

// Of those that would keep their ports for ever, and begin once others have begun that give theirs back, some may find
// none: then the others have these. Requires: first failures are written.
void let_some_stay_out(const std::vector<Drawer>& drawers);

// Workloads of a host that choose their ports in the same way, and meet in some pool, one by way of the other.
std::vector<std::vector<Drawer>> that_meet(std::vector<Drawer> drawers);

}  // namespace netlimits::analysis

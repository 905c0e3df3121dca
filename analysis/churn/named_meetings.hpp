// Workloads of one host that name the same ports: whose TIME_WAIT, or whose connection, is in whose way.
#pragma once

#include <vector>

#include "analysis/churn/steady_state.hpp"
#include "analysis/client_plan.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// May the other one's connections be given a port that mine name? Of one host.
bool may_draw_a_named_port(const HostGroup& host, const Workload& mine, const Workload& other);

// bind() is refused a port that a connection of any workload has, or left in TIME_WAIT
// (net/ipv4/inet_connection_sock.c, inet_csk_get_port: without SO_REUSEADDR at both). Where chance has no part in it,
// the first one that is refused, after those that all of them were let through; else that one may be. Workloads that
// share ports with SO_REUSEADDR are left as they are.
void meet_by_name(std::vector<SteadyState>& states, const ClientPlan& plan, const Wiring& wiring);

}  // namespace netlimits::analysis

// Connections that are established and that nobody accepts, or that only their clients know: can there be any?
#pragma once

#include <set>
#include <vector>

#include "analysis/network_question.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Does a workload whose server closes first reach one that lets its connections wait?
bool somebody_waits(const Scenario& scenario, const Wiring& wiring);

// Handshakes that are under way together are all answered before the first is over: the last segment of those that
// then find the accept queue full is dropped, and their clients take themselves to be connected.
bool last_segments_may_be_dropped(const Scenario& scenario, const Wiring& wiring);

// Do others begin before a server has accepted, or refused, the one before?
bool servers_hear_late(const Scenario& scenario, const Wiring& wiring);

// The listeners that accept at a pace of their own, and that nobody waits for all the same: one workload comes there,
// at a rate that chance has no part in, never faster than they accept.
std::set<const Listener*> listeners_that_keep_up(const Scenario& scenario, const Wiring& wiring);

// Is one of them a limit that makes its clients wait, for a queue or for an answer that nobody sends?
bool let_wait(const std::vector<CutLimit>& limits);

// ... or do they hear of it after a round trip, in which others come to the limits of their own hosts?
bool tells_late(const Scenario& scenario, const Wiring& wiring, const std::vector<CutLimit>& limits);

// Do they refuse nobody, but do not accept those that come?
bool are_unaccepted(const std::vector<CutLimit>& limits);

}  // namespace netlimits::analysis

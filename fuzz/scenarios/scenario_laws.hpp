// What holds of every run of every scenario, and of a run beside what the closed forms claim of the same scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/net/bounded_time.hpp"
#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

struct BrokenLaw {
  std::string law{};   // its name: the same for all scenarios that break it
  std::string what{};  // who breaks it here, with the figures
};

// Conservation laws of a result.
//  - attempted = established + failed + still connecting + vanished with their own host.
//  - established = open at the end + lost + closed: open and lost together are never more, and exactly as many when
//    every connection is held for ever.
//  - who was established was open.
//  - failures add up to `failed`, windows to attempted, established and failed; every moment lies within the run.
//  - no peak is above its capacity or below what is there at the end; what was exhausted has a moment, and nothing else
//    has; the binding limit is there if anything failed.
//  - no server has more connections than clients have established; the figures of several instances lie between the
//    least and the most; a balancer's back ends have no more open than were sent there.
std::vector<BrokenLaw> broken_laws(const Scenario& scenario, const RunResult& result);

// A limit that analysis names, and how many connections it lets through.
struct ClaimedLimit {
  Limit limit{};
  Place place{};
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::optional<Error> error{};  // what a program sees, where it is claimed
};

struct ClaimedRung {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::vector<ClaimedLimit> binding{};
};

// When the first of those fails that share a pool of ports and end by themselves.
struct ClaimedFailure {
  Limit limit{};
  Place place{};
  std::uint64_t after_least = 0;
  std::uint64_t after_most = 0;
  std::optional<SimTime> at{};
  bool open = false;  // chance decides whether any fails
};

// What analysis claims: connections that are accepted, and that both ends have (with those that wait to be accepted),
// at the same time; what binds, what refuses, and what binds next.
struct CapacityClaim {
  std::uint64_t accepted_least = 0;
  std::uint64_t accepted_most = 0;
  std::uint64_t established_least = 0;
  std::uint64_t established_most = 0;
  std::vector<ClaimedLimit> binding{};
  std::vector<ClaimedLimit> refusing{};
  std::vector<ClaimedRung> ladder{};
  std::uint64_t held_most = most_count;  // that both ends have
  bool nothing_breaks = false;           // and nothing was left out that a run looks at
  std::vector<ClaimedFailure> failures{};
  // One of these refuses first. Empty: nobody is refused.
  std::vector<ClaimedLimit> first{};
  bool first_is_open = false;  // ... or another limit does, or none: chance decides
};

// Is every connection held for ever, and does nothing happen but arrivals? What is held at the end is then all that
// ever was.
bool is_plain(const Scenario& scenario);

// Does connect() in a plain scenario come as fast as it is answered, and was nothing lost on the way into a queue? How
// many get through is then no matter of moments.
bool is_gentle(const Scenario& scenario, const RunResult& result);

// Did some of a workload wait in vain that had several ways to go: several destinations, or a balancer with several
// back ends? Until they give up they keep a descriptor that another one could use, and for longer a balancer's turn:
// the next one with their port is sent where they were. Which of them they are follows turns and ports, so that one
// connection more, or other ports, can be one more that waits in vain and one less that is held.
bool some_wait_in_vain(const Scenario& scenario, const RunResult& result);

// Never above the claim: a plain scenario ends with no more accepted, and with no more that both ends have; and no
// workload of any scenario ever has more open, unless a full queue dropped the last segment of a handshake, so that
// clients believe in connections that no server has, or the two ends are apart, and one has closed what the other
// has yet to hear of. Never below it where a plain scenario accepts as fast as
// connections come and none was lost on the way into a queue. Nothing is claimed of scenarios with events: capacity is
// the state before them.
std::vector<BrokenLaw> broken_claims(const Scenario& scenario, const RunResult& result, const CapacityClaim& claim);

// Of connections that end, where nothing is repeated and nothing cuts them off: where nothing breaks, none fails; where
// some run out of ports, they do after so many connections and at that moment, unless something else came first; and
// both ends never have more than is claimed.
std::vector<BrokenLaw> broken_churn_claims(const Scenario& scenario, const RunResult& result,
                                           const CapacityClaim& claim);

// The first failure of the run is at one of the limits claimed, with the error claimed; asked of plain scenarios. Not
// where the claim is open, and not where clients are told late: while they wait for a queue others fail.
std::vector<BrokenLaw> broken_first_refusal(const RunResult& result, const CapacityClaim& claim);

// No more is claimed to be held, or established, than there are four-tuples that ports are there for.
std::vector<BrokenLaw> broken_four_tuples(const Scenario& scenario, const CapacityClaim& claim);

}  // namespace netlimits::fuzz

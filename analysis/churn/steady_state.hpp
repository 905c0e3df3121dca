// What a workload of short connections can sustain: ports / (time that each connection keeps its port), Little's law.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/churn/rate.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

// Where a program accepts at a pace of its own: does any client fail of it before the workload ends?
enum class BoundFails : std::uint8_t { no, perhaps, surely };

struct SteadyState {
  std::string workload{};
  Limit limit = Limit::ephemeral_ports;  // as whoever comes too soon meets it
  Place place{};                         // whose ports are used up
  std::uint64_t pools = 1;               // how many such places there are
  Interval ports{};                      // of one pool, less those that others have for ever
  Duration hold{};                       // from established to close(); where it is drawn, the mean
  Duration round_trip{};
  Duration port_held{};       // by one connection: handshake, hold, close, TIME_WAIT; the longest that it can be
  Duration time_wait{};       // of that
  SustainedRate sustained{};  // of all pools together, with the fewest ports that may come out
  // Several pools of a host share fewer TIME_WAIT entries than they have ports: `sustained` is what they are sure of,
  // and with luck, where each has its share of the entries, it is up to so many; or more than anybody can ask for.
  std::optional<SustainedRate> sustained_at_most{};
  bool sustained_open = false;
  // Several streams meet at its places, and what each brings comes together: none fails for that up to this rate, and
  // some may from there to `sustained`. Nothing: none does up to `sustained`.
  std::optional<SustainedRate> sure_up_to{};
  // What else a connection needs may be free too seldom for what its ports would sustain: then this bounds the rate.
  std::optional<PlacedLimit> bound_by{};
  BoundFails bound_fails = BoundFails::no;
  // The queue that clients find full then, whatever is narrower in the long run, and before when none is told of it.
  std::optional<PlacedLimit> overflows{};
  SimTime overflows_from{};
  // The host keeps fewer TIME_WAIT entries than the pools have ports (net.ipv4.tcp_max_tw_buckets), and what is
  // sustained is what the ports beyond them let through: those are free at once, and `port_held` is theirs.
  bool past_the_buckets = false;
  // The workloads that share `place` with this one, itself among them; empty: none does. Every rate and count below is
  // then of all of them together.
  std::vector<std::string> together{};
  std::optional<SustainedRate> offered{};  // what is asked for; nothing: all come at once
  // Is more asked for than can go on being served?
  bool offered_more = false;
  // Connections until the first failure of one pool, and when; no moment, where chance decides on it.
  std::optional<Interval> first_failure_after{};
  std::optional<SimTime> first_failure_at{};
  bool failure_is_open = false;  // chance decides whether any fails
  bool followed = false;         // one connection after another; chance has no part in any of them
  // The same, did the workload go on at its rate for longer than it does: it ends before.
  std::optional<Interval> would_fail_after{};
  std::optional<SimTime> would_fail_at{};

  std::string sustained_text() const;  // "470.533", "0.459 to 12.000", "at least 0.466"
};

// Is more asked for than can go on being served? Ports that were followed tell it better than their rate, which is that
// of the longest time that each may be held.
bool is_offered_more(const SteadyState& state);

// For each workload whose connections end, in the order of the names: its automatic ports, or the ports that it names.
// Destinations are taken to be as far away as the first one.
std::vector<SteadyState> steady_state(const Scenario& scenario, const Wiring& wiring);

}  // namespace netlimits::analysis

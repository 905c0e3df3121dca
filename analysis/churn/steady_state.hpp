// What a workload of short connections can sustain: ports / (time that each connection keeps its port), Little's law.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/interval.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

// An exact number of connections a second. Printed cut off to three digits, never through binary floating point.
struct SustainedRate {
  std::uint64_t connections = 0;
  std::uint64_t per_nanoseconds = 1;  // more than 0

  std::string text() const;  // "470.533": rounded down
  bool operator==(const SustainedRate&) const = default;
};
bool above(const SustainedRate& a, const SustainedRate& b);  // the higher rate

struct SteadyState {
  std::string workload{};
  Limit limit = Limit::ephemeral_ports;  // as whoever comes too soon meets it
  Place place{};                         // whose ports are used up
  std::uint64_t pools = 1;               // how many such places there are
  Interval ports{};                      // of one pool
  Duration hold{};                       // from established to close(); where it is drawn, the mean
  Duration round_trip{};
  Duration port_held{};       // by one connection: handshake, hold, close, TIME_WAIT; the longest that it can be
  Duration time_wait{};       // of that
  SustainedRate sustained{};  // of all pools together, with the fewest ports that may come out
  // Several pools of a host share fewer TIME_WAIT entries than they have ports: `sustained` is what they are sure of,
  // and with luck, where each has its share of the entries, it is up to so many; or more than anybody can ask for.
  std::optional<SustainedRate> sustained_at_most{};
  bool sustained_open = false;
  // What else a connection needs may be free too seldom for what its ports would sustain: then this bounds the rate.
  std::optional<PlacedLimit> bound_by{};
  // The host keeps fewer TIME_WAIT entries than the pools have ports (net.ipv4.tcp_max_tw_buckets), and what is
  // sustained is what the ports beyond them let through: those are free at once, and `port_held` is theirs.
  bool past_the_buckets = false;
  std::optional<SustainedRate> offered{};  // what the workload asks for, when that is a constant rate
  // When the offered rate is above the sustained one: connections until the first failure of one pool, and when.
  std::optional<Interval> first_failure_after{};
  std::optional<SimTime> first_failure_at{};
  // The same, did the workload go on at its rate for longer than it does: it ends before.
  std::optional<Interval> would_fail_after{};
  std::optional<SimTime> would_fail_at{};

  std::string sustained_text() const;  // "470.533", "0.459 to 12.000", "at least 0.466"
};

// For each workload whose connections end, in the order of the names: its automatic ports, or the ports that it names.
// Destinations are taken to be as far away as the first one.
std::vector<SteadyState> steady_state(const Scenario& scenario, const Wiring& wiring);

// How many connections of each workload are open at the same time when none is refused, in the order of the names: all
// that are asked for, unless they come at a constant rate and are held for a constant time.
std::vector<std::uint64_t> open_at_once(const Scenario& scenario, const Wiring& wiring);

}  // namespace netlimits::analysis

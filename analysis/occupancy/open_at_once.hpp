// How many connections are there at the same time when none is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "analysis/interval.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// How long a client has a descriptor open, from connect() to close(): the handshake and the hold time, and where the
// server closes first another round trip, half of it until the server has it and half until the client hears of its
// end.
Duration kept_by_client(const Workload& workload, Duration hold, Duration round_trip);

// How connections of one workload are there, none of which is refused.
struct Occupancy {
  std::uint64_t most = 0;  // at one moment, from connect() to close()
  // How long each is, where chance has no part in when they come and go and none is tried again; Duration::max(): for
  // ever.
  std::optional<Duration> kept{};
  // They take their ways in turn, and where some of these come to nobody, so few at once do not always go there.
  std::uint64_t turns = 1;

  std::uint64_t in_turns(std::uint64_t open, std::uint64_t begun) const;
};

// In the order of the names. All that are asked for, unless they come at a rate that chance has no part in, and are
// held for a constant time.
std::vector<Occupancy> occupancies_of(const Scenario& scenario, const Wiring& wiring);

// Is there a workload of which nobody knows how many are there at one moment, though chance has no part in its times?
// One that names its ports with SO_REUSEADDR towards a slow server: the SYN of a four-tuple that the server still has
// is not answered, and comes again when others come. Or one that begins all at once and ends each as it begins.
bool some_meet_by_chance(const Scenario& scenario, const Wiring& wiring);

// How many connections of each workload are open at the same time when none is refused, in the order of the names, from
// connect() to close(): all that are asked for, unless they come at a rate that chance has no part in, and are held for
// a constant time.
std::vector<std::uint64_t> open_at_once(const Scenario& scenario, const Wiring& wiring);

// How many of all workloads both ends have at one moment, at most: of those whose times are drawn one with the least
// luck, as they may come one after another, and with the most all of them. Nothing: attempts are repeated, and nobody
// knows when they come.
std::optional<Interval> most_at_both_ends(const Scenario& scenario, const Wiring& wiring);

// ... of those that do not end at one of these hosts or processes, where that is known.
std::uint64_t most_beside(const Scenario& scenario, const Wiring& wiring, const std::set<Place>& full);

// Who is established by the scenario's end, where all that are stay: for their clients after two halves of a round
// trip, for both ends after three. Nothing: there is no end, some do not stay, or chance has a part in when they begin.
std::optional<Interval> reached_by_the_end(const Scenario& scenario, const Wiring& wiring, int halves);

}  // namespace netlimits::analysis

// How many connections a scenario holds at the same time, which limits bind, and what binds next: answered without
// running anything, as the maximum flow through a graph of everything that can run out.
//
// Connections flow from the workloads through what each of them uses: the client process's descriptors, the client
// host's file table, a pool of automatic ports (or the explicit four-tuples), a gateway's ports, the balancer's
// rotation, the accepting processes' descriptors and the server host's file table. The flow is bounded by what the
// workloads ask for, split over programs, sources, destinations and back ends as model/scenario/assignment.hpp and
// model/path/balancer.hpp say: an attempt that fails is not made again elsewhere, and one that waits for a full server
// keeps what it took at home (analysis/turns.hpp). The minimum cut is what binds.
//
// Exact where each host's connections come from one workload. Where several of them, in an order that nobody knows,
// meet at a limit of their own host and a server is full besides, and where both ends draw from one process or file
// table, the answer is an interval that every order keeps to.
//
// Asked at the moments at which most is open (analysis/occupancy/peaks.hpp): where chance has no part in when
// connections come and how long they are held, as many as are there then; where it has, as many as it all but surely
// never exceeds; of those that try again, all. Nobody begins after the scenario's end. Not looked at: events, retries.
// TIME_WAIT and accept rates are looked at for short connections: steady_state says what they can sustain, and what
// refuses the rest is in `binding`.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/churn/steady_state.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

// One limit of the minimum cut. `capacity`: how many connections it lets through at this place, all hosts of a group
// together.
struct Binding {
  Limit limit{};
  Place place{};
  Interval capacity{};
  bool operator==(const Binding&) const = default;
};

// What is held once everything that bound before is lifted, and what binds then. Above what the workloads ask for, the
// workloads grow in proportion: `capacity` is then the largest number of connections of which none is refused.
struct Rung {
  Interval capacity{};
  std::vector<Binding> binding{};  // in printed order
  bool operator==(const Rung&) const = default;
};

// What is held while one back end is down.
struct WithoutBackEnd {
  std::string balancer{};
  std::string back_end{};  // "10.1.0.9:443"
  std::string host{};      // who owns it, or empty
  Interval capacity{};
  std::vector<Binding> binding{};
};

struct Capacity {
  Interval capacity{};  // accepted and served, at the same time, counted from connect() to close()
  // What both ends have at one moment, at most: fewer than `capacity` where connections end, as each takes a while to
  // be there at both.
  Interval held{};
  Interval established{};   // as their clients see it: with those that wait in accept queues
  std::uint64_t asked = 0;  // by all workloads, open at the same time
  // What refuses before the others first, where that is known, and else in printed order; empty: all that is asked for
  // is held and sustained. Where another limit is met before any of the cut is full, as connections come, it is that
  // one, and the cut is what the first rung names.
  std::vector<Binding> binding{};
  // What refuses those that are not even established; empty: all are. Where programs do not accept, more are
  // established than held, and what binds is not what fails.
  std::vector<Binding> refusing{};
  // With the least luck it is these that refuse first; with more luck others would, or nobody.
  bool binding_is_open = false;
  bool refusing_is_open = false;
  std::vector<Rung> ladder{};  // capacities never fall from rung to rung
  std::vector<SteadyState> steady_state{};
  std::vector<WithoutBackEnd> without{};
  std::vector<std::string> notes{};     // what was left out of account for this scenario, one sentence each
  std::vector<std::string> left_out{};  // of that, what a run looks at: "events", "accept rates", "SYN queues", ...
};

// what_binds: for whoever asks again and again. There is no ladder, and nothing is said of losses; `binding` and
// `refusing` are empty where they would be, and else the whole cut with the least luck, whatever of it is met first.
enum class Answered : std::uint8_t { all, what_binds };

// Requires: a checked scenario (names resolve, every workload has a destination). Cost follows the number of different
// things (groups, pools, listeners, back ends), not of hosts or connections.
Capacity capacity(const Scenario& scenario, Answered answered = Answered::all);

enum class Counted : std::uint8_t {
  accepted,
  established,  // with those that wait in accept queues
};

// What is held, and what binds, once these limits are lifted and no others. Nothing: no limit is left.
std::optional<Rung> once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted,
                                Counted counted = Counted::accepted);

}  // namespace netlimits::analysis

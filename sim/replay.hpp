// Replays a scenario in virtual time and counts what happens.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <tl/expected.hpp>

#include "model/net/bounded_time.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/run_needs.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

struct Progress {
  SimTime now;
  std::uint64_t attempted;
  std::uint64_t asked;       // connections of all workloads, retries not counted
  std::uint64_t hosts_made;  // to which anything happened, and one of each group: what the run keeps state for
};

struct ReplayOptions {
  // Asked as often: why the run has to stop. May be empty.
  std::function<std::optional<TooMuch>(const Progress&)> stop{};
  // Events, timers and segments; a few thousand more may be handled before it stops.
  std::uint64_t most_steps = most_count;
  // Programs that take turns on a machine, in an order drawn from this number, in place of ones that take no time; and
  // the ports that chance gives are other ones (sim/turns.hpp). What comes out is as true as the usual result: a kernel
  // decides what happens first at one moment.
  std::optional<std::uint64_t> turns{};
  // Called every few thousand events; may be empty. It cannot change the result.
  std::function<void(const Progress&)> progress{};
};

// Requires: the scenario was checked by its loader, and replay_bounded() would give a result. Throws std::runtime_error
// where a listener or a held port of the scenario cannot be opened (two listeners on one endpoint), which a checked
// scenario rules out.
//
// The run ends at scenario.end, or when nothing is left to happen that a workload could notice: no arrival, no
// connect() in progress, no scheduled close, no segment in flight, no event of the scenario. TIME_WAIT entries that
// only have to expire do not keep it going.
RunResult replay(const Scenario& scenario, const ReplayOptions& options = {});

// The same for a scenario of which nobody knows whether it ends: nothing but the reason if it would not, if its result
// would have too many windows (model/scenario/run_needs.hpp), or if options.stop gave one.
tl::expected<RunResult, TooMuch> replay_bounded(const Scenario& scenario, const ReplayOptions& options = {});

}  // namespace netlimits::sim

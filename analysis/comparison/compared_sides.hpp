// What a comparison looks at: both results, and what the scenario leaves open between them.
#pragma once

#include <string>

#include "analysis/comparison/check_list.hpp"
#include "analysis/comparison/comparison.hpp"
#include "analysis/variation.hpp"

namespace netlimits::analysis {

struct ComparedSides {
  const Scenario& scenario;
  const RunResult& predicted;
  const RunResult& observed;
  const Tolerances& tolerances;
  const Variation& variation;

  // How many connections may be open together beside the predicted ones, on a machine that takes `turn` to come round.
  std::uint64_t gather_in(Duration turn) const;
  bool connections_end() const;
  // How many connections of all workloads may come out more or fewer because pools of an odd size filled up.
  std::uint64_t spread() const;
  // May a queue of the host overflow on a machine that takes a turn to accept what comes, though the prediction, whose
  // programs accept at once, never fills it?
  bool queue_may_fill(const std::string& host) const;
  // Did that happen at any host?
  bool queue_filled_for_a_moment() const;
};

inline constexpr const char* by_clock = "it follows the clock: a real machine is never exactly on time";
inline constexpr const char* by_turns = "how many are open together also depends on when processes get a turn";
inline constexpr const char* by_odd_range =
    "an odd-sized port range gives one port less or not, by a draw of the kernel";
inline constexpr const char* by_sampling = "a real host is looked at only now and then while connections come and go";
inline constexpr const char* by_moments =
    "a busy machine's queues and ports fill for moments that the model does not have";
inline constexpr const char* by_handshakes =
    "whether two handshakes overlap at a queue's last place is a matter of moments";
inline constexpr const char* by_draw = "which process takes a connection is left to chance";
inline constexpr const char* by_repeated_syns =
    "which of the SYNs that are sent again find a place follows the kernel's timers";
inline constexpr const char* by_repetition = "how often an attempt is repeated follows the clock";

void compare_workload(const ComparedSides& sides, const std::string& name, const WorkloadResult& workload,
                      CheckList& checks);
void compare_host(const ComparedSides& sides, const std::string& name, const HostResult& host, CheckList& checks);
void compare_limits(const ComparedSides& sides, CheckList& checks);

}  // namespace netlimits::analysis

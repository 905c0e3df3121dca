// A predicted result beside an observed one, metric by metric.
//
// Counts have to be equal. Times may differ by what timers and a busy machine add. What a kernel leaves to chance is
// compared as an interval, and what cannot be compared says why: "not determined" is a verdict of its own.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "analysis/interval.hpp"
#include "model/net/time.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

enum class CheckVerdict : std::uint8_t { agrees, differs, not_determined };

// Nothing, a count, an interval, words (an error, a limit), or a place.
using Figure = std::variant<std::monostate, std::uint64_t, Interval, std::string, Place>;

struct Check {
  std::string metric{};  // JSON pointer into the result of `run`
  Figure predicted{};
  Figure observed{};
  CheckVerdict verdict{};
  std::string why{};   // empty for a plain agreement
  std::string what{};  // what an index in the metric stands for, in words: "EADDRNOTAVAIL at client -> 10.1.0.9:443"
};

struct Tolerances {
  // A moment may be observed this much before the predicted one ...
  Duration early = std::chrono::milliseconds(250);
  // ... and this much after it, plus a share of the time that had to pass: the kernel's long timers have slack (SYN
  // retries: 131 s by the documentation, 133.4 to 134.7 s measured on Linux 6.18; TIME_WAIT: 60 s, 60.3 s measured).
  Duration late = std::chrono::seconds(3);
  std::uint64_t late_per_mille = 40;
  // How long a process may wait for its turn on a machine that is not idle: connections gather meanwhile.
  Duration turn = std::chrono::milliseconds(250);
  // ... and, where the observer measured that its own connections began later than they were due, so much more.
  Tolerances on_a_machine_late_by(Duration lateness) const {
    Tolerances more = *this;
    more.late += lateness;
    more.turn += lateness;
    return more;
  }

  // What the observer could not see is not held against either side.
  bool sees_servers = true;      // accepted, queued and refused accepts
  bool sees_descriptors = true;  // how many a process had open at most
  bool sees_time_wait = true;
  bool sees_counters = true;  // listen_overflows, listen_drops and their kin
  bool sees_balancers = true;
  bool tells_pools = true;  // connections of different kinds towards one destination
};

// Checks in the order of the result's keys. `scenario` is the one that both ran.
std::vector<Check> compare(const Scenario& scenario, const RunResult& predicted, const RunResult& observed,
                           const Tolerances& tolerances = {});

// differs if any does; else agrees if any does; else not determined.
CheckVerdict overall(const std::vector<Check>& checks);

}  // namespace netlimits::analysis

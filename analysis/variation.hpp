// What of a predicted result a real kernel and a real clock leave open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "analysis/interval.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

struct WorkloadVariation {
  // Counts may come out this much higher or lower: one port for each pool of an odd-sized range that fills up.
  std::uint64_t spread = 0;
  bool holds_end = false;  // connections end while others begin: how many are open together follows the clock
  bool timed = false;      // ports come back from TIME_WAIT, or an end cuts arrivals off: counts follow the clock
};

// What a hash deals out to the processes of one SO_REUSEPORT listener, where not all of them can hold their share.
struct Dealt {
  std::string host{};
  std::string process{};
  Place place{};  // of that process
  std::string workload{};
  std::uint64_t connections = 0;
  Interval accepted{};
  Interval queued{};
  Interval established{};
  Interval turned_away{};
  Interval least{};  // accepted by the process with the fewest
  Interval most{};
};

struct Variation {
  std::map<std::string, WorkloadVariation> workloads{};
  bool timed = false;    // any workload is
  bool retries = false;  // attempts are repeated after failures or losses
  // SYNs that a full queue dropped are sent again while places come free. A kernel's timers let those of some tens of
  // milliseconds come together, so that which of them find a place is not the arrivals' affair.
  bool repeated_syns = false;
  // SO_REUSEPORT's hash decides which listener a connection reaches, and one alone could not hold them all.
  bool hashed = false;
  const char* hashed_why = "";
  // Hosts from which workloads that choose their ports in different ways go to one destination: their sockets look
  // alike.
  std::set<std::string> pools_that_look_alike{};
  // The bounds of the draw, where all there is leads to one such listener; without them the counts stay open.
  std::optional<Dealt> dealt{};
};

// How many connections of the workload can begin within this time at most.
std::uint64_t most_arrivals_in(const Workload& workload, Duration time);

Variation variation_of(const Scenario& scenario, const RunResult& predicted);

// How the connections that all instances of a process accepted may be spread over them.
struct Shares {
  std::uint64_t instances = 1;
  Interval least{};
  Interval most{};
};

// Requires: the host group and its process exist.
Shares shares_of(const Scenario& scenario, const std::string& host, const std::string& process,
                 const ProcessResult& predicted);

}  // namespace netlimits::analysis

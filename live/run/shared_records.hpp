// What the processes of a live run tell each other: plain numbers in shared memory, so that telling costs no
// descriptor.
//
// Written by the worker that a record belongs to and read by the leader while the run goes on, and by the caller after
// everything is gone. A worker that dies leaves what it had counted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "live/sandbox/shared_memory.hpp"
#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::live {

using Count = std::atomic<std::uint64_t>;

template <std::size_t Size>
struct FixedText {
  std::array<char, Size> letters{};
  void set(std::string_view text) {
    const std::size_t length = text.size() < Size ? text.size() : Size - 1;
    text.copy(letters.data(), length);
    letters.at(length) = 0;
  }
  std::string text() const { return letters.data(); }
};

enum class Phase : std::uint32_t {
  building,  // the workers prepare
  running,
  measuring,  // nobody begins anything any more; the workers write down what they hold
};

enum class WorkerState : std::uint32_t { preparing, ready, measured, failed };

struct RunRecord {
  std::atomic<std::uint32_t> phase{static_cast<std::uint32_t>(Phase::building)};
  std::atomic<std::int64_t> started_at{0};  // CLOCK_MONOTONIC, nanoseconds
  std::atomic<std::uint32_t> round{0};      // of asking whether anything is left to do
  // What is due at this moment of the run or later may not begin yet: an event of the scenario comes first.
  std::atomic<std::int64_t> barrier{std::numeric_limits<std::int64_t>::max()};
  // Pacing: connects towards listeners that accept at once, against what they have accepted. The model's servers accept
  // in no time; a client that runs ahead of a real one would fill an accept queue that the scenario leaves empty.
  std::atomic<std::int64_t> underway{0};   // begun, neither accepted nor failed
  std::atomic<std::int64_t> parked{0};     // of those, given up to wait for: their server has no descriptor for them
  std::atomic<std::uint32_t> accepts{0};   // changes with each batch of accepts; waited on
  std::atomic<std::uint32_t> failures{0};  // entries of the failure table in use
  std::atomic<std::uint32_t> starved{0};   // workers at their descriptor limit with a connection to accept
  std::atomic<std::uint32_t> pools{0};     // entries of the pool table in use
  std::atomic<std::uint32_t> unmarked{0};  // a connection was seen whose workload cannot be told
  std::atomic<std::int64_t> ended_at{0};   // nanoseconds after the start
  std::atomic<std::int64_t> lateness{0};   // by how much a connection began later than it was due, at most
  std::atomic<std::uint32_t> out_of_time{0};
  FixedText<512> trouble;   // why the leader gave up
  FixedText<1024> remarks;  // what could not be done, one a line
};

struct WorkerRecord {
  std::atomic<std::uint32_t> state{static_cast<std::uint32_t>(WorkerState::preparing)};
  std::atomic<std::int64_t> plan{-1};     // of RunPlan::processes; -1: nothing of the plan
  std::atomic<std::uint32_t> absent{0};   // it counts for a process whose host is down
  std::atomic<std::uint32_t> starved{0};  // at its descriptor limit with a connection to accept
  Count accepted{0};
  Count holding_processes{0};  // a user program's: processes that hold accepted connections
  Count descriptors{0};
  Count descriptors_peak{0};
  Count program_peak{0};                      // of sockets that one of the programs that a carrier runs had open
  std::atomic<std::int64_t> begun_before{0};  // all that was due before this moment of the run has begun
  Count unfinished{0};                        // arrivals, retries, connects, closes and paced accepts still to come
  // Whether nothing is left to do cannot be seen from `unfinished` alone: something may have happened that the worker
  // has not got round to. So the leader asks in rounds, and a worker answers when it has looked and found nothing.
  std::atomic<std::uint32_t> idle_in_round{0};
  Count activity{0};  // events, arrivals and timers handled
  std::atomic<std::uint32_t> arrivals_done{0};
  // accept() without a descriptor while a connection waited: for the first time, and since when somebody has waited
  // without a moment at which nobody did; -1: never, and nobody does.
  std::atomic<std::int64_t> first_refused_at{-1};
  std::atomic<std::int64_t> refused_since{-1};
  FixedText<240> trouble;
};

struct WorkloadRecord {
  Count attempted{0};
  Count established{0};
  Count failed{0};
  Count open{0};
  Count peak_open{0};
  Count lost{0};
  Count reconnected{0};
  Count connecting{0};
  Count vanished{0};   // connecting when their host went down
  Count next_hold{0};  // of the drawn hold times
};

// What one worker has of a workload now: dies with it.
struct ShareRecord {
  Count open{0};
  Count connecting{0};
  Count underway{0};
};

struct WindowRecord {
  Count attempted{0};
  Count established{0};
  Count failed{0};
};

struct ListenerRecord {
  std::atomic<std::int64_t> next_accept{0};  // paced: not before
  Count queued{0};                           // at the end
  Count queued_peak{0};                      // as sampled
};

struct NamespaceRecord {
  Count time_wait{0};
  Count time_wait_peak{0};        // as sampled
  Count group_time_wait_peak{0};  // of all namespaces of the host group together; kept with the first of them
  Count listen_overflows{0};
  Count listen_drops{0};
  Count syn_queue_drops{0};
  Count syncookies_sent{0};
  Count time_wait_overflows{0};
  std::atomic<std::int64_t> first_overflow_at{-1};  // as sampled
};

struct BackEndRecord {  // balancers by name, their back ends in order
  Count connections{0};
  Count open{0};
};

// Automatic ports in use from one namespace, by what shares them: the largest number seen.
struct PoolRecord {
  std::atomic<std::uint32_t> used{0};
  std::size_t where = 0;
  Place place{};
  std::uint64_t capacity = 0;
  Count peak{0};
};

// One kind of failure as one worker saw it.
struct FailureRecord {
  std::atomic<std::uint32_t> used{0};
  std::uint32_t workload = 0;
  Limit limit{};
  Error error{};
  bool unexplained = false;  // ETIMEDOUT: why is decided by the counters of the servers
  Count count{0};
  std::int64_t first_at = 0;
  std::uint64_t first_after_established = 0;
  Place place{};
  Endpoint destination{};
};

// Ports of a gateway towards one destination.
struct GatewayPoolRecord {
  Count peak{0};
  Count found_none{0};                          // SYNs that the gateway had no port for, whatever their destination
  std::atomic<std::int64_t> first_missing{-1};  // when the first of these was seen; -1: none
};

// A table of tracked connections; of several hosts of a group the fullest.
struct TableRecord {
  Count peak{0};
  Count dropped{0};                             // SYNs that found no entry
  std::atomic<std::int64_t> first_dropped{-1};  // when the first of these was seen; -1: none
};

struct SharedRecords {
  static constexpr std::size_t most_failure_kinds = 16384;
  static constexpr std::size_t most_pools = 16384;

  SharedArray<RunRecord> run_record;
  SharedArray<WorkerRecord> workers;
  SharedArray<WorkloadRecord> workloads;
  SharedArray<ListenerRecord> listeners;
  SharedArray<NamespaceRecord> namespaces;
  SharedArray<BackEndRecord> back_ends;
  SharedArray<GatewayPoolRecord> gateway_pools;  // in the order of live/gateways/
  SharedArray<TableRecord> tables;               // in the order of live/gateways/
  SharedArray<FailureRecord> failures;
  SharedArray<PoolRecord> pools;
  SharedArray<ShareRecord> shares;              // by worker and workload
  SharedArray<WindowRecord> windows;            // by workload and window
  SharedArray<FixedText<4096>> program_output;  // what user programs printed last, in the order of the plan

  RunRecord& run() const { return run_record[0]; }
  ShareRecord& share(std::size_t worker, std::size_t workload) const {
    return shares[worker * workloads.size() + workload];
  }
  std::size_t windows_each() const { return workloads.size() == 0 ? 0 : windows.size() / workloads.size(); }
  WindowRecord& window(std::size_t workload, std::size_t index) const {
    return windows[workload * windows_each() + index];
  }

  struct Size {
    std::size_t workers = 0;  // room for restarts included
    std::size_t workloads = 0;
    std::size_t listeners = 0;
    std::size_t namespaces = 0;
    std::size_t back_ends = 0;
    std::size_t gateway_pools = 0;
    std::size_t tables = 0;
    std::size_t windows = 0;  // of each workload
    std::size_t user_programs = 0;
  };
  static SystemResult<SharedRecords> of(const Size& size);
};

std::int64_t monotonic_nanoseconds();

}  // namespace netlimits::live

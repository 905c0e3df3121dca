// What a replay counts while it runs, and how it becomes a result.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/refusal.hpp"
#include "sim/established_log.hpp"
#include "sim/meters.hpp"

namespace netlimits::sim {

// What no client call reports by itself, as it happens: whether it was a failure shows later.
struct Moment {
  SimTime at{};
  std::uint64_t order = 0;
  EstablishedLog::Mark established{};
};

// An accept() that was told of no descriptor while a connection waited for it.
struct RefusedAccept {
  PlacedLimit limit{};
  Moment when{};
};

// Why a SYN was dropped; `answered`: by a host that then says that it refuses.
struct DropReason {
  Limit limit{};
  bool answered = false;
  std::optional<RefusedAccept> behind{};  // why the queue was full when the first of its SYNs was dropped
  SimTime first_at{};                     // when that was
  std::optional<Place> place{};           // where, if it was not on the client's host or at whom it called
};

// What a client's refusal comes from. One that is answered from elsewhere knows an error and not the limit behind it.
Limit limit_behind(const Refusal& refusal, const std::optional<DropReason>& drop_reason);

// One attempt of a workload that came to nothing.
struct FailedAttempt {
  PlacedLimit limit{};
  Error error{};
  bool at_once = false;  // a call was refused; else the connection failed later
};

class Measurements {
 public:
  explicit Measurements(const Scenario& scenario);

  // Returns the number of the attempt among those of its workload.
  std::uint64_t attempted(std::size_t workload, SimTime now);
  void established(std::size_t workload, std::uint64_t attempt, SimTime now);
  void failed(std::size_t workload, SimTime now, const FailedAttempt& failure);
  void closed(std::size_t workload);  // an established connection ended
  void lost(std::size_t workload);    // ... because it was reset or its host died
  void reconnected(std::size_t workload);
  // A server program has accepted a connection; so many that were accepted are no longer open there.
  void accepted();
  void ended_at_server(std::uint64_t connections);

  Meters& meters() { return meters_; }
  Moment moment(SimTime now) { return {now, order_++, established_by_then_.mark()}; }
  // Somebody came to nothing of what was refused at that moment: waits to the end, has a connection that no server
  // program ever took, or found no room in the queue behind it. It becomes the binding limit if it came before every
  // failure.
  void came_to_nothing(const PlacedLimit& limit, const Moment& refused);
  // The last segment of a handshake was dropped, and the client takes itself to be connected: its server may yet have
  // taken it.
  void dropped_unheard(const PlacedLimit& limit, const Moment& dropped);
  // A SYN was dropped at `limit`, and the run, or its client's host, ended before its client was told. It binds where
  // nothing else does: in a longer run all that is told comes before it.
  void untold(const PlacedLimit& limit, const DropReason& why);

  std::uint64_t attempts_so_far() const { return attempts_; }
  std::uint64_t reconnections_so_far() const { return reconnections_; }
  // How many windows a result of what was counted so far has, all workloads together.
  std::uint64_t windows_so_far() const;
  // `waiting`: connections in accept queues at the end.
  // `names`: of the workloads, and of the proxies behind them.
  void write(RunResult& result, const std::vector<std::string>& names, std::uint64_t waiting) const;

 private:
  struct PerWorkload {
    WorkloadResult result;  // of its windows those in which anything happened
    std::uint64_t open = 0;
    std::map<std::pair<PlacedLimit, Error>, std::size_t> failure_index;
    // Calls that were refused at once, the first of each kind: which failure, and how many attempts had begun. Those
    // among them that come up later were there before it.
    std::vector<std::pair<std::size_t, std::uint64_t>> refused_at_once;
  };
  struct Candidate {
    SimTime at;
    std::uint64_t order;
    PlacedLimit limit;
    // By workload: established by then, and attempts of which those that come up later count as well. Filled in when
    // it is kept.
    std::vector<std::uint64_t> established{};
    std::vector<std::uint64_t> begun{};
    bool unheard = false;  // the client takes itself to be connected
  };

  void note_held() { held_peak_ = std::max(held_peak_, std::min(open_, at_servers_)); }
  WindowCount* window(PerWorkload& workload, SimTime now) const;
  std::vector<WindowCount> with_empty_ones(const std::vector<WindowCount>& windows) const;
  static bool comes_before(const Candidate& candidate, const std::optional<Candidate>& kept);
  void keep_first_failure(SimTime now, const PlacedLimit& limit, bool at_once);
  static void keep_first(std::optional<Candidate>& kept, const PlacedLimit& limit, const Moment& unheard);

  std::optional<Duration> window_length_;
  std::size_t of_clients_;  // so many are the scenario's workloads; behind them, what its proxies pass on
  std::vector<PerWorkload> workloads_;
  Meters meters_;
  EstablishedLog established_by_then_;
  std::optional<Candidate> first_failure_;
  std::optional<Candidate> first_unserved_;
  std::optional<Candidate> first_unheard_;
  struct Untold {
    SimTime first_dropped_at;
    PlacedLimit limit;
    std::optional<RefusedAccept> behind;
  };
  std::optional<Untold> first_untold_;
  std::uint64_t order_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t reconnections_ = 0;
  std::uint64_t open_ = 0;        // for their clients
  std::uint64_t at_servers_ = 0;  // accepted and not closed there
  std::uint64_t held_peak_ = 0;
  std::uint64_t established_ = 0;
  std::uint64_t accepted_ = 0;
};

}  // namespace netlimits::sim

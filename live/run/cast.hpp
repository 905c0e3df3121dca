// The real processes of a live run: those of the plan, the holders of foreign ports, and programs of others that stand
// in for a process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/run/board.hpp"
#include "live/run/host_network.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/stand_in.hpp"
#include "live/run/worker.hpp"
#include "live/sandbox/child_process.hpp"

namespace netlimits::live {

class Cast {
 public:
  // `drawn`: what chance gave, or null.
  Cast(const Scenario& scenario, const RunPlan& plan, const Board& board, const HostNetwork& network,
       const DrawnTimes* drawn)
      : scenario_(scenario), plan_(plan), board_(board), network_(network), drawn_(drawn) {}

  // How many worker records a run can need: its processes, their restarts and absences, and the holders.
  static std::size_t records(const Scenario& scenario, const RunPlan& plan);

  SystemResult<void> start_host(std::size_t where);
  // The host's processes are gone at once, and what their clients had with them. While it is down, what its programs
  // would go on to begin is counted as failed.
  SystemResult<void> take_down(std::size_t where, std::int64_t at);
  SystemResult<void> bring_up(std::size_t where, std::int64_t at);

  // Nothing, or in words what went wrong with one of them.
  std::string trouble();
  // Waits until all workers are in this state or beyond; in words why not.
  std::string await(WorkerState wanted, std::int64_t within);
  // Waits until no worker has anything left to begin before this moment of the run, at most `within`.
  void await_beginnings_before(std::int64_t moment, std::int64_t within);

  struct Standing {
    std::uint64_t unfinished = 0;
    std::uint64_t activity = 0;
    bool all_answered = true;  // in this round of asking
  };
  Standing standing() const;

  bool has_stand_ins() const;
  // Writes what the stand-ins hold now into their records. Returns a figure that stays the same when nothing changes.
  std::uint64_t look_at_stand_ins();
  void note_sayings();

 private:
  enum class Part : std::uint8_t { worker, absent, holder };
  struct Running {
    std::size_t where;
    std::size_t record;
    Part part;
    ChildProcess process;
  };
  struct Played {
    std::size_t where;
    std::size_t record;
    std::size_t plan;
    StandIn program;
    bool listens = false;
  };

  WorkerTask task_of(std::size_t p, std::size_t record) const;
  SystemResult<void> start(const NetworkNamespace& in, std::size_t where, Part part, std::size_t record,
                           const std::function<int()>& body);
  SystemResult<void> start_stand_in(std::size_t where, std::size_t p);
  SystemResult<void> start_processes(std::size_t where, std::optional<std::int64_t> resume_at);
  bool listens(const Played& played) const;
  static std::string last_words(const StandIn& program);
  void end(Running& running);

  const Scenario& scenario_;
  const RunPlan& plan_;
  const Board& board_;
  const HostNetwork& network_;
  const DrawnTimes* drawn_;
  std::vector<Running> running_;
  std::vector<Played> played_;
  std::size_t next_record_ = plan_.processes.size();
};

}  // namespace netlimits::live

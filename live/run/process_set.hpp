// The real processes of a live run: those of the plan, the holders of foreign ports, and programs of
// the user in place of some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/run/host_network.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/run/user_program.hpp"
#include "live/run/worker.hpp"
#include "live/sandbox/child_process.hpp"

namespace netlimits::live {

// How long a busy machine may take to get its processes ready, and to begin what was due.
inline constexpr std::int64_t prepare_within = 60'000'000'000;
inline constexpr std::int64_t begin_within = 3'000'000'000;

class ProcessSet {
 public:
  // `drawn`: the draws of another engine, or null.
  ProcessSet(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records, const HostNetwork& network,
             const DrawnTimes* drawn, ProgramSurroundings surroundings)
      : scenario_(scenario),
        plan_(plan),
        records_(records),
        network_(network),
        drawn_(drawn),
        surroundings_(std::move(surroundings)) {}

  // How many worker records a run can need: its processes, their restarts and absences, and the holders.
  static std::size_t record_count(const Scenario& scenario, const RunPlan& plan);

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

  bool has_user_programs() const;
  // Writes what the user programs hold now into their records. Returns a figure that stays the same when nothing
  // changes.
  std::uint64_t look_at_user_programs();
  void note_program_output();

 private:
  enum class ProcessKind : std::uint8_t { worker, absent, holder };
  struct Running {
    std::size_t where;
    std::size_t record;
    ProcessKind kind;
    ChildProcess process;
  };
  struct RunningProgram {
    std::size_t where;
    std::size_t record;
    std::size_t plan;
    UserProgram program;
    bool listens = false;
  };

  WorkerTask task_of(std::size_t p, std::size_t record) const;
  SystemResult<void> start(const NetworkNamespace& in, std::size_t where, ProcessKind kind, std::size_t record,
                           const std::function<int()>& body);
  SystemResult<void> start_user_program(std::size_t where, std::size_t p);
  SystemResult<void> start_processes(std::size_t where, std::optional<std::int64_t> resume_at);
  bool listens(const RunningProgram& running) const;
  static std::string end_of_output(const UserProgram& program);
  void end(Running& running);

  const Scenario& scenario_;
  const RunPlan& plan_;
  const SharedRecords& records_;
  const HostNetwork& network_;
  const DrawnTimes* drawn_;
  ProgramSurroundings surroundings_;
  std::vector<Running> running_;
  std::vector<RunningProgram> programs_;
  std::size_t next_record_ = plan_.processes.size();
};

}  // namespace netlimits::live

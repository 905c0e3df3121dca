// The client half of a worker process: the connections of its workloads, each from its arrival to its end.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "live/run/arrivals.hpp"
#include "live/run/port_windows.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/run/worker.hpp"
#include "live/run/worker_loop.hpp"
#include "model/scenario/assignment.hpp"
#include "model/scenario/source_choice.hpp"

namespace netlimits::live {

class ClientSide {
 public:
  // `serve` handles this process's own events while a connection waits for a server to keep up.
  ClientSide(const WorkerTask& task, WorkerLoop& loop, std::function<void()> serve);

  // When the next connection is due; nothing when all have begun.
  std::optional<std::int64_t> next_arrival();
  // An event of the scenario comes first: what is due at this moment or later does not begin.
  void set_barrier(std::int64_t barrier) { barrier_ = barrier; }
  // Begins the next connection if it is due. False: nothing was due.
  bool begin_due();

  void on_connection(int descriptor, std::uint32_t events);
  void on_timer(const LoopTimer& timer);
  std::uint64_t unfinished() const { return unfinished_; }

 private:
  struct RunningWorkload {
    const Workload* configuration;
    std::size_t index;  // in the scenario
    AssignmentShape shape;
    ArrivalTimes arrivals;
    HoldTimes holds;
    std::vector<Port> explicit_ports;
    bool names_itself = false;
    bool server_says_when = false;        // the server closes, and counts what it has yet to close
    bool paced_by_server = false;         // every listener it leads to accepts at once
    std::vector<std::int64_t> servers{};  // the processes of those listeners, of RunPlan::processes
    std::int64_t most_underway = 0;
    std::uint64_t first_program = 0;  // the programs that this process runs: first .. first + programs - 1
    std::uint64_t programs = 1;
    std::uint64_t round = 0;
    std::uint64_t end_round = 0;
    std::uint64_t offset = 0;             // within the round
    std::optional<std::uint64_t> next{};  // k
    SimTime next_at{};
    std::uint64_t turn = 0;  // when it last began one, among the workloads of this process: they take turns
  };
  struct Outgoing {
    std::uint32_t workload = 0;  // index in workloads_
    std::uint64_t connection = 0;
    std::uint32_t retries_left = 0;
    std::uint32_t program = 0;  // of those that this process runs
    bool reconnecting = false;
    bool connecting = false;
    bool counts_as_unfinished = false;  // connecting, or a close is to come
    std::int64_t due = 0;               // when the scenario began it; the machine may have been late
  };
  struct Waiting {  // for a retry
    std::uint32_t workload;
    std::uint64_t connection;
    std::uint32_t retries_left;
    bool reconnecting;
  };
  // `balancer`: later, and it was a balancer that reset it, because its back end is down.
  enum class Where : std::uint8_t { absent, socket, bind, connect, later, balancer };
  struct Program {  // its sockets
    std::uint32_t open = 0;
    std::uint32_t peak = 0;
  };

  void advance(RunningWorkload& workload);
  // `due`: when, by the scenario.
  void begin(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
             std::int64_t due);
  // Sets options and binds. The place and errno of the refusal, or nothing.
  std::optional<std::pair<Where, int>> prepare(int descriptor, RunningWorkload& workload, const Assignment& assigned,
                                               const Endpoint& destination);
  std::optional<std::pair<Where, int>> open_connection(int descriptor, RunningWorkload& workload,
                                                       const Assignment& assigned, const Endpoint& destination);
  void established(int descriptor);
  void failed(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
              Where where, int number, const IpAddress& source);
  void retry(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting);
  void ended(int descriptor, bool lost);
  // False: the barrier came down meanwhile.
  bool keep_pace(const RunningWorkload& workload);
  // No server of the workload has a descriptor for one more: nothing that it begins now will be accepted at once.
  bool nobody_accepts(const RunningWorkload& workload) const;
  // What began last has had no answer to its SYN yet: no server can know of it.
  bool last_is_unanswered() const;
  WindowRecord* window(std::size_t workload) const;
  ShareRecord& share(const RunningWorkload& workload) const { return records_.share(record_index_, workload.index); }
  std::uint32_t program_of(const Assignment& assigned) const;
  void note_program(std::uint32_t program, bool opened);
  void finish_counting(Outgoing& outgoing);
  void stop_connecting(const RunningWorkload& workload, bool established);
  void close(int descriptor);

  IpAddress source_of(const RunningWorkload& workload, const Assignment& assigned);
  bool must_bind(const RunningWorkload& workload) const;
  Limit limit_of(const RunningWorkload& workload, Where where, Error error) const;

  const ProcessPlan& process_;
  const HostGroup& group_;
  const Process& configuration_;
  bool shares_namespace_;
  const SharedRecords& records_;
  std::size_t record_index_;
  WorkerRecord& record_;
  const WorkerRecord* before_;  // of the real process after whose arrivals this one's begin (parts of one), or null
  std::int64_t resume_at_;
  bool absent_;
  std::optional<Duration> window_length_;
  std::int64_t barrier_ = std::numeric_limits<std::int64_t>::max();
  WorkerLoop& loop_;
  std::function<void()> serve_;
  std::vector<RunningWorkload> workloads_;
  std::vector<Outgoing> outgoing_;  // by descriptor
  std::vector<Program> programs_;
  std::vector<Waiting> waiting_;
  std::vector<std::size_t> free_waiting_;
  PortWindows windows_;
  std::map<std::pair<std::uint64_t, IpAddress>, IpAddress> chosen_sources_;  // by host instance and destination
  std::map<std::tuple<std::size_t, Limit, Place, Error>, std::size_t> failure_slots_;
  int last_begun_ = -1;  // a descriptor
  std::uint64_t turns_ = 0;
  std::uint64_t unfinished_ = 0;
};

}  // namespace netlimits::live

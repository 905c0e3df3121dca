// The server half of a worker process: accepts, closes what its client has closed, closes first where the workload says
// so.
#pragma once

#include <cstdint>
#include <vector>

#include "live/run/arrivals.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/run/worker.hpp"
#include "live/run/worker_loop.hpp"

namespace netlimits::live {

// How a server learns which workload a connection belongs to where several come to one listener and some of them want
// it to close first: the client's first four bytes. A workload that names itself does so on all its connections.
bool client_names_its_workload(const RunPlan& plan, std::size_t workload);

// Opens, binds and listens in the current namespace. The errno tells what the kernel refused.
// Where a sandbox cannot be given net.core.somaxconn (measured: it is not there on 6.1.192, and is on 6.12.117), the
// listener asks for no more than the settings would leave it.
SystemResult<int> open_listener(const Listener& listener, const Settings& settings);

class ServerSide {
 public:
  // `listeners`: the open descriptors, in the order of the process's plan.
  ServerSide(const WorkerTask& task, WorkerLoop& loop, const std::vector<int>& listeners);

  void on_listener(int descriptor);
  void on_connection(int descriptor, std::uint32_t events);
  void on_timer(const LoopTimer& timer);
  void on_descriptor_freed();  // by the client half too
  bool unfinished() const { return paced_waiting_ > 0 || closes_to_come_ > 0; }

 private:
  struct Listening {
    int descriptor;
    std::size_t index;  // of RunPlan::listeners
    const ListenerPlan* plan;
    bool starved = false;
    bool refused = false;  // accept() was, and somebody has waited ever since
    bool paced_waiting = false;
  };
  Listening& listening(int descriptor);
  enum class Took : std::uint8_t { one, none_left, no_descriptor };
  Took accept_one(Listening& from);
  void drain(Listening& from);
  void accept_paced(Listening& from);
  void taken(const Listening& from, int descriptor);
  void close_later(int descriptor, std::size_t workload);
  void close(int descriptor);
  void starve(Listening& from);
  void nobody_waits(Listening& from);

  const RunPlan& plan_;
  const ProcessPlan& process_;
  const SharedRecords& records_;
  WorkerRecord& record_;
  WorkerLoop& loop_;
  std::vector<Listening> listeners_;
  std::vector<HoldTimes> holds_;    // by workload
  std::vector<bool> expects_name_;  // by descriptor
  std::vector<bool> closes_later_;  // by descriptor: we close it, when its hold time is over
  std::uint64_t room_;              // connections that this real process may take; only parts have a bound
  std::uint64_t open_ = 0;
  std::uint64_t starved_ = 0;
  std::uint64_t paced_waiting_ = 0;
  std::uint64_t closes_to_come_ = 0;
};

}  // namespace netlimits::live

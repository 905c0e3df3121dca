// The client programs of a scenario: each connection of each workload from its arrival to its end.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "sim/client_workload.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/port_pools.hpp"
#include "sim/running_processes.hpp"
#include "sim/scenario_layout.hpp"
#include "sim/server_holds.hpp"
#include "sim/turns.hpp"

namespace netlimits::sim {

// Whoever has more to do with a connection than to open and close it (sim/proxies/): told of those that it asked for,
// by workload and connection.
class PassingPrograms {
 public:
  virtual ~PassingPrograms() = default;
  virtual void connected(std::uint32_t workload, std::uint64_t connection) = 0;
  virtual void came_to_nothing(std::uint32_t workload, std::uint64_t connection) = 0;
  virtual void closed(std::uint32_t workload, std::uint64_t connection) = 0;  // by the other end
};

class ClientPrograms {
 public:
  // From now on they are told. Their workloads are numbered behind the scenario's.
  void pass_on_for(PassingPrograms* others) { others_ = others; }
  // Begins that connection now. Nothing: it came to nothing at once.
  std::optional<std::uint32_t> pass_on(std::uint32_t workload, std::uint64_t connection);
  // Ends one that is under way or open, on this side.
  void end(std::uint32_t attempt);

  // All of them have to outlive it.
  ClientPrograms(const Scenario& scenario, const ScenarioLayout& layout, Network& network, RunningProcesses& processes,
                 ServerHolds& holds, Measurements& measurements, std::optional<std::uint64_t> turns = std::nullopt);

  void start();  // schedules the first arrival of each workload

  void on_arrival(std::uint32_t workload);
  void on_retry(std::uint32_t slot);
  void on_connected(std::uint32_t attempt);
  void on_connect_failed(std::uint32_t attempt, const Refusal& refusal);
  void on_peer_closed(std::uint32_t attempt);
  void on_reset(std::uint32_t attempt);
  void on_gone(std::uint32_t attempt);
  void on_hold_over(std::uint32_t attempt, std::uint32_t instance, SocketId socket);
  // The SYN of a connection that the client sees as `tuple` was dropped.
  void on_drop(const FourTuple& tuple, DropReason reason);
  void on_address_added(std::uint32_t instance, const AddressBlock& block);
  // The host went down: everything its programs had is lost.
  void forget(std::uint32_t instance);

  // Nothing more happens: what was dropped of the attempts that are still under way no call tells any more.
  void over();

  // True while an arrival, a retry, a connect() or a scheduled close is still to come.
  bool busy() const { return pending_ > 0; }

  std::vector<std::string> workload_names() const;
  void write_pools(Meters& meters) const { pools_.write(meters); }
  void write(RunResult& result) const;

 private:
  enum class Stage : std::uint8_t { unused, connecting, established, closed };

  // What a program tries: one connection of its workload, so many more times if it fails.
  struct Wish {
    std::uint32_t workload = 0;
    std::uint64_t connection = 0;  // the k of the assignment
    std::uint32_t retries_left = 0;
    bool reconnecting = false;
  };

  struct Attempt {
    SocketId socket;
    Endpoint local;
    Wish wish{};
    std::uint64_t number = 0;  // among the attempts of its workload
    std::uint32_t instance = 0;
    std::uint32_t destination = 0;
    PortPools::Use pool = PortPools::none;
    Stage stage = Stage::unused;
    bool close_scheduled = false;
  };

  struct WaitingRetry {
    Wish wish;
    bool forgotten = false;  // the program that would have tried again is gone with its host
  };

  void schedule_next_arrival(std::uint32_t workload);
  // Nothing: a call was refused at once.
  std::optional<std::uint32_t> attempt(const Wish& wish);
  bool is_passed_on(const Wish& wish) const { return wish.workload >= of_clients_; }
  // Everything up to the connect() of attempt `index` and that call itself. `opened` is set as soon as there is a
  // descriptor to close.
  Outcome<void> connect(std::uint32_t index, ClientWorkload& workload, HostInstance& on, const Assignment& assigned,
                        std::optional<SocketId>& opened);
  // connect() is under way: counts its port, and how long the server is going to hold it.
  void begin(std::uint32_t index, const Wish& wish, const HostInstance& on, SocketId socket);
  // A call was refused.
  void refuse(const Wish& wish, HostInstance& on, std::optional<SocketId> opened, const Refusal& refusal);
  // Counts the failure, and tries again where the workload says so.
  void fail(const Wish& wish, const FailedAttempt& failure);
  void schedule_retry(const Wish& wish);
  void schedule_attempt(const Wish& wish, SimTime at);
  Turns::Program program_of(const Wish& wish) const;
  void schedule_close(std::uint32_t index);
  void close(std::uint32_t index, bool with_reset);
  void lose(std::uint32_t index);
  void release(std::uint32_t index);
  std::uint32_t new_attempt();
  const Endpoint& destination_of(const Attempt& attempt) const {
    return workloads_[attempt.wish.workload].configuration().to[attempt.destination];
  }
  std::uint64_t nominal_ports(const HostInstance& instance);
  PortDraw port_draw(std::uint32_t site) { return {.number = port_draws_[site].bits(), .demanded = {}}; }
  std::optional<DropReason> take_drop_reason(const FourTuple& tuple);
  void note_untold(const Attempt& attempt);
  void hear_what_is_gone();

  Network& network_;
  RunningProcesses& processes_;
  ServerHolds& holds_;
  Measurements& measurements_;
  PassingPrograms* others_ = nullptr;
  std::size_t of_clients_;            // so many are the scenario's workloads
  std::deque<Workload> passed_on_{};  // what its proxies pass on
  std::vector<ClientWorkload> workloads_;
  std::vector<RandomStream> port_draws_;  // by host group
  std::vector<Attempt> attempts_;
  std::vector<std::uint32_t> free_attempts_;
  std::vector<WaitingRetry> retries_;
  std::vector<std::uint32_t> free_retries_;
  std::optional<Turns> turns_;
  PortPools pools_;
  // The size of a fresh pool, by host group: the same for all its hosts until a setting changes.
  struct NominalPorts {
    PortRange range{};
    std::vector<PortRange> reserved{};
    std::uint64_t count = 0;
  };
  std::vector<NominalPorts> nominal_ports_;
  // Why the SYN of a connection that is under way was last dropped, by the client's four-tuple.
  std::unordered_map<FourTuple, DropReason, FourTupleHash> drop_reasons_;
  std::uint64_t pending_ = 0;
};

}  // namespace netlimits::sim

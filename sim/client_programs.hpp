// The client programs of a scenario: each connection of each workload from its arrival to its end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/scenario/assignment.hpp"
#include "model/scenario/scenario.hpp"
#include "sim/arrival_schedule.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/port_pools.hpp"
#include "sim/server_programs.hpp"

namespace netlimits::sim {

class ClientPrograms {
 public:
  ClientPrograms(const Scenario& scenario, Network& network, Measurements& measurements, ServerPrograms& servers);

  void start();  // schedules the first arrival of each workload

  void on_arrival(std::uint32_t workload);
  void on_retry(std::uint32_t slot);
  void on_connected(std::uint32_t attempt);
  void on_connect_failed(std::uint32_t attempt, const Refusal& refusal);
  void on_peer_closed(std::uint32_t attempt);
  void on_reset(std::uint32_t attempt);
  void on_gone(std::uint32_t attempt);
  void on_hold_over(std::uint32_t attempt, SocketId socket);
  void on_address_added(std::size_t instance, const AddressBlock& block);
  // The instance went down: everything its programs had is lost.
  void forget(std::size_t instance);

  // True while an arrival, a retry, a connect() or a scheduled close is still to come.
  bool busy() const { return pending_ > 0; }

  std::vector<std::string> workload_names() const;
  void write_pools() const;  // the use of automatic ports, into the measurements
  void write(RunResult& result) const;

 private:
  enum class Stage : std::uint8_t { unused, connecting, established, closed };

  struct RunningWorkload {
    const Workload* configuration;
    const HostGroup* group;
    std::size_t process;  // index in the group
    std::size_t first_instance;
    AssignmentShape shape;
    std::vector<Port> explicit_ports;
    ArrivalSchedule arrivals;
    RandomStream holds;
    std::uint64_t next_connection = 0;
    std::uint64_t connecting = 0;
  };

  struct Attempt {
    SocketId socket;
    Endpoint local;
    std::uint32_t workload = 0;
    std::uint32_t instance = 0;
    std::uint64_t connection = 0;  // the k of the assignment
    std::uint32_t retries_left = 0;
    std::uint32_t destination = 0;
    PortPools::Use pool = PortPools::none;
    Stage stage = Stage::unused;
    bool reconnecting = false;
    bool close_scheduled = false;
  };

  struct WaitingRetry {
    std::uint32_t workload;
    std::uint64_t connection;
    std::uint32_t retries_left;
    bool reconnecting;
    bool forgotten = false;  // the program that would have tried again is gone with its host
  };

  void schedule_next_arrival(std::uint32_t workload);
  void attempt(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting);
  // Everything up to connect(): socket, options, bind. A refusal is recorded by the caller.
  // `opened` is set as soon as there is a descriptor to close.
  Outcome<void> prepare_socket(const RunningWorkload& workload, std::size_t instance, const Assignment& assigned,
                               std::optional<SocketId>& opened);
  // `connection` failed: counts it, and tries again where the workload says so. `at_once`: a call was refused.
  void fail(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
            const PlacedLimit& limit, Error error, bool at_once);
  void schedule_retry(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting);
  void schedule_close(std::uint32_t index);
  void close(std::uint32_t index, bool with_reset);
  void lose(std::uint32_t index);
  void release(std::uint32_t index);
  std::uint32_t new_attempt();
  std::uint64_t nominal_ports(const HostInstance& instance);
  std::uint64_t ports_to_give(const RunningWorkload& workload, const HostInstance& instance, const IpAddress& source,
                              const Endpoint& destination);
  PortLot lot(std::size_t group_index);
  IpAddress source_of(const RunningWorkload& workload, std::size_t instance, const Assignment& assigned);
  static PlacedLimit placed(Limit limit, const RunningWorkload& workload, const IpAddress& source,
                            const Endpoint& destination);
  std::optional<PoolKey> pool_of(const RunningWorkload& workload, std::size_t instance, const IpAddress& source,
                                 const Endpoint& destination) const;

  Network& network_;
  Measurements& measurements_;
  ServerPrograms& servers_;
  std::vector<RunningWorkload> workloads_;
  std::vector<RandomStream> port_lots_;  // by host group
  std::vector<Attempt> attempts_;
  std::vector<std::uint32_t> free_attempts_;
  std::vector<WaitingRetry> retries_;
  std::vector<std::uint32_t> free_retries_;
  PortPools pools_;
  // The size of a fresh pool, by host group: the same for all its hosts until a setting changes.
  struct NominalPorts {
    PortRange range{};
    std::vector<PortRange> reserved{};
    std::uint64_t count = 0;
  };
  std::vector<NominalPorts> nominal_ports_;
  std::map<std::pair<std::size_t, IpAddress>, IpAddress> chosen_sources_;  // by instance and destination, as asked for
  std::vector<std::pair<std::size_t, AddressBlock>> added_addresses_;      // while the scenario runs, by instance
  // Hold times that the server needs, by the client's four-tuple; only for workloads whose server closes first.
  std::unordered_map<FourTuple, Duration, FourTupleHash> server_holds_;
  std::uint64_t pending_ = 0;
};

}  // namespace netlimits::sim

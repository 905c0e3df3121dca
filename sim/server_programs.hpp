// The server programs of a scenario: they open listeners, accept as their policy says, and close what their clients
// closed, or close first when the workload says so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"

namespace netlimits::sim {

// What the user data of a socket says about its owner. 0: nobody's (a connection that waits for accept()).
enum class Owner : std::uint64_t { nobody = 0, listener = 1, client = 2, server = 3, holder = 4 };
constexpr std::uint64_t user_data(Owner owner, std::uint32_t index) {
  return static_cast<std::uint64_t>(owner) << 32U | index;
}
constexpr Owner owner_of(std::uint64_t data) { return static_cast<Owner>(data >> 32U); }
constexpr std::uint32_t index_of(std::uint64_t data) { return static_cast<std::uint32_t>(data); }

class ServerPrograms {
 public:
  ServerPrograms(Network& network, Measurements& measurements);

  // Starts all processes of an instance: held ports, own descriptors, listeners. Client processes as well, since a
  // process may be both. Ids of processes: process_id().
  void start(std::size_t instance);
  // The instance went down: its processes are gone, their counts are kept.
  void forget(std::size_t instance);

  ProcessId process_id(std::size_t instance, std::size_t process, std::uint64_t process_instance) const;

  void on_acceptable(std::uint32_t listener);
  void on_paced_accept(std::uint32_t listener);
  void on_peer_closed(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void on_reset(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void on_hold_over(std::uint32_t instance, SocketId socket);
  void note_drops();  // takes the network's drops over into the measurements

  // How long a server holds a connection whose client sees it as `tuple`, when the server closes first.
  using HoldOf = std::function<std::optional<Duration>(const FourTuple& client_view)>;
  void set_hold_of(HoldOf hold_of) { hold_of_ = std::move(hold_of); }

  // Paced accepts still to come for queued connections.
  bool accepts_pending() const { return pending_accepts_ > 0; }

  // Writes hosts' processes and the server-side limits; returns how many connections nobody accepted.
  std::uint64_t write(RunResult& result);

 private:
  struct ServerProcess {
    std::uint32_t instance;
    std::size_t process;  // index in the group
    ProcessId id;
    bool alive = true;
    bool starved = false;  // an accept() was refused for want of a descriptor
    std::uint64_t accepted = 0;
    std::uint64_t refused_accepts = 0;
    std::uint64_t peak_before = 0;  // of incarnations that are gone
    std::vector<std::uint32_t> listeners;
  };
  struct RunningListener {
    const Listener* configuration;
    std::uint32_t instance;
    SocketId socket;
    std::vector<std::uint32_t> processes;  // who may accept from it
    std::size_t next = 0;                  // whose turn it is
    std::uint64_t peak_queue = 0;
    std::uint64_t capacity = 0;
    SimTime next_accept{};
    bool accept_scheduled = false;
  };

  void hold_what_is_there(std::size_t instance, bool first_start);
  void open_listeners(std::size_t instance, std::size_t process_index, const std::vector<std::uint32_t>& processes);
  std::uint32_t open_listener(std::size_t instance, const Listener& listener, std::vector<std::uint32_t> processes);
  void drain(std::uint32_t listener);
  // One accept() by whoever's turn it is; false when nobody can take one now.
  bool accept_one(std::uint32_t listener);
  void accepted(RunningListener& listener, std::uint32_t process, SocketId socket);
  void close(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void note_queue(RunningListener& listener);
  void refused(RunningListener& listener, std::uint32_t process, const Refusal& refusal);
  void schedule_paced(std::uint32_t listener);
  const Process& configuration(const ServerProcess& process) const;

  Network& network_;
  Measurements& measurements_;
  std::vector<ServerProcess> processes_;
  std::vector<RunningListener> listeners_;
  // By instance: index in processes_ of its first process's first instance, in the order of the configuration.
  std::vector<std::uint32_t> first_process_;
  HoldOf hold_of_;
  std::uint64_t pending_accepts_ = 0;
};

}  // namespace netlimits::sim

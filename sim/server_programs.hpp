// The server programs of a scenario: they open listeners, accept as their policy says, and close what their clients
// closed, or close first when the workload says so.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/running_processes.hpp"
#include "sim/server_holds.hpp"
#include "sim/turns.hpp"

namespace netlimits::sim {

class ServerPrograms {
 public:
  // All of them have to outlive it.
  // `turns`: see ReplayOptions.
  ServerPrograms(const Scenario& scenario, Network& network, RunningProcesses& processes, ServerHolds& holds,
                 Measurements& measurements, std::optional<std::uint64_t> turns);

  // The instances of one process of a host have started: opens their listeners.
  void open_listeners(std::uint32_t instance, std::size_t process, const std::vector<std::uint32_t>& numbers);
  // The host went down: nobody accepts from its listeners any more.
  void forget(std::uint32_t instance);

  void on_acceptable(std::uint32_t listener);
  void on_scheduled_accept(std::uint32_t listener);
  void on_peer_closed(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void on_reset(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void on_hold_over(std::uint32_t instance, SocketId socket);
  // A queue of this listener had no room for a handshake. `believed`: what was dropped was the last segment of it, so
  // that the client takes itself to be connected.
  void on_overflow(std::uint32_t listener, Limit queue, bool believed);

  // Accepts still to come for queued connections.
  bool accepts_pending() const { return pending_accepts_ > 0; }

  // Writes the accept queues; returns how many connections nobody accepted.
  std::uint64_t write(RunResult& result);

 private:
  struct RunningListener {
    const Listener* configuration;
    std::uint32_t instance;
    SocketId socket;
    std::vector<std::uint32_t> processes;  // who may accept from it
    std::size_t next = 0;                  // whose turn it is
    Meter queue{};
    SimTime next_accept{};
    bool accept_scheduled = false;
  };

  std::uint32_t open_listener(std::uint32_t instance, const Listener& listener, std::vector<std::uint32_t> processes);
  void drain(std::uint32_t listener);
  // One accept() by whoever's turn it is; false when nobody can take one now.
  bool accept_one(std::uint32_t listener);
  void accepted(RunningListener& listener, std::uint32_t process, SocketId socket);
  void close(std::uint32_t instance, SocketId socket, std::uint32_t process);
  void refused(const RunningListener& listener, const Refusal& refusal);
  void schedule_accept(std::uint32_t listener, SimTime at);
  void write_queues(const RunningListener& listener);  // Requires: as place_of().
  std::uint64_t queued(const RunningListener& listener) const {
    return network_.instance(listener.instance).host.view(listener.socket).queued;
  }
  Place place_of(const RunningListener& listener) const;  // Requires: somebody may accept from it.

  Network& network_;
  RunningProcesses& processes_;
  ServerHolds& holds_;
  Measurements& measurements_;
  std::optional<Turns> turns_;
  std::vector<RunningListener> listeners_;
  std::uint64_t pending_accepts_ = 0;
};

}  // namespace netlimits::sim

// The server programs of a scenario: they open listeners, accept as their policy says, and close what their clients
// closed, or close first when the workload says so.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/proxies/couples.hpp"
#include "sim/running_processes.hpp"
#include "sim/server_holds.hpp"
#include "sim/turns.hpp"

namespace netlimits::sim {

// Programs that do something else with what they accept than to serve it (sim/proxies/).
class AcceptingPrograms {
 public:
  virtual ~AcceptingPrograms() = default;
  virtual void accepted(const AcceptedHere& here) = 0;
  // True: it counted as served until now.
  virtual bool ended(const AcceptedHere& here) = 0;
};

class ServerPrograms {
 public:
  // From now on they are told of all that is accepted, and say what counts as served.
  void accept_for(AcceptingPrograms* others) { others_ = others; }
  // Ends what was accepted there.
  void end(const AcceptedHere& accepted, bool with_reset);

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
  // A queue of this listener had no room for a segment of a handshake. `tuple`: as its sender sees it. `believed`: it
  // was the last one, so that the client takes itself to be connected.
  void on_overflow(std::uint32_t listener, Limit queue, const FourTuple& tuple, bool believed);

  // What the connection that has waited longest for this listener was refused for, if it was.
  std::optional<RefusedAccept> refusing(std::uint32_t listener) const;

  // Accepts still to come for queued connections.
  bool accepts_pending() const { return pending_accepts_ > 0; }

  // Writes the accept queues, and whom no program took; returns how many connections wait.
  std::uint64_t write(RunResult& result);

 private:
  struct RunningListener {
    const Listener* configuration;
    std::uint32_t instance;
    SocketId socket;
    std::vector<std::uint32_t> processes;  // who may accept from it: side by side
    std::size_t next = 0;                  // whose turn it is
    std::uint64_t taken = 0;               // accepted from it
    Meter queue{};
    SimTime next_accept{};
    bool accept_scheduled = false;
  };
  // An accept() without a descriptor, with a connection in the queue that had not been refused before.
  struct NotTaken {
    std::uint64_t last_in_queue;  // the number of that connection among all that come through this queue
    std::uint32_t process;
    Limit limit;
    Moment when;
  };
  struct Unheard {
    Moment when;
    std::optional<RefusedAccept> behind;
  };

  std::uint32_t open_listener(std::uint32_t instance, const Listener& listener, std::vector<std::uint32_t> processes);
  void drain(std::uint32_t listener);
  // One accept() by whoever's turn it is; false when nobody can take one now.
  bool accept_one(std::uint32_t listener);
  void accepted(std::uint32_t listener, std::uint32_t process, SocketId socket);
  void close(std::uint32_t instance, SocketId socket, std::uint32_t process, bool with_reset = false);
  void refused(std::uint32_t listener, const Refusal& refusal);
  void note_taken(std::uint32_t listener);  // whoever waited for it came late, and was served
  void note_never_taken(std::uint32_t listener);
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
  AcceptingPrograms* others_ = nullptr;
  std::vector<RunningListener> listeners_;
  std::map<std::uint32_t, std::deque<NotTaken>> refused_;  // by listener, as long as those wait
  // Handshakes without an end, by their listener and as their server sees them: the first time of each. Whoever comes
  // after so many is no longer the first that no server ever had.
  static constexpr std::size_t most_unheard = 65536;
  std::map<std::uint32_t, std::map<FourTuple, Unheard>> unheard_;
  std::uint64_t pending_accepts_ = 0;
};

}  // namespace netlimits::sim

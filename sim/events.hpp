// The kinds of events of a replay, and the queue that orders them.
#pragma once

#include <cstdint>

#include "model/host/host.hpp"
#include "sim/event_queue.hpp"

namespace netlimits::sim {

enum class EventKind : std::uint8_t {
  segment,        // index: a segment in flight
  host_timer,     // instance, socket, timer kind in `detail`, round in `index`
  arrival,        // index: the workload whose next connection begins
  retry,          // index: a slot of the client programs' waiting retries
  client_close,   // index: the attempt whose hold time is over
  server_close,   // instance and socket: the server's hold time is over
  paced_accept,   // index: the listener that may accept one more
  scenario,       // index: the scenario's own event
  balancer_note,  // index: a back-end change that a balancer notices now
};

inline constexpr std::size_t event_kinds = 9;

struct SimEvent {
  EventKind kind;
  std::uint8_t detail = 0;
  std::uint16_t epoch = 0;  // of the instance: what was meant for a host before it went down finds nobody
  std::uint32_t instance = 0;
  std::uint32_t index = 0;
  SocketId socket{};
};

// One lane a kind: most kinds have one constant delay, so that most pushes are plain appends.
using SimQueue = EventQueue<SimEvent, event_kinds>;

inline void push(SimQueue& queue, SimTime at, const SimEvent& event) {
  queue.push(at, static_cast<std::size_t>(event.kind), event);
}

}  // namespace netlimits::sim

// The kinds of events, their order at one instant, and the queue that holds them.
//
// Several things at one instant happen in this order, in scenarios and in scripts alike:
//  1. What the scenario itself says (a host goes down, a setting changes), and what a balancer notices of it.
//  2. The timers of hosts, the one that was armed last first: so a kernel fires those of one tick (kernel/time/timer.c,
//     enqueue_timer and expire_timers). All of them come before anything that they send arrives: its timers run in one
//     softirq, its receiving in the next.
//  3. Segments that arrive, in the order in which they were sent.
//  4. Programs: first those that close, then those that accept at a pace, last those that connect (arrivals and
//     retries, in the order in which they were planned). So a connection that ends at the instant at which another one
//     begins has freed its descriptor, its place in a queue and, if nothing waits on, its port.
// After each of these (all timers of an instant are one) follows at once what it causes at the same instant: segments
// that need no time and what hosts tell their programs, in the order in which they came about. A program answers what
// it is told before anything else happens.
#pragma once

#include <chrono>
#include <cstdint>

#include "model/host/host.hpp"
#include "sim/event_queue.hpp"

namespace netlimits::sim {

enum class EventKind : std::uint8_t {
  scenario,          // index: the scenario's own event
  balancer_note,     // index: a back-end change that a balancer notices now
  host_timer,        // instance, socket, timer kind in `detail`, round in `index`
  segment,           // index: a segment in flight
  client_close,      // index: the attempt whose hold time is over
  server_close,      // instance and socket: the server's hold time is over
  scheduled_accept,  // index: the listener that may accept one more
  retry,             // index: a slot of the client programs' waiting retries
  arrival,           // index: the workload whose next connection begins
};

inline constexpr std::size_t event_kinds = 9;
inline constexpr std::size_t timer_kinds = static_cast<std::size_t>(TimerKind::keep_alive) + 1;

constexpr std::uint8_t turn_of(EventKind kind) {
  switch (kind) {
    case EventKind::scenario:
    case EventKind::balancer_note:
      return 0;
    case EventKind::host_timer:
      return 1;
    case EventKind::segment:
      return 2;
    case EventKind::client_close:
    case EventKind::server_close:
      return 3;
    case EventKind::scheduled_accept:
      return 4;
    case EventKind::retry:
    case EventKind::arrival:
      return 5;
  }
  return 5;
}

struct SimEvent {
  EventKind kind;
  std::uint8_t detail = 0;
  std::uint16_t epoch = 0;  // of the instance: what was meant for a host before it went down finds nobody
  std::uint32_t instance = 0;
  std::uint32_t index = 0;
  SocketId socket{};
};

// One lane a kind, and one a kind of timer: most have one constant delay, so that most pushes are plain appends.
using SimQueue = EventQueue<SimEvent, event_kinds + timer_kinds>;

// A run goes no further: from here on what a rule adds to the present, at most 100 years, could be past the end of
// time. It is 192 years after the start.
inline constexpr SimTime last_moment = end_of_time - std::chrono::hours(24 * 36500);

// What would happen after the last moment does not.
inline void push(SimQueue& queue, SimTime at, const SimEvent& event) {
  if (at > last_moment) return;
  const std::size_t lane =
      event.kind == EventKind::host_timer ? event_kinds + event.detail : static_cast<std::size_t>(event.kind);
  queue.push(at, lane, event, turn_of(event.kind));
}

}  // namespace netlimits::sim

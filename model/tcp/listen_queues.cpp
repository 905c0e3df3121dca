// The counts and the chain of a listener's two queues.
#include "model/tcp/listen_queues.hpp"

#include <algorithm>
#include <boost/assert.hpp>

#include "model/tcp/accept_queue.hpp"

namespace netlimits {

bool accept_queue_full(const SocketExtras& listener, const Rules& rules) {
  return listener.queued >= accept_queue_capacity(rules.accept_queue, listener.backlog);
}

bool accept_queue_in_doubt(const SocketExtras& listener, const Rules& rules) {
  const std::uint64_t ahead = std::uint64_t{listener.queued} + listener.half_open;
  return ahead >= accept_queue_capacity(rules.accept_queue, listener.backlog);
}

SynQueueState syn_queue_state(const SocketExtras& listener, bool over_time_wait, bool known_peer, const Rules& rules) {
  return {.backlog = listener.backlog,
          .half_open = listener.half_open,
          .accept_queue_full = accept_queue_full(listener, rules),
          .over_time_wait = over_time_wait,
          .known_peer = known_peer};
}

void enter_syn_queue(SocketExtras& listener) {
  listener.half_open_peak = std::max(listener.half_open_peak, ++listener.half_open);
  ++listener.young;
}

void leave_syn_queue(SocketExtras& listener, const SocketRecord& request) {
  BOOST_ASSERT_MSG(listener.half_open > 0, "leave_syn_queue: it entered");
  --listener.half_open;
  if (request.retries == 0) grow_old(listener);
}

void grow_old(SocketExtras& listener) {
  BOOST_ASSERT_MSG(listener.young > 0, "grow_old: there is a young one");
  --listener.young;
}

void enter_accept_queue(SocketTable& sockets, SocketIndex listener, SocketIndex child) {
  SocketExtras& own = sockets.extras(listener);
  SocketRecord& record = sockets[child];
  BOOST_ASSERT_MSG(!record.queued, "enter_accept_queue: it waits nowhere");
  record.queued = true;
  record.queue_next = no_socket;
  if (own.queue_last == no_socket) {
    own.queue_first = child;
  } else {
    sockets[own.queue_last].queue_next = child;
  }
  own.queue_last = child;
  ++own.queued;
}

SocketIndex leave_accept_queue(SocketTable& sockets, SocketIndex listener) {
  SocketExtras& own = sockets.extras(listener);
  const SocketIndex child = own.queue_first;
  if (child == no_socket) return no_socket;
  SocketRecord& record = sockets[child];
  own.queue_first = record.queue_next;
  if (own.queue_first == no_socket) own.queue_last = no_socket;
  --own.queued;
  record.queue_next = no_socket;
  record.queued = false;
  return child;
}

SocketIndex empty_accept_queue(SocketExtras& listener) {
  const SocketIndex first = listener.queue_first;
  listener.queue_first = no_socket;
  listener.queue_last = no_socket;
  listener.queued = 0;
  return first;
}

}  // namespace netlimits

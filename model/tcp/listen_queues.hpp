// The two queues of a listener, as they stand in its extras: half-open requests (the SYN queue) and completed
// connections that wait for accept() (the accept queue). Who comes in, who leaves, and whether there is room.
//
// Functions of tables alone: whoever follows connections without packets asks the same.
#pragma once

#include "model/sockets/socket_table.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/syn_queue.hpp"

namespace netlimits {

// Of completed connections (accept_queue.hpp). `listener`: the extras of a listening socket, here and below.
bool accept_queue_full(const SocketExtras& listener, const Rules& rules);
// May the ACK of one more request find the accept queue full, because those ahead of it come first?
bool accept_queue_in_doubt(const SocketExtras& listener, const Rules& rules);
// What answer_to_syn() has to know. `known_peer`: KnownPeers.
SynQueueState syn_queue_state(const SocketExtras& listener, bool over_time_wait, bool known_peer, const Rules& rules);

// A place in the SYN queue. Requires: answer_to_syn() says `keep`.
void enter_syn_queue(SocketExtras& listener);
// The request is answered, given up or complete. Requires: it entered, and `retries` is as it was counted.
void leave_syn_queue(SocketExtras& listener, const SocketRecord& request);
// The request's SYN+ACK is repeated: it is young no more. Requires: it was never repeated before.
void grow_old(SocketExtras& listener);

// A place behind those that wait. Requires: there is room, and the child waits nowhere.
void enter_accept_queue(SocketTable& sockets, SocketIndex listener, SocketIndex child);
// The first of those that wait leaves the queue; no_socket: nobody waits.
SocketIndex leave_accept_queue(SocketTable& sockets, SocketIndex listener);
// All of them leave at once: the first, from whom SocketRecord::queue_next leads to the others.
SocketIndex empty_accept_queue(SocketExtras& listener);

}  // namespace netlimits

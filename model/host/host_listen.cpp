#include "model/host/host_state.hpp"
#include "model/tcp/accept_queue.hpp"

namespace netlimits {
namespace {

constexpr Rule listen_rule = Rule::listen_state;
constexpr Rule accept_rule = Rule::accept_not_listening;

}  // namespace

// net/socket.c __sys_listen; net/ipv4/af_inet.c inet_listen; net/ipv4/inet_connection_sock.c inet_csk_listen_start.
// listen() repeats the conflict test with the socket counting as a listener; without a port it takes an automatic one
// on the socket's address. On a listener it only changes the backlog.
Outcome<void> Host::listen(SocketId socket, std::int64_t backlog, PortLot lot) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  if (record.dgram) return refuse(Error::eopnotsupp, listen_rule);
  if (record.call_state != CallState::unconnected) return refuse(Error::einval, listen_rule);
  if (record.state != TcpState::closed && record.state != TcpState::listen) return refuse(Error::einval, listen_rule);
  const Rules& rules = state.rules();
  const std::uint32_t somaxconn =
      rules.has(KernelRule::somaxconn_cuts_backlog) ? state.settings().somaxconn : 0xffffffffU;
  state.extras_of(index).backlog = effective_backlog(backlog, somaxconn);
  state.mark_if(backlog < 0, Rule::listen_backlog_negative);
  state.mark_if(backlog > std::int64_t{somaxconn}, Rule::listen_backlog_cut);
  state.mark_if(record.state == TcpState::listen, Rule::listen_again);
  if (record.state == TcpState::listen) return {};

  const bool had_port = record.held_port != 0;
  record.state = TcpState::listen;
  const bool settled = had_port && !rules.has(KernelRule::listen_repeats_bind_test);
  const auto taken =
      settled ? Outcome<void>{} : state.get_port(index, record.held_port, lot, Rule::listen_automatic_port);
  if (!taken) {
    record.state = TcpState::closed;
    return taken;
  }
  state.mark_if(!had_port, Rule::listen_chooses_port);
  record.local_port = record.held_port;
  SocketExtras& own = state.extras_of(index);
  own.queue_first = no_socket;
  own.queue_last = no_socket;
  own.queued = 0;
  state.listeners.insert(state.sockets, index);
  if (!state.views.empty() && !state.rules().connect_skips_bind_bound) state.recheck_port(record.held_port);
  return {};
}

Outcome<SocketId> Host::accept(SocketId listener, SimTime now, Effects& effects) {
  const auto found = state_->open_socket(listener);
  if (!found) return tl::unexpected(found.error());
  return accept_in(listener, {state_->sockets[*found].process}, now, effects);
}

// The descriptor comes first: at the limit it is EMFILE even with an empty queue, and the queue is untouched
// (net/socket.c, __sys_accept4_file; measured on 6.18).
Outcome<SocketId> Host::accept_in(SocketId listener, ProcessId process, SimTime /*now*/, Effects& /*effects*/) {
  State& state = *state_;
  const auto found = state.open_socket(listener);
  if (!found) return tl::unexpected(found.error());
  if (process.value >= state.processes.size() || !state.processes[process.value].alive)
    return refuse(Error::ebadf, Rule::process_ended);
  const auto no_descriptor = state.descriptor_refusal(process.value);
  if (no_descriptor && state.rules().has(KernelRule::accept_wants_descriptor_first))
    return tl::unexpected(*no_descriptor);
  const SocketRecord& record = state.sockets[*found];
  if (record.dgram) return refuse(Error::eopnotsupp, accept_rule);
  if (record.state != TcpState::listen) return refuse(Error::einval, accept_rule);
  SocketExtras& own = state.extras_of(*found);
  const SocketIndex child = own.queue_first;
  if (child == no_socket) return refuse(Error::eagain, Rule::accept_queue_empty);
  if (no_descriptor) return tl::unexpected(*no_descriptor);
  SocketRecord& taken = state.sockets[child];
  own.queue_first = taken.queue_next;
  if (own.queue_first == no_socket) own.queue_last = no_socket;
  --own.queued;
  taken.queue_next = no_socket;
  taken.queued = false;
  taken.descriptor = true;
  taken.process = process.value;
  taken.call_state = CallState::connected;
  taken.descriptor_number = state.open_descriptor(process.value);
  state.open_file();
  return state.sockets.id(child);
}

}  // namespace netlimits

// The socket calls: each finds its socket and goes to the protocol; descriptors are taken and given back here.
#include "model/addresses/bind_address.hpp"
#include "model/addresses/socket_route.hpp"
#include "model/host/host_state.hpp"
#include "model/sockets/socket_options.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {

Outcome<SocketId> Host::socket(ProcessId process, Family family, SocketType type) {
  State& state = *state_;
  if (!state.processes.alive(process)) return refuse(Error::ebadf, Rule::process_ended);
  if (const auto refusal = descriptor_refusal(process)) return tl::unexpected(*refusal);
  const SocketIndex index = state.sockets.create();
  SocketRecord& record = state.sockets[index];
  record.dgram = type == SocketType::dgram;
  record.inet6 = family == Family::inet6;
  record.v6_only = record.inet6 && settings().ipv6_only_by_default;
  record.local = AddressBits::any(family);
  state.processes.take(record, process);
  return state.sockets.id(index);
}

Outcome<void> Host::close(SocketId socket, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  state.close(*found, {state.sockets[*found].process}, now, effects);
  return {};
}

// ---- bind

Outcome<void> Host::bind(SocketId socket, Endpoint local, PortDraw draw) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  const Rules& rules = state.account.rules();
  const bool privileged = state.processes.privileged(record);
  const auto kind = check_bind_address(record, local, privileged, state.addresses, settings(), rules);
  if (!kind) return tl::unexpected(kind.error());

  const auto set_local = [&](AddressBits to) {
    if (record.dgram) {
      record.local = to;
    } else {
      state.ports.set_local(index, to);
    }
  };
  const AddressBits address = AddressBits::of(local.address);
  set_local(address);
  record.source_open = *kind == AddressKind::multicast || *kind == AddressKind::broadcast;
  const bool was_v6_only = record.v6_only;
  const bool one_v6_address = record.inet6 && !address.is_v6_any() && !address.is_mapped();
  if (state.account.decides(Rule::bind_becomes_v6_only, one_v6_address && !was_v6_only)) record.v6_only = true;
  state.account.mark_if(*kind == AddressKind::other, Rule::bind_foreign_address);

  const bool wants_none = local.port.value == 0 && record.bind_no_port && rules.has(Rule::option_bind_no_port);
  if (!state.account.decides(Rule::bind_without_port, wants_none)) {
    const auto taken = record.dgram
                           ? state.udp.take(index, local.port.value, draw)
                           : state.ports.take(index, local.port.value, draw, Rule::bind_automatic_port, state.account);
    if (!taken) {
      record.v6_only = was_v6_only;
      record.source_open = false;
      set_local(AddressBits::any(record.family()));
      return taken;
    }
  }
  const bool is_wildcard = record.inet6 ? address.is_v6_any() : address.is_any();
  if (!is_wildcard) record.address_locked = true;
  if (local.port.value != 0) record.port_locked = true;
  record.local_port = record.held_port;
  record.remote_port = 0;
  return {};
}

std::vector<Port> Host::bind_candidates(SocketId socket, IpAddress address) const {
  const State& state = *state_;
  if (!state.sockets.knows(socket)) return {};
  RuleAccount asked(state.account.rules());
  SocketRecord record = state.sockets[socket.index];
  record.local = AddressBits::of(address);
  if (record.inet6 && !record.local.is_v6_any() && !record.local.is_mapped()) record.v6_only = true;
  return record.dgram ? state.udp.possible_ports(record, asked) : state.ports.possible_for_bind(record, asked).ports;
}

// ---- connections

Outcome<void> Host::listen(SocketId socket, std::int64_t backlog, PortDraw draw) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  if (state.sockets[*found].dgram) return refuse(Error::eopnotsupp, Rule::listen_state);
  return state.tcp.listen(*found, backlog, draw);
}

Outcome<void> Host::connect(SocketId socket, Endpoint remote, PortDraw draw, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  if (state.sockets[*found].dgram) return state.udp.connect(*found, remote, draw);
  return state.tcp.connect(*found, remote, draw, now, effects);
}

Outcome<void> Host::disconnect(SocketId socket, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  if (state.sockets[*found].dgram) {
    state.udp.disconnect(*found);
  } else {
    state.tcp.disconnect(*found, now, effects);
  }
  return {};
}

std::vector<Port> Host::connect_candidates(SocketId socket, Endpoint remote, SimTime now) const {
  const State& state = *state_;
  if (!state.sockets.knows(socket)) return {};
  RuleAccount asked(state.account.rules());
  SocketRecord record = state.sockets[socket.index];
  if (record.dgram) return state.udp.possible_ports(record, asked);
  const auto route = route_of(record, state.sockets.extras_if_any(record), remote, true, state.addresses, asked);
  if (!route) return {};
  record.local = route->source;
  return state.ports.possible_for_connect(record, {route->source, route->destination, remote.port.value}, now, asked)
      .ports;
}

Outcome<SocketId> Host::accept(SocketId listener, SimTime now, Effects& effects) {
  const auto found = state_->sockets.open(listener);
  if (!found) return tl::unexpected(found.error());
  return accept_in(listener, {state_->sockets[*found].process}, now, effects);
}

// The descriptor comes first: at the limit it is EMFILE even with an empty queue, and the queue is untouched
// (net/socket.c, __sys_accept4_file; measured on 6.18).
Outcome<SocketId> Host::accept_in(SocketId listener, ProcessId process, SimTime /*now*/, Effects& /*effects*/) {
  State& state = *state_;
  const auto found = state.sockets.open(listener);
  if (!found) return tl::unexpected(found.error());
  if (!state.processes.alive(process)) return refuse(Error::ebadf, Rule::process_ended);
  const auto no_descriptor = descriptor_refusal(process);
  if (state.account.decides(Rule::accept_tests_descriptor_first, no_descriptor.has_value()))
    return tl::unexpected(*no_descriptor);
  if (state.sockets[*found].dgram) return refuse(Error::eopnotsupp, Rule::accept_not_listening);
  if (const auto waits = state.tcp.has_connection(*found); !waits) return tl::unexpected(waits.error());
  if (no_descriptor) return tl::unexpected(*no_descriptor);
  const SocketIndex child = state.tcp.accept(*found);
  state.processes.take(state.sockets[child], process);
  return state.sockets.id(child);
}

Outcome<SocketId> Host::hold_connection(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects) {
  const auto index = state_->tcp.hold(process, held, now, effects);
  if (!index) return tl::unexpected(index.error());
  return state_->sockets.id(*index);
}

// ---- data, and the end of it

Outcome<std::uint32_t> Host::send(SocketId socket, std::uint32_t bytes, std::optional<Endpoint> to, PortDraw draw,
                                  SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  if (state.sockets[*found].dgram) return state.udp.send(*found, bytes, to, draw, effects);
  return state.tcp.send(*found, bytes, now, effects);
}

Outcome<std::uint32_t> Host::receive_data(SocketId socket, SimTime /*now*/, Effects& /*effects*/) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  return state.sockets[*found].dgram ? state.udp.receive(*found) : state.tcp.receive(*found);
}

bool Host::readable(SocketId socket) const {
  const State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return true;
  const SocketRecord& record = state.sockets[*found];
  return record.dgram ? state.udp.readable(record) : state.tcp.readable(record);
}

Outcome<void> Host::shutdown(SocketId socket, bool read, bool write, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  if (state.sockets[*found].dgram) return state.udp.shutdown(*found, read, write);
  return state.tcp.shutdown(*found, read, write, now, effects);
}

// ---- names (net/ipv4/af_inet.c inet_getname, net/ipv6/af_inet6.c inet6_getname)

Outcome<Endpoint> Host::local_name(SocketId socket) const {
  const auto found = state_->sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketRecord& record = state_->sockets[*found];
  return Endpoint{record.local.spelled(record.family()), Port{record.local_port}};
}

Outcome<Endpoint> Host::peer_name(SocketId socket) const {
  const auto found = state_->sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketRecord& record = state_->sockets[*found];
  if (record.remote_port == 0 || record.state == TcpState::closed || record.state == TcpState::syn_sent)
    return refuse(Error::enotconn, Rule::peer_name_not_connected);
  return Endpoint{record.remote.spelled(record.family()), Port{record.remote_port}};
}

// ---- options and marks

Outcome<void> Host::has_option(SocketId socket, Option option) const {
  const auto found = state_->sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  return netlimits::has_option(state_->sockets[*found], option, state_->account.rules());
}

Outcome<void> Host::set_option(SocketId socket, Option option, std::int64_t value) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  const OptionSetter setter{state.processes.privileged(state.sockets[*found]), config().devices.size()};
  const auto done = netlimits::set_option(state.sockets, *found, option, value, setter, state.account.rules());
  if (done && option == Option::bind_to_device && value != 0) state.ports.devices_in_use();
  return done;
}

Outcome<void> Host::set_option(SocketId socket, Option option, std::int64_t value, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto done = set_option(socket, option, value);
  if (!done || state.sockets[socket.index].dgram) return done;
  if (option == Option::keep_alive) state.tcp.keep_alive_changed(socket.index, now, effects);
  if (option == Option::keep_idle) state.tcp.keep_idle_changed(socket.index, now, effects);
  return done;
}

Outcome<std::int64_t> Host::get_option(SocketId socket, Option option) {
  State& state = *state_;
  const auto found = state.sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  return netlimits::get_option(state.sockets, *found, option, settings(), state.account.rules());
}

Outcome<std::optional<Error>> Host::take_error(SocketId socket) {
  const auto found = state_->sockets.open(socket);
  if (!found) return tl::unexpected(found.error());
  return netlimits::take_error(state_->sockets[*found]);
}

void Host::set_user_data(SocketId socket, std::uint64_t user_data) {
  if (state_->sockets.knows(socket)) state_->sockets[socket.index].user_data = user_data;
}

void Host::set_nonblocking(SocketId socket, bool nonblocking) {
  State& state = *state_;
  if (!state.sockets.knows(socket)) return;
  SocketRecord& record = state.sockets[socket.index];
  record.nonblocking = nonblocking;
  if (nonblocking) record.waiting = false;
}

void Host::set_waiting(SocketId socket, bool waiting) {
  State& state = *state_;
  if (!state.sockets.knows(socket)) return;
  SocketRecord& record = state.sockets[socket.index];
  if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received) record.waiting = waiting;
}

}  // namespace netlimits

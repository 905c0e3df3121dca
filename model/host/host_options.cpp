#include "model/host/host_state.hpp"
#include "model/ports/socket_port_range.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {
namespace {

constexpr Rule read_only_rule = Rule::option_read_only;
constexpr Rule unknown_rule = Rule::option_unknown;

}  // namespace

Outcome<void> Host::has_option(SocketId socket, Option option) const {
  const State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  switch (option) {
    case Option::v6_only:
      if (!state.sockets[*found].inet6) return refuse(Error::enoprotoopt, unknown_rule);
      return {};
    case Option::bind_no_port:
      if (!state.rules().bind_no_port) return refuse(Error::enoprotoopt, unknown_rule);
      return {};
    case Option::local_port_range:
      if (!state.rules().socket_port_range) return refuse(Error::enoprotoopt, unknown_rule);
      return {};
    default:
      return {};
  }
}

// net/core/sock.c sk_setsockopt, net/ipv4/ip_sockglue.c do_ip_setsockopt, net/ipv6/ipv6_sockglue.c do_ipv6_setsockopt.
Outcome<void> Host::set_option(SocketId socket, Option option, std::int64_t value) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  if (const auto there = has_option(socket, option); !there) return there;
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  const bool on = value != 0;
  switch (option) {
    case Option::reuse_address:
      record.reuse_address = on;
      return {};
    case Option::reuse_port:
      record.reuse_port = on;
      return {};
    case Option::v6_only:
      // Only before the socket has a port.
      if (record.held_port != 0) return refuse(Error::einval, Rule::option_v6_only_when_bound);
      record.v6_only = on;
      return {};
    case Option::bind_no_port:
      record.bind_no_port = on;
      return {};
    case Option::free_bind:
      record.free_bind = on;
      return {};
    case Option::transparent:
      if (on && !state.privileged(record)) return refuse(Error::eperm, Rule::option_transparent_privilege);
      record.transparent = on;
      return {};
    case Option::local_port_range: {
      const auto range = static_cast<std::uint32_t>(value);
      if (!legal_socket_port_range(range)) return refuse(Error::einval, Rule::option_port_range);
      state.extras_of(index).port_range = range;
      return {};
    }
    case Option::linger:
      record.linger = value >= 0;
      if (value > 0 || record.extras != no_extras)
        state.extras_of(index).linger_seconds = value > 0 ? static_cast<std::uint32_t>(value) : 0;
      return {};
    case Option::bind_to_device: {
      const auto devices = static_cast<std::int64_t>(state.config->devices.size());
      if (value < 0 || value > devices + 1) return refuse(Error::enodev, Rule::option_no_such_device);
      // Whoever has no CAP_NET_RAW may bind once, and not change it (sock_bindtoindex_locked, since 5.7).
      if (record.device != 0 && !state.privileged(record)) return refuse(Error::eperm, Rule::option_device_privilege);
      record.device = static_cast<std::uint8_t>(value);
      if (on) {
        state.devices_used = true;
        state.views.clear();
      }
      return {};
    }
    case Option::error:
    case Option::accept_conn:
      return refuse(Error::enoprotoopt, read_only_rule);
  }
  return refuse(Error::enoprotoopt, unknown_rule);
}

Outcome<std::int64_t> Host::get_option(SocketId socket, Option option) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketRecord& record = state.sockets[*found];
  const SocketExtras* own = state.extras_if_any(record);
  switch (option) {
    case Option::reuse_address:
      return record.reuse_address ? 1 : 0;
    case Option::reuse_port:
      return record.reuse_port ? 1 : 0;
    case Option::v6_only:
      if (!record.inet6) return refuse(Error::eopnotsupp, unknown_rule);
      return record.v6_only ? 1 : 0;
    case Option::bind_no_port:
      if (!state.rules().bind_no_port) return refuse(Error::enoprotoopt, unknown_rule);
      return record.bind_no_port ? 1 : 0;
    case Option::free_bind:
      return record.free_bind ? 1 : 0;
    case Option::transparent:
      return record.transparent ? 1 : 0;
    case Option::local_port_range:
      if (!state.rules().socket_port_range) return refuse(Error::enoprotoopt, unknown_rule);
      return own == nullptr ? 0 : std::int64_t{own->port_range};
    case Option::linger:
      if (!record.linger) return -1;
      return own == nullptr ? 0 : std::int64_t{own->linger_seconds};
    case Option::error: {
      const auto error = take_error(socket);
      if (!error) return tl::unexpected(error.error());
      return *error ? 1 + static_cast<std::int64_t>(**error) : 0;
    }
    case Option::bind_to_device:
      return record.device;
    case Option::accept_conn:
      return record.state == TcpState::listen ? 1 : 0;
  }
  return refuse(Error::enoprotoopt, unknown_rule);
}

Outcome<std::optional<Error>> Host::take_error(SocketId socket) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  SocketRecord& record = state.sockets[*found];
  const std::optional<Error> error = record.pending_error();
  record.error = 0;
  return error;
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

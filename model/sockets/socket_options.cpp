// What each option takes, changes and tells.
#include "model/sockets/socket_options.hpp"

#include "model/systems/rule_book.hpp"

namespace netlimits {

Outcome<void> has_option(const SocketRecord& socket, Option option, const Rules& rules) {
  switch (option) {
    case Option::v6_only:
      if (!socket.inet6) return refuse(Error::enoprotoopt, Rule::option_unknown);
      return {};
    case Option::bind_no_port:
      if (!rules.has(Rule::option_bind_no_port)) return refuse(Error::enoprotoopt, Rule::option_unknown);
      return {};
    case Option::local_port_range:
      if (!rules.has(Rule::socket_range_narrows)) return refuse(Error::enoprotoopt, Rule::option_unknown);
      return {};
    default:
      return {};
  }
}

Outcome<void> set_option(SocketTable& sockets, SocketIndex index, Option option, std::int64_t value,
                         const OptionSetter& setter, const Rules& rules) {
  SocketRecord& record = sockets[index];
  if (const auto there = has_option(record, option, rules); !there) return there;
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
      if (on && !setter.privileged) return refuse(Error::eperm, Rule::option_transparent_privilege);
      record.transparent = on;
      return {};
    case Option::local_port_range: {
      const auto range = static_cast<std::uint32_t>(value);
      if (!legal_port_range_option(range)) return refuse(Error::einval, Rule::option_port_range);
      sockets.extras_of(index).port_range = range;
      return {};
    }
    case Option::linger:
      record.linger = value >= 0;
      if (value > 0 || sockets.has_extras(index))
        sockets.extras_of(index).linger_seconds = value > 0 ? static_cast<std::uint32_t>(value) : 0;
      return {};
    case Option::bind_to_device:
      if (value < 0 || value > static_cast<std::int64_t>(setter.devices) + 1)
        return refuse(Error::enodev, Rule::option_no_such_device);
      // Whoever has no CAP_NET_RAW may bind once, and not change it (sock_bindtoindex_locked, since 5.7).
      if (record.device != 0 && !setter.privileged) return refuse(Error::eperm, Rule::option_device_privilege);
      record.device = static_cast<std::uint8_t>(value);
      return {};
    case Option::error:
    case Option::accept_conn:
      return refuse(Error::enoprotoopt, Rule::option_read_only);
  }
  return refuse(Error::enoprotoopt, Rule::option_unknown);
}

Outcome<std::int64_t> get_option(SocketTable& sockets, SocketIndex index, Option option, const Rules& rules) {
  SocketRecord& record = sockets[index];
  const SocketExtras* own = sockets.extras_if_any(record);
  switch (option) {
    case Option::reuse_address:
      return record.reuse_address ? 1 : 0;
    case Option::reuse_port:
      return record.reuse_port ? 1 : 0;
    case Option::v6_only:
      if (!record.inet6) return refuse(Error::eopnotsupp, Rule::option_unknown);
      return record.v6_only ? 1 : 0;
    case Option::bind_no_port:
      if (!rules.has(Rule::option_bind_no_port)) return refuse(Error::enoprotoopt, Rule::option_unknown);
      return record.bind_no_port ? 1 : 0;
    case Option::free_bind:
      return record.free_bind ? 1 : 0;
    case Option::transparent:
      return record.transparent ? 1 : 0;
    case Option::local_port_range:
      if (!rules.has(Rule::socket_range_narrows)) return refuse(Error::enoprotoopt, Rule::option_unknown);
      return own == nullptr ? 0 : std::int64_t{own->port_range};
    case Option::linger:
      if (!record.linger) return -1;
      return own == nullptr ? 0 : std::int64_t{own->linger_seconds};
    case Option::error: {
      const auto error = take_error(record);
      return error ? 1 + static_cast<std::int64_t>(*error) : 0;
    }
    case Option::bind_to_device:
      return record.device;
    case Option::accept_conn:
      return record.state == TcpState::listen ? 1 : 0;
  }
  return refuse(Error::enoprotoopt, Rule::option_unknown);
}

std::optional<Error> take_error(SocketRecord& socket) {
  const std::optional<Error> error = socket.pending_error();
  socket.error = 0;
  return error;
}

}  // namespace netlimits

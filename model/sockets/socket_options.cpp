// What each option takes, changes and tells.
#include "model/sockets/socket_options.hpp"

#include <chrono>

#include "model/sockets/socket_patience.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

bool is_of_tcp(Option option) {
  switch (option) {
    case Option::keep_idle:
    case Option::keep_interval:
    case Option::keep_count:
    case Option::syn_count:
    case Option::fin_wait_2:
    case Option::defer_accept:
    case Option::user_timeout:
      return true;
    default:
      return false;
  }
}

bool is_patience(Option option) {
  return is_of_tcp(option) || option == Option::keep_alive || option == Option::receive_buffer ||
         option == Option::send_buffer;
}

std::uint32_t buffer_ceiling(const Rules& rules) {
  return rules.has(Rule::option_buffer_ceiling) ? usual_buffer_ceiling : older_buffer_ceiling;
}

// Whether the value is one that the option takes, and then the option has it.
bool set_patience(SocketPatience& own, Option option, std::int32_t value, const Rules& rules) {
  const auto within = [value](std::int32_t greatest) { return value >= 1 && value <= greatest; };
  switch (option) {
    case Option::keep_alive:
      own.keep_alive = value != 0;
      return true;
    case Option::keep_idle:
      if (!within(longest_keep_idle)) return false;
      own.keep_idle = static_cast<std::uint32_t>(value);
      return true;
    case Option::keep_interval:
      if (!within(longest_keep_idle)) return false;
      own.keep_interval = static_cast<std::uint32_t>(value);
      return true;
    case Option::keep_count:
      if (!within(most_keep_count)) return false;
      own.keep_count = static_cast<std::uint8_t>(value);
      return true;
    case Option::syn_count:
      if (!within(most_keep_count)) return false;
      own.syn_count = static_cast<std::uint8_t>(value);
      return true;
    case Option::fin_wait_2:
      own.fin_wait_2 = std::clamp(value, -1, longest_fin_wait_2);
      return true;
    case Option::defer_accept:
      own.defer_accept = timeouts_within(value);
      return true;
    case Option::user_timeout:
      if (value < 0) return false;
      own.user_timeout = static_cast<std::uint32_t>(value);
      return true;
    case Option::receive_buffer:
      own.receive_buffer = buffer_for(value, buffer_ceiling(rules), least_receive_buffer);
      return true;
    case Option::send_buffer:
      own.send_buffer = buffer_for(value, buffer_ceiling(rules), least_send_buffer);
      return true;
    default:
      return false;
  }
}

std::int64_t usual_buffer(const SocketRecord& socket, std::uint32_t of_streams) {
  if (socket.dgram) return usual_datagram_buffer;
  return socket.state == TcpState::closed || socket.state == TcpState::listen ? of_streams : 0;
}

std::int64_t told_patience(const SocketRecord& socket, const SocketPatience& own, Option option,
                           const Settings& settings) {
  const auto or_usual = [](std::uint32_t value, std::uint32_t usual) -> std::int64_t {
    return value != 0 ? value : usual;
  };
  switch (option) {
    case Option::keep_alive:
      return own.keep_alive ? 1 : 0;
    case Option::keep_idle:
      return or_usual(own.keep_idle, usual_keep_idle);
    case Option::keep_interval:
      return or_usual(own.keep_interval, usual_keep_interval);
    case Option::keep_count:
      return or_usual(own.keep_count, usual_keep_count);
    case Option::syn_count:
      return or_usual(own.syn_count, settings.syn_retries);
    case Option::fin_wait_2:
      if (own.fin_wait_2 != 0) return own.fin_wait_2;
      return std::chrono::duration_cast<std::chrono::seconds>(settings.fin_timeout).count();
    case Option::defer_accept:
      return seconds_of_timeouts(own.defer_accept);
    case Option::user_timeout:
      return own.user_timeout;
    case Option::receive_buffer:
      return own.receive_buffer != 0 ? own.receive_buffer : usual_buffer(socket, usual_stream_receive_buffer);
    default:
      return own.send_buffer != 0 ? own.send_buffer : usual_buffer(socket, usual_stream_send_buffer);
  }
}

}  // namespace

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
      break;
  }
  const bool known = !is_patience(option) || rules.has(Rule::option_patience);
  if (!known || (is_of_tcp(option) && socket.dgram)) return refuse(Error::enoprotoopt, Rule::option_unknown);
  return {};
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
    default:
      break;
  }
  SocketPatience patience = sockets.has_extras(index) ? sockets.extras(index).patience : SocketPatience{};
  const SocketPatience before = patience;
  if (!set_patience(patience, option, static_cast<std::int32_t>(value), rules))
    return refuse(Error::einval, Rule::option_value_range);
  if (patience != before) sockets.extras_of(index).patience = patience;
  return {};
}

Outcome<std::int64_t> get_option(SocketTable& sockets, SocketIndex index, Option option, const Settings& settings,
                                 const Rules& rules) {
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
    default:
      break;
  }
  if (const auto there = has_option(record, option, rules); !there) {
    const bool other_level = rules.has(Rule::option_patience) && !record.inet6;
    return refuse(other_level ? Error::eopnotsupp : Error::enoprotoopt, Rule::option_unknown);
  }
  return told_patience(record, own == nullptr ? SocketPatience{} : own->patience, option, settings);
}

std::optional<Error> take_error(SocketRecord& socket) {
  const std::optional<Error> error = socket.pending_error();
  socket.error = 0;
  return error;
}

}  // namespace netlimits

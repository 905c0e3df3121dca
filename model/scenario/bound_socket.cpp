// What bind() and connect() leave of a scenario's addresses.
#include "model/scenario/bound_socket.hpp"

#include "model/ports/bind_conflict.hpp"

namespace netlimits {

SocketRecord connected_socket(const IpAddress& at) {
  SocketRecord record;
  record.local = AddressBits::of(at);
  record.inet6 = !at.is_v4();
  return record;
}

SocketRecord bound_socket(const Settings& settings, const IpAddress& at) {
  SocketRecord record = connected_socket(at);
  const bool true_v6 = record.inet6 && !at.is_wildcard() && !at.is_v4_mapped();
  record.v6_only = record.inet6 && (true_v6 || settings.ipv6_only_by_default);
  return record;
}

bool bound_addresses_overlap(const Settings& settings, const Rules& rules, const IpAddress& a, const IpAddress& b) {
  return bind_addresses_overlap(bound_socket(settings, a), bound_socket(settings, b), rules);
}

}  // namespace netlimits

// The sockets of a scenario as the rules of ports and listeners look at them.
#pragma once

#include "model/net/address.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits {

// As bind() leaves a socket of the address's family: at a true IPv6 address it is IPv6 only, at the IPv6 wildcard if
// net.ipv6.bindv6only says so.
SocketRecord bound_socket(const Settings& settings, const IpAddress& at);

// As connect() leaves one that was not bound.
SocketRecord connected_socket(const IpAddress& at);

// Do two sockets that are bound to one port of the host stand in each other's way by their addresses?
bool bound_addresses_overlap(const Settings& settings, const Rules& rules, const IpAddress& a, const IpAddress& b);

}  // namespace netlimits

// May a socket be bound to this endpoint, as far as its address, its port number and the socket's own state say?
//
// Source: net/ipv4/af_inet.c __inet_bind, net/ipv6/af_inet6.c __inet6_bind; 6.18. The order of the checks differs
// between the families, and each check has an error of its own.
#pragma once

#include "model/addresses/own_addresses.hpp"
#include "model/net/endpoint.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/refusal.hpp"

namespace netlimits {

// What the address is to the host, or: EINVAL (an IPv4 address for an IPv6 socket, or a mapped one for a v6-only one;
// already bound; IPv6 multicast for a stream; a link-local address without a device), EAFNOSUPPORT (an IPv6 address for
// an IPv4 socket), EADDRNOTAVAIL (not the host's own), EACCES (a port below net.ipv4.ip_unprivileged_port_start).
// `privileged`: the process has CAP_NET_BIND_SERVICE.
Outcome<AddressKind> check_bind_address(const SocketRecord& socket, Endpoint local, bool privileged,
                                        const OwnAddresses& addresses, const Settings& settings, const Rules& rules);

}  // namespace netlimits

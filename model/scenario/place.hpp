// How a place is worded: which instance of a limit is meant. The three engines word it alike, so it is decided here.
#pragma once

#include <string>

#include "model/net/endpoint.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

std::string host_place(const HostGroup& group);                             // "client"; a group: "client[3000]"
std::string process_place(const HostGroup& group, const Process& process);  // "server/web"
std::string listener_place(const HostGroup& group, const Process& process, const Endpoint& endpoint);
// "server/web 10.1.0.9:443"
// One connection's way out: "client 10.0.0.5 -> 10.1.0.9:443"; hosts of a group share "client[3000] -> 10.1.0.9:443".
std::string outbound_place(const HostGroup& group, const IpAddress& source, const Endpoint& destination);

// A pool of automatic ports, by what shares it: the same as outbound_place() per four-tuple, "client 10.0.0.5 -> *" per
// local address, "client * -> *" per host.
std::string port_pool_place(const HostGroup& group, PortSharing sharing, const IpAddress& source,
                            const Endpoint& destination);

// Which pool a connection with this bind style draws from; nothing for an explicit port.
std::optional<PortSharing> port_sharing_of(const Rules& rules, const BindStyle& style);

}  // namespace netlimits

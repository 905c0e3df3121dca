// How many ports an automatic choice can give at most, nothing else being in use: the size of a port pool.
#pragma once

#include "model/scenario/scenario.hpp"

namespace netlimits {

// The ports of the range, less: those in net.ipv4.ip_local_reserved_ports (Linux skips them), those the system never
// gives (profile), and those that something outside the scenario holds by bind() (Linux: a port with any bind-bound
// owner is withheld from connect(), on every address; other systems: a held port is in use).
// The listeners of the scenario's own processes inside the range are held ports too.
PortCount automatic_port_count(const Settings& settings, const HostGroup& group);

// How many of those the connections take that the host has at the beginning (HostGroup::held_connections), in the pool
// that `source` draws from towards `destination`: per four-tuple only those of the same two, per local address those of
// the same one, per host all. TIME_WAIT entries count, also those that connect() may take over.
PortCount automatic_ports_held(const Settings& settings, const HostGroup& group, PortSharing sharing,
                               const IpAddress& source, const Endpoint& destination);

}  // namespace netlimits

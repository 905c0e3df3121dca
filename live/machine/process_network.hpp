// The network namespace of another process, as far as this user may look.
#pragma once

#include <optional>
#include <string>

#include "live/sandbox/network_namespace.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// Is the process in the network namespace that the calling thread is in? By the namespaces' names where this user may
// read them, else by a socket of our own that has to show up in the process's /proc/PID/net. Nothing: no telling.
std::optional<bool> shares_our_network(const std::string& process);

// Fails with EPERM or EACCES where this user may not enter it and come back. `process`: "/proc/7".
SystemResult<NetworkNamespace> network_of(const std::string& process);

}  // namespace netlimits::live

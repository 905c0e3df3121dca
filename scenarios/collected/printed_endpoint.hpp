// An address and a port as tools print them.
#pragma once

#include <optional>
#include <string_view>

#include "model/net/endpoint.hpp"

namespace netlimits::scenarios {

struct PrintedEndpoint {
  Endpoint endpoint{};  // v4-mapped addresses as IPv4
  bool star = false;    // "*": a wildcard whose family the text does not say; `endpoint` has that of IPv6
  bool bare = false;    // an IPv6 address without brackets
};

// "0.0.0.0:22", "[::1]:80", ":::22", "*:80", "127.0.0.53%lo:53", "[fe80::1]%eth0:546", "10.0.0.5:*" (port 0).
std::optional<PrintedEndpoint> printed_endpoint(std::string_view text);

// Both ends of a connection: of one family, each with an address and a port.
bool is_connection(const Endpoint& local, const Endpoint& remote);

}  // namespace netlimits::scenarios

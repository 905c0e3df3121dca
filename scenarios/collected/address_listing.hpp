// What `ip` prints: addresses of interfaces, and the route towards a destination.
#pragma once

#include <optional>
#include <vector>

#include "model/machine/collected.hpp"
#include "model/net/address.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// `ip addr` or `ip -o addr`: every word after "inet" or "inet6". Loopback and link-local addresses are left out, since
// a host's own addresses are those that others reach; so are peers of point-to-point links.
Loaded<std::vector<AddressBlock>> read_address_listing(const CollectedText& text);

// `ip route get ADDRESS`: the word after "src". Nothing: routing knows no way there ("RTNETLINK answers: Network is
// unreachable", on standard error).
Loaded<std::optional<IpAddress>> read_route_source(const CollectedText& text);

}  // namespace netlimits::scenarios

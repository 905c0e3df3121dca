// What `ip` prints: addresses of interfaces, and the route towards a destination.
#pragma once

#include <optional>
#include <vector>

#include "model/machine/collected.hpp"
#include "model/net/address.hpp"
#include "model/systems/error.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// `ip addr` or `ip -o addr`: every word after "inet" or "inet6". Loopback and link-local addresses are left out, since
// a host's own addresses are those that others reach; so are peers of point-to-point links, and addresses of IPv6 that
// are not the host's yet, or that another host has (tentative, dadfailed). Deprecated ones of IPv6 come last: they are
// taken where there is no other (net/ipv6/addrconf.c, ipv6_get_saddr_eval; RFC 6724, rule 3).
Loaded<std::vector<AddressBlock>> read_address_listing(const CollectedText& text);

// What `ip route get ADDRESS` prints of one address.
struct RouteAnswer {
  std::optional<IpAddress> towards{};  // nothing: it does not say which
  std::optional<IpAddress> source{};   // the word after "src"
  // There is no way, and connect() of a stream ends with this at once ("RTNETLINK answers: Network is unreachable", on
  // standard error; a route of the type unreachable or broadcast). Nothing: there is one, and `source` is there.
  std::optional<Error> refused{};
};
// Of each in turn; one at least. A table of routes, which `ip route` prints, is refused.
Loaded<std::vector<RouteAnswer>> read_routes(const CollectedText& text);

}  // namespace netlimits::scenarios

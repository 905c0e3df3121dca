// Addresses, endpoints and ports as fields of a document. Each refuses, and gives nothing, when the value is none.
#pragma once

#include <optional>
#include <vector>

#include "model/net/endpoint.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// "10.0.0.5", "2001:db8::1". An IPv4 address in IPv6 spelling is refused: a packet carries the plain one. So is a
// link-local one (fe80::/10), here and below: without a scope it names nobody.
std::optional<IpAddress> address_of(const Field& field);
// The same with a prefix length, as an interface has it; without one, the address alone. A host's own: neither
// loopback, nor multicast, nor everyone's (255.255.255.255), nor the wildcard.
std::optional<AddressBlock> interface_address_of(const Field& field);
// "10.1.0.9:443", "[2001:db8::1]:443"; the port is 1 to 65535.
std::optional<Endpoint> endpoint_of(const Field& field);
// A list of ports and ranges: [443, "40000-40009"]; not empty, the ports 1 to 65535.
std::optional<std::vector<PortRange>> ports_of(const Field& field);

// "an expected port", when the text reads as an endpoint but for its port.
bool port_is_out_of_range(std::string_view text);

}  // namespace netlimits::scenarios

// Cuts at the last colon, then takes devices and brackets off.
#include "scenarios/collected/printed_endpoint.hpp"

#include <cstdint>

#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {

std::optional<PrintedEndpoint> printed_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  PrintedEndpoint found;
  found.bare = !host.starts_with('[') && host.find(':') != std::string_view::npos;
  if (const std::size_t device = host.find('%'); device != std::string_view::npos) {
    const bool inside = host.starts_with('[') && host.find(']', device) != std::string_view::npos;
    host = host.substr(0, device);
    if (inside) host.remove_prefix(1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  found.star = host == "*";
  const auto address = found.star ? IpAddress::any(Family::inet6) : IpAddress::parse(host);
  const auto number = port == "*" ? std::uint64_t{0} : whole_number(port);
  if (!address || !number || *number > 65535) return std::nullopt;
  found.endpoint = {address->unmapped(), Port{static_cast<std::uint16_t>(*number)}};
  return found;
}

bool is_connection(const Endpoint& local, const Endpoint& remote) {
  return local.address.family() == remote.address.family() && !local.address.is_wildcard() &&
         !remote.address.is_wildcard() && local.port.value != 0 && remote.port.value != 0;
}

}  // namespace netlimits::scenarios

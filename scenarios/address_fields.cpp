// One reader for each kind of field, with the words for what was expected.
#include "scenarios/address_fields.hpp"

#include <charconv>

#include <fmt/format.h>

#include "model/addresses/own_addresses.hpp"
#include "model/net/port_list.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view endpoint_example = "an address and a port such as \"10.1.0.9:443\" or \"[2001:db8::1]:443\"";
constexpr std::string_view port_example = "a port from 1 to 65535, or a range such as \"40000-40009\"";

bool is_plain(const Field& field, const IpAddress& address) {
  if (address.is_v4_mapped()) {
    field.refuse("an address as packets carry it", fmt::format("write {}", address.unmapped().text()));
    return false;
  }
  if (!address.is_v4() && is_link_local(AddressBits::of(address))) {
    field.refuse("an address that means the same on every interface",
                 "a link-local one needs the name of an interface with it, without which bind() and connect() end with "
                 "EINVAL");
    return false;
  }
  return true;
}

std::optional<PortRange> range_of(const Field& field) {
  const JsonNode& node = field.node();
  if (node.kind == JsonKind::integer && node.integer >= 1 && node.integer <= 65535) {
    const Port port{static_cast<std::uint16_t>(node.integer)};
    return PortRange{port, port};
  }
  if (node.kind == JsonKind::string && node.text.find_first_not_of("0123456789-") == std::string::npos) {
    const auto ranges = parse_port_list(node.text);
    if (ranges && ranges->size() == 1 && ranges->front().first.value >= 1) return ranges->front();
  }
  field.refuse(std::string(port_example));
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> address_of(const Field& field) {
  const auto text = field.string("an address such as \"10.0.0.5\" or \"2001:db8::1\"");
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  if (!address) {
    field.refuse("an address such as \"10.0.0.5\" or \"2001:db8::1\"");
    return std::nullopt;
  }
  return is_plain(field, *address) ? address : std::nullopt;
}

std::optional<AddressBlock> interface_address_of(const Field& field) {
  const auto text = field.string("an address such as \"10.0.0.5\" or \"10.0.0.5/24\"");
  if (!text) return std::nullopt;
  const auto block = AddressBlock::parse(*text);
  if (!block) {
    field.refuse("an address such as \"10.0.0.5\" or \"10.0.0.5/24\"");
    return std::nullopt;
  }
  if (!is_plain(field, block->address)) return std::nullopt;
  if (block->address.is_loopback()) {
    field.refuse("an address of the host's own", "127.0.0.0/8 and ::1 are on every host already");
    return std::nullopt;
  }
  const bool everyones = block->address == IpAddress::v4(0xffffffffU);
  if (block->address.is_multicast() || block->address.is_wildcard() || everyones) {
    field.refuse("an address that a host can have");
    return std::nullopt;
  }
  return block;
}

bool port_is_out_of_range(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  return text.substr(colon + 1).find_first_not_of("0123456789") == std::string_view::npos &&
         Endpoint::parse(fmt::format("{}:1", text.substr(0, colon))).has_value();
}

std::optional<Endpoint> endpoint_of(const Field& field) {
  const auto text = field.string(endpoint_example);
  if (!text) return std::nullopt;
  const auto endpoint = Endpoint::parse(*text);
  if (!endpoint || endpoint->port.value == 0) {
    field.refuse(std::string(port_is_out_of_range(*text) ? "a port from 1 to 65535" : endpoint_example));
    return std::nullopt;
  }
  return is_plain(field, endpoint->address) ? endpoint : std::nullopt;
}

std::optional<std::vector<PortRange>> ports_of(const Field& field) {
  const auto list = field.list("a list of ports such as [443, \"40000-40009\"]");
  if (!list) return std::nullopt;
  if (list->empty()) {
    field.refuse("at least one port");
    return std::nullopt;
  }
  std::vector<PortRange> ports;
  for (const Field& item : *list) {
    const auto range = range_of(item);
    if (!range) return std::nullopt;
    ports.push_back(*range);
  }
  return ports;
}

}  // namespace netlimits::scenarios

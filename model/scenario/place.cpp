#include "model/scenario/place.hpp"

#include <fmt/format.h>

namespace netlimits {

std::string host_place(const HostGroup& group) {
  return group.count == 1 ? group.name : fmt::format("{}[{}]", group.name, group.count);
}

std::string process_place(const HostGroup& group, const Process& process) {
  return host_place(group) + "/" + process.name;
}

std::string listener_place(const HostGroup& group, const Process& process, const Endpoint& endpoint) {
  return process_place(group, process) + " " + endpoint.text();
}

std::string outbound_place(const HostGroup& group, const IpAddress& source, const Endpoint& destination) {
  return port_pool_place(group, PortSharing::four_tuple, source, destination);
}

std::string port_pool_place(const HostGroup& group, PortSharing sharing, const IpAddress& source,
                            const Endpoint& destination) {
  const std::string to = sharing == PortSharing::four_tuple ? destination.text() : "*";
  if (group.count != 1) return fmt::format("{} -> {}", host_place(group), to);
  const std::string from = sharing == PortSharing::host_port ? "*" : source.text();
  return fmt::format("{} {} -> {}", group.name, from, to);
}

std::optional<PortSharing> port_sharing_of(const Rules& rules, const BindStyle& style) {
  if (std::holds_alternative<BindExplicit>(style)) return std::nullopt;
  const bool port_by_connect = std::holds_alternative<PlainConnect>(style) ||
                               (std::holds_alternative<BindAddressNoPort>(style) && rules.bind_no_port);
  return port_by_connect ? rules.connect_sharing : rules.bound_sharing;
}

}  // namespace netlimits

// Routing's answer for the hosts of a scenario.
#include "model/scenario/source_choice.hpp"

#include <vector>

#include "model/addresses/socket_route.hpp"

namespace netlimits {
namespace {

// No scenario says more about routes than a host's addresses do, and whether it has IPv6.
const HostConfig& plain_host(const HostGroup& group) {
  static const HostConfig host;
  static const HostConfig without_ipv6 = [] {
    HostConfig config;
    config.settings.ipv6_disabled = true;
    return config;
  }();
  return group.settings.ipv6_disabled ? without_ipv6 : host;
}

IpAddress on_instance(const IpAddress& of_first, std::uint64_t offset) {
  return of_first.is_loopback() ? of_first : of_first.plus(offset);
}

// A plain connect() binds nothing.
bool names_sources(const Workload& workload) {
  return !workload.sources.empty() && !std::holds_alternative<PlainConnect>(workload.bind);
}

}  // namespace

SourceChoice::SourceChoice(const HostGroup& group, std::uint64_t instance)
    : own_(plain_host(group)), offset_(instance * group.address_stride) {
  std::vector<AddressBlock> addresses = group.addresses;
  for (AddressBlock& block : addresses) block.address = on_instance(block.address, offset_);
  own_.add(addresses);
}

Outcome<IpAddress> SourceChoice::towards(const IpAddress& destination) const {
  RouteWish wish;
  wish.destination = AddressBits::of(destination);
  return stream_route(own_, wish).map([&](const Route& route) { return route.source.spelled(destination.family()); });
}

Outcome<IpAddress> SourceChoice::from(const IpAddress& source, const IpAddress& destination) const {
  RouteWish wish;
  wish.destination = AddressBits::of(destination);
  wish.source_bound = true;
  wish.source = AddressBits::of(source);
  return stream_route(own_, wish).map([&](const Route&) { return source; });
}

Outcome<IpAddress> SourceChoice::of(const Workload& workload, const Assignment& assigned) const {
  const IpAddress& destination = workload.to[assigned.destination].address;
  if (!names_sources(workload)) return towards(destination);
  return from(on_instance(workload.sources[assigned.source], offset_), destination);
}

std::optional<IpAddress> named_source(const Workload& workload, const HostGroup& group, const Assignment& assigned) {
  if (!names_sources(workload)) return std::nullopt;
  return on_instance(workload.sources[assigned.source], assigned.host_instance * group.address_stride);
}

}  // namespace netlimits

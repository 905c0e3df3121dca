// Ports of a gateway: an address and port of it serve one connection to each destination at a time
// (model/path/nat_settings.hpp has the sources of each kind's figures).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/plan/free_addresses.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> its_gateway(const PlacedLimit& limit) {
  const auto* const gateway = std::get_if<GatewayPlace>(&limit.place.what);
  if (gateway == nullptr) return {};
  return {{.gateway = std::string(gateway->gateway.view()), .family = gateway->destination.address.family()}};
}

std::vector<DialPlace> nat_ports_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::nat_ports ? its_gateway(limit) : std::vector<DialPlace>{};
}

std::vector<DialPlace> nat_block_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::nat_block ? its_gateway(limit) : std::vector<DialPlace>{};
}

std::uint64_t addresses_of(const Gateway& gateway, Family family) {
  return static_cast<std::uint64_t>(std::count_if(gateway.addresses.begin(), gateway.addresses.end(),
                                                  [&](const IpAddress& one) { return one.family() == family; }));
}

// AWS NAT gateway: awsdocs/amazon-vpc-user-guide @a16ab76, vpc-nat-gateway.md; Azure NAT gateway:
// MicrosoftDocs/azure-docs, articles/nat-gateway/nat-gateway-resource.md @00595da.
std::uint64_t most_addresses_of(const Gateway& gateway) {
  if (gateway.kind == "aws-nat-gateway") return 8;
  return gateway.kind == "azure-nat-gateway" ? 16 : most_of_a_kind;
}

std::optional<DialRange> nat_addresses_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const Gateway& gateway = scenario.gateways.at(place.gateway);
  // Several addresses of which a hash chooses one are not modelled.
  if (gateway.nat.port_choice == NatPortChoice::kept_or_searched) return std::nullopt;
  const std::uint64_t before = addresses_of(gateway, place.family);
  if (before == 0) return std::nullopt;
  return DialRange{before, most_addresses_of(gateway)};
}

void turn_nat_addresses(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  Gateway& gateway = scenario.gateways.at(place.gateway);
  const FreeAddresses free(scenario);
  IpAddress last;
  for (const IpAddress& address : gateway.addresses) {
    if (address.family() == place.family) last = address;
  }
  for (std::uint64_t count = before; count < figure; ++count) {
    const auto next = free.run_behind(last, 1);
    if (!next) return;
    gateway.addresses.push_back(*next);
    last = *next;
  }
}

std::string nat_addresses_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", addresses_of(scenario.gateways.at(place.gateway), place.family));
}

constexpr std::uint64_t highest_nat_port = 65535;
constexpr std::uint64_t lowest_nat_port = 1024;

std::optional<DialRange> nat_ports_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const NatSettings& nat = scenario.gateways.at(place.gateway).nat;
  // Of a device that has a figure for each destination the range is not the limit.
  if (nat.per_destination != 0) return std::nullopt;
  const std::uint64_t lowest = std::min<std::uint64_t>(lowest_nat_port, nat.ports.first.value);
  return DialRange{nat.ports.size().value, highest_nat_port - lowest + 1};
}

void turn_nat_ports(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  PortRange& ports = scenario.gateways.at(place.gateway).nat.ports;
  const std::uint64_t more = figure - before;
  const std::uint64_t above = std::min(more, highest_nat_port - ports.last.value);
  ports = {Port{static_cast<std::uint16_t>(ports.first.value - (more - above))},
           Port{static_cast<std::uint16_t>(ports.last.value + above)}};
}

std::string nat_ports_value(const Scenario& scenario, const DialPlace& place) {
  const PortRange& ports = scenario.gateways.at(place.gateway).nat.ports;
  return fmt::format("{}-{}", ports.first.value, ports.last.value);
}

// The largest block with which each host has one yet.
std::optional<DialRange> nat_block_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const Gateway& gateway = scenario.gateways.at(place.gateway);
  if (gateway.nat.block == 0) return std::nullopt;
  std::uint64_t clients = 0;
  for (const std::string& host : gateway.hosts) clients += scenario.hosts.at(host).count;
  std::uint64_t addresses = gateway.addresses.size();
  for (const Family family : {Family::inet, Family::inet6}) {
    if (const std::uint64_t of = addresses_of(gateway, family); of > 0) addresses = std::min(addresses, of);
  }
  if (clients == 0 || addresses == 0) return std::nullopt;
  const std::uint64_t blocks_each = (clients + addresses - 1) / addresses;
  const std::uint64_t most = gateway.nat.ports.size().value / blocks_each;
  if (most <= gateway.nat.block) return std::nullopt;
  return DialRange{gateway.nat.block, std::min<std::uint64_t>(most, highest_nat_port)};
}

void turn_nat_block(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  scenario.gateways.at(place.gateway).nat.block = static_cast<std::uint32_t>(figure);
}

std::string nat_block_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", scenario.gateways.at(place.gateway).nat.block);
}

}  // namespace

Knob nat_addresses_knob() {
  return {.name = "nat_addresses",
          .unit = "gateway addresses",
          .cost = {.once = 6, .each = 2},
          .against = nat_ports_against,
          .range = nat_addresses_range,
          .turn = turn_nat_addresses,
          .value = nat_addresses_value};
}

Knob nat_ports_knob() {
  return {.name = "nat_ports",
          .unit = "ports",
          .cost = {.once = 3},
          .against = nat_ports_against,
          .range = nat_ports_range,
          .turn = turn_nat_ports,
          .value = nat_ports_value};
}

Knob nat_block_knob() {
  return {.name = "nat_block",
          .unit = "ports a host",
          .cost = {.once = 4},
          .against = nat_block_against,
          .range = nat_block_range,
          .turn = turn_nat_block,
          .value = nat_block_value};
}

}  // namespace netlimits::analysis

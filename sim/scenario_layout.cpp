// Numbers, addresses and distances of a scenario's hosts and balancers.
#include "sim/scenario_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/scenario/places.hpp"

namespace netlimits::sim {
namespace {

// Half a round trip, the odd nanosecond going to one direction only.
Duration half_of(Duration round_trip, bool forward) {
  const Duration half = round_trip / 2;
  return forward ? half : round_trip - half;
}

std::shared_ptr<const HostConfig> configuration_of(const std::string& name, const HostGroup& group,
                                                   bool late_timeouts) {
  auto configuration = std::make_shared<HostConfig>();
  configuration->name = name;
  configuration->profile = group.profile;
  configuration->settings = group.settings;
  configuration->late_timeouts = late_timeouts;
  return configuration;
}

}  // namespace

ScenarioLayout::ScenarioLayout(const Scenario& scenario, bool late_timeouts)
    : topology_(scenario), seed_(scenario.seed) {
  for (const auto& [name, group] : scenario.hosts) {
    const auto first = static_cast<std::uint32_t>(host_count_);
    groups_.push_back({&group, first, configuration_of(name, group, late_timeouts), {}});
    first_instance_.emplace(name, first);
    host_count_ += group.count;
    tracks_connections_ = tracks_connections_ || group.conntrack.has_value();
  }
  balancers_ = scenario.balancers.size();
  sites_ = scenario.hosts.size() + balancers_ + scenario.gateways.size();
  std::size_t number = 0;
  for (const auto& [name, gateway] : scenario.gateways) {
    for (const IpAddress& address : gateway.addresses) gateway_addresses_.emplace(address, number);
    for (const std::string& behind : gateway.hosts) groups_[group_of(first_instance_.at(behind))].gateway = number;
    gateways_.push_back(&gateway);
    ++number;
  }
  constexpr std::size_t few = 256;
  if (sites_ > few) return;
  one_way_.resize(sites_ * sites_);
  for (std::uint32_t from = 0; from < sites_; ++from) {
    for (std::uint32_t to = 0; to < sites_; ++to) one_way_[from * sites_ + to] = one_way_anew(from, to);
  }
}

std::optional<Duration> ScenarioLayout::one_way_anew(std::uint32_t from, std::uint32_t to) const {
  const auto round_trip = topology_.round_trip_between(from, to);
  if (!round_trip) return std::nullopt;
  return half_of(*round_trip, from < to);
}

std::optional<Duration> ScenarioLayout::one_way(std::uint32_t from_site, std::uint32_t to_site) const {
  if (!one_way_.empty()) return one_way_[from_site * sites_ + to_site];
  const std::uint64_t pair = std::uint64_t{from_site} << 32U | to_site;
  const auto [known, is_new] = one_way_asked_.try_emplace(pair);
  if (is_new) known->second = one_way_anew(from_site, to_site);
  return known->second;
}

std::uint32_t ScenarioLayout::group_of(std::uint32_t number) const {
  const auto behind = std::upper_bound(groups_.begin(), groups_.end(), number,
                                       [](std::uint32_t n, const Group& group) { return n < group.first; });
  return static_cast<std::uint32_t>(behind - groups_.begin()) - 1;
}

HostInstance ScenarioLayout::make(std::uint32_t number) const {
  const std::uint32_t site = group_of(number);
  const Group& of = groups_[site];
  const std::uint64_t index = number - of.first;
  std::vector<AddressBlock> addresses = of.group->addresses;
  for (AddressBlock& block : addresses) block.address = block.address.plus(index * of.group->address_stride);
  return {.number = number, .site = site, .group = of.group, .index = index, .host = Host(of.configuration, addresses)};
}

std::optional<Stop> ScenarioLayout::host_with(const IpAddress& address) const {
  if (const auto site = topology_.site_of(address)) {
    const auto group = static_cast<std::uint32_t>(site->group);
    return Stop{groups_[group].first + static_cast<std::uint32_t>(site->instance), group};
  }
  if (added_addresses_.empty()) return std::nullopt;
  const auto found = added_addresses_.find(address);
  if (found == added_addresses_.end()) return std::nullopt;
  return found->second;
}

std::optional<Stop> ScenarioLayout::owner_of(const IpAddress& address, const Stop& from) const {
  if (address.is_loopback()) return from;
  if (!gateway_addresses_.empty()) {
    const auto found = gateway_addresses_.find(address);
    if (found != gateway_addresses_.end()) return gateway(found->second);
  }
  return host_with(address);
}

std::optional<Stop> ScenarioLayout::gateway_towards(const IpAddress& address, const Stop& from) const {
  if (gateway_addresses_.empty() || from.site >= groups_.size() || address.is_loopback()) return std::nullopt;
  const auto number = groups_[from.site].gateway;
  if (!number) return std::nullopt;
  const auto to = host_with(address);
  if (to && groups_[to->site].gateway == number) return std::nullopt;
  return gateway(*number);
}

Stop ScenarioLayout::balancer(std::size_t number) const {
  return {static_cast<std::uint32_t>(host_count_ + number), static_cast<std::uint32_t>(groups_.size() + number)};
}

Stop ScenarioLayout::gateway(std::size_t number) const {
  return {static_cast<std::uint32_t>(host_count_ + balancers_ + number),
          static_cast<std::uint32_t>(groups_.size() + balancers_ + number)};
}

std::optional<Conntrack> ScenarioLayout::fresh_table(std::uint32_t host) const {
  const Group& of = groups_[group_of(host)];
  const HostGroup& group = *of.group;
  if (!group.conntrack) return std::nullopt;
  return Conntrack(*group.conntrack,
                   RandomStream(seed_, fmt::format("table of {} {}", group.name, host - of.first)).bits());
}

PlacedLimit ScenarioLayout::table_at(std::uint32_t node) const {
  if (node < host_count_) return conntrack_limit(*groups_[group_of(node)].group);
  return conntrack_limit(*gateways_[node - host_count_ - balancers_]);
}

PlacedLimit ScenarioLayout::ports_of_gateway(std::size_t gateway, std::uint64_t client,
                                             const Endpoint& destination) const {
  return gateway_limit(*gateways_[gateway], *groups_[group_of(static_cast<std::uint32_t>(client))].group, destination);
}

std::vector<std::pair<PlacedLimit, GatewayFlows::Pool>> ScenarioLayout::gateway_pools(const Network& network) const {
  std::vector<std::pair<PlacedLimit, GatewayFlows::Pool>> found;
  network.made().each([&](const HostInstance& on) {
    if (on.group == nullptr || !on.group->conntrack) return;
    const ConntrackSettings& settings = *on.group->conntrack;
    const Conntrack* const table = network.table_of(on.number);
    found.emplace_back(conntrack_limit(*on.group),
                       GatewayFlows::Pool{settings.max, table == nullptr ? settings.held : table->entries(),
                                          table == nullptr ? settings.held : table->peak()});
  });
  for (std::size_t number = 0; number < network.gateways().size(); ++number) {
    for (const auto& [key, pool] : network.gateways()[number].flows.pools())
      found.emplace_back(ports_of_gateway(number, key.client, key.destination), pool);
    if (const auto table = network.gateways()[number].flows.table())
      found.emplace_back(conntrack_limit(*gateways_[number]), *table);
  }
  return found;
}

void ScenarioLayout::add_address(std::uint32_t number, const IpAddress& address) {
  added_addresses_.emplace(address.unmapped(), Stop{number, group_of(number)});
}

std::vector<BalancedEndpoint> balanced_endpoints(const Scenario& scenario) {
  std::vector<BalancedEndpoint> balancers;
  for (const auto& [name, balancer] : scenario.balancers) balancers.push_back({balancer.endpoint, balancer.back_ends});
  return balancers;
}

void write_balancers(const Scenario& scenario, const Network& network, RunResult& result) {
  std::size_t b = 0;
  for (const auto& [name, balancer] : scenario.balancers) {
    std::vector<BackEndResult>& written = result.balancers[name];
    for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
      const auto& counts = network.balancers().counts(b, e);
      written.push_back({balancer.back_ends[e].text(), counts.connections, counts.open});
    }
    ++b;
  }
}

std::vector<DrawingGateway> gateways_of(const Scenario& scenario, std::uint64_t seed) {
  std::vector<DrawingGateway> gateways;
  for (const auto& [name, gateway] : scenario.gateways) {
    RandomStream draws(seed, "ports of gateway " + name);
    const std::uint32_t salt = draws.bits();
    gateways.push_back({GatewayFlows(gateway.addresses, gateway.nat, salt, gateway.conntrack), draws});
  }
  return gateways;
}

}  // namespace netlimits::sim

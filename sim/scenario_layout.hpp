// The network of a scenario: hosts by group and instance, and the distances between groups, balancers and gateways.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/path/balancer_flows.hpp"
#include "model/path/gateway_flows.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/topology.hpp"
#include "sim/layout.hpp"
#include "sim/network.hpp"

namespace netlimits::sim {

// Hosts are numbered group by group in the order of the groups' names, and within a group by instance.
class ScenarioLayout final : public Layout {
 public:
  // The scenario has to outlive it. `late_timeouts`: of its hosts (model/sockets/host_config.hpp).
  explicit ScenarioLayout(const Scenario& scenario, bool late_timeouts = false);

  std::size_t host_count() const override { return host_count_; }
  HostInstance make(std::uint32_t number) const override;
  std::optional<Stop> owner_of(const IpAddress& address, const Stop& from) const override;
  Stop balancer(std::size_t number) const override;
  Stop gateway(std::size_t number) const override;
  std::optional<Stop> gateway_towards(const IpAddress& address, const Stop& from) const override;
  bool tracks_connections() const override { return tracks_connections_; }
  std::optional<Conntrack> fresh_table(std::uint32_t host) const override;
  std::optional<Duration> one_way(std::uint32_t from_site, std::uint32_t to_site) const override;

  std::uint32_t first_instance(const std::string& group) const { return first_instance_.at(group); }
  // The host that has `address` on an interface.
  std::optional<Stop> host_with(const IpAddress& address) const;
  void add_address(std::uint32_t number, const IpAddress& address);
  // The table of the host or gateway that is this node. Requires: it has one.
  PlacedLimit table_at(std::uint32_t node) const;
  // The ports of a gateway towards a destination; those of the client host's block where it has one.
  PlacedLimit ports_of_gateway(std::size_t gateway, std::uint64_t client, const Endpoint& destination) const;
  // Those that somebody asked for in a run, and all tables of tracked connections.
  std::vector<std::pair<PlacedLimit, GatewayFlows::Pool>> gateway_pools(const Network& network) const;

 private:
  struct Group {
    const HostGroup* group;
    std::uint32_t first;  // its first host's number
    std::shared_ptr<const HostConfig> configuration;
    std::optional<std::size_t> gateway{};  // that its hosts are behind
  };
  std::uint32_t group_of(std::uint32_t number) const;
  std::optional<Duration> one_way_anew(std::uint32_t from, std::uint32_t to) const;

  Topology topology_;
  std::uint64_t seed_;
  bool tracks_connections_ = false;
  std::vector<Group> groups_;
  std::map<std::string, std::uint32_t> first_instance_;
  std::size_t host_count_ = 0;
  std::size_t balancers_ = 0;
  std::size_t sites_ = 0;                         // host groups, then balancers, then gateways
  std::vector<std::optional<Duration>> one_way_;  // by pair of sites, where these are few
  mutable std::unordered_map<std::uint64_t, std::optional<Duration>> one_way_asked_;  // else those that were asked for
  std::unordered_map<IpAddress, Stop> added_addresses_;                               // while the scenario runs
  std::vector<const Gateway*> gateways_;
  std::unordered_map<IpAddress, std::size_t> gateway_addresses_;  // and whose they are
};

// The balancers of a scenario, in the order of their names.
std::vector<BalancedEndpoint> balanced_endpoints(const Scenario& scenario);

// What came to their back ends in a run.
void write_balancers(const Scenario& scenario, const Network& network, RunResult& result);

// Its gateways, in the order of their names. `seed`: what decides the draws.
std::vector<DrawingGateway> gateways_of(const Scenario& scenario, std::uint64_t seed);

}  // namespace netlimits::sim

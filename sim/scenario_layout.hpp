// The network of a scenario: hosts by group and instance, and the distances between groups and balancers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/path/balancer_flows.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/topology.hpp"
#include "sim/layout.hpp"

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
  std::optional<Duration> one_way(std::uint32_t from_site, std::uint32_t to_site) const override;

  std::uint32_t first_instance(const std::string& group) const { return first_instance_.at(group); }
  // The host that has `address` on an interface.
  std::optional<Stop> host_with(const IpAddress& address) const;
  void add_address(std::uint32_t number, const IpAddress& address);

 private:
  struct Group {
    const HostGroup* group;
    std::uint32_t first;  // its first host's number
    std::shared_ptr<const HostConfig> configuration;
  };
  std::uint32_t group_of(std::uint32_t number) const;
  std::optional<Duration> one_way_anew(std::uint32_t from, std::uint32_t to) const;

  Topology topology_;
  std::vector<Group> groups_;
  std::map<std::string, std::uint32_t> first_instance_;
  std::size_t host_count_ = 0;
  std::size_t sites_ = 0;                         // host groups, then balancers
  std::vector<std::optional<Duration>> one_way_;  // by pair of sites, where these are few
  mutable std::unordered_map<std::uint64_t, std::optional<Duration>> one_way_asked_;  // else those that were asked for
  std::unordered_map<IpAddress, Stop> added_addresses_;                               // while the scenario runs
};

// The balancers of a scenario, in the order of their names.
std::vector<BalancedEndpoint> balanced_endpoints(const Scenario& scenario);

}  // namespace netlimits::sim

// The hosts of a run plan as network namespaces, and the wires between them.
//
// Each host has one cable (eth0) to the wire that it is on, a namespace of its own that only passes packets on: routed,
// not bridged, so that a host with thousands of addresses costs the others one neighbour entry (their number is bounded
// for the whole machine, net.ipv4.neigh.default.gc_thresh3). What has no owner vanishes on the wire without an answer.
// Balancers and gateways are rules of the wire. The round-trip time of a path is not imitated: it changes when things
// happen, not what the limits allow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "live/gateways/kernel_gateway.hpp"
#include "live/gateways/kernel_table.hpp"
#include "live/run/run_plan.hpp"
#include "live/sandbox/network_namespace.hpp"

namespace netlimits::live {

class HostNetwork {
 public:
  // Requires: called in a sandbox. The scenario and the plan outlive it.
  static SystemResult<HostNetwork> build(const Scenario& scenario, const RunPlan& plan);

  const NetworkNamespace& host(std::size_t where) const { return *hosts_[where]; }
  bool is_up(std::size_t where) const { return hosts_[where].has_value(); }
  std::vector<IpAddress> addresses_of(std::size_t where) const;  // but for loopback, those added by events too

  // Cuts the host off without a word: nothing that its processes still send leaves. Its namespace goes when they do.
  SystemResult<void> take_down(std::size_t where);
  SystemResult<void> bring_up(std::size_t where);  // a fresh namespace

  SystemResult<void> add_address(std::size_t where, const AddressBlock& block);
  SystemResult<void> change_setting(std::size_t where, const std::string& name, const std::string& value);

  // ---- balancers; `balancer` and `back_end` count in the order of the scenario
  bool balances() const { return balances_; }  // false: nothing to balance
  // Marks back ends as up or down. The rotation goes on where it stands: the next connection goes to the next living
  // one in the order of the list. A down one's connections that are only half open get a reset with their next segment.
  SystemResult<void> set_back_ends(std::size_t balancer, const std::vector<std::size_t>& back_ends, bool up);
  // The connections that clients have through the balancer with these back ends, half-open ones too but none that is
  // being closed, as they see them.
  SystemResult<std::vector<FourTuple>> carried(std::size_t balancer, const std::vector<std::size_t>& back_ends) const;
  // The balancer's half of a reset: a client that comes back on the same port is a new one.
  SystemResult<void> forget(std::size_t balancer, const std::vector<FourTuple>& flows) const;
  // The connections through all balancers, as back ends see them, and the back end's number among all of all balancers.
  SystemResult<std::map<FourTuple, std::size_t>> came_through() const;
  // New connections given to each back end so far, by balancer and back end.
  SystemResult<std::vector<std::vector<std::uint64_t>>> back_end_counts() const;

  // ---- tables of tracked connections
  // What each has now (live/gateways/kernel_table.hpp); of several hosts of a group the fullest, and dropped by all.
  SystemResult<std::vector<TableUse>> tables_in_use() const;

  // ---- gateways
  bool has_gateways() const { return !gateway_pools_.empty(); }
  // Ports that connections have now, by pool (live/gateways/kernel_gateway.hpp), and SYNs so far that found none.
  struct GatewayUse {
    std::vector<std::uint64_t> ports{};
    std::uint64_t found_none = 0;
  };
  SystemResult<GatewayUse> gateway_use() const;

 private:
  HostNetwork(const Scenario& scenario, const RunPlan& plan) : scenario_(&scenario), plan_(&plan) {}
  SystemResult<void> make_wire();
  SystemResult<void> connect_host(std::size_t where);
  SystemResult<void> furnish_host(std::size_t where);
  SystemResult<void> choose_sources(std::size_t where, const std::vector<IpAddress>& addresses);
  SystemResult<void> make_balancers();
  SystemResult<void> make_gateways();
  SystemResult<void> lead_out_of_reach(std::size_t wire);
  std::string cable_name(std::size_t where) const;

  const Scenario* scenario_;
  const RunPlan* plan_;
  std::vector<NetworkNamespace> wires_;
  std::vector<std::optional<NetworkNamespace>> hosts_;
  std::vector<std::uint64_t> cables_laid_;  // by host: names on the wire are never used twice
  std::vector<std::vector<AddressBlock>> added_;
  struct Balancing {
    const Balancer* configuration;
    std::size_t wire;
    bool reached;  // some host's way leads there
    std::vector<bool> up;
    std::size_t turn = 0;      // whose turn it was when the present rule was made
    std::uint64_t before = 0;  // connections given by earlier rules
  };
  SystemResult<std::vector<std::uint64_t>> given_by(std::size_t balancer) const;
  SystemResult<void> write_choice(std::size_t balancer);
  std::vector<Balancing> balancers_;
  bool balances_ = false;
  std::vector<GatewayPool> gateway_pools_;
  std::vector<std::size_t> gateway_wires_;  // that have any
  std::vector<TableThere> tables_;
};

}  // namespace netlimits::live

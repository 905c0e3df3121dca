// First the wire and both ends of each host's cable; then hosts that go and come, addresses and settings that change.
// The balancers are in host_balancers.cpp.
#include "live/run/host_network.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "live/sandbox/address_cover.hpp"
#include "live/sandbox/host_settings.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/scenario/source_choice.hpp"

namespace netlimits::live {
namespace {

constexpr std::size_t most_single_addresses = 64;

// Link-local addresses of the cable's ends, which no scenario's traffic uses.
const IpAddress wire_end_v4 = IpAddress::v4(0xa9fe0001);  // 169.254.0.1
const IpAddress wire_end_v6 = IpAddress::v6(0xfe80000000000000ULL, 1);
const IpAddress host_end_v6 = IpAddress::v6(0xfe80000000000000ULL, 2);
IpAddress host_end_v4(std::size_t where) {
  return IpAddress::v4(0xa9fe0100U + static_cast<std::uint32_t>(where / 250 * 256 + where % 250 + 1));
}

std::optional<IpAddress> first_of(const std::vector<IpAddress>& addresses, Family family) {
  const auto first = std::find_if(addresses.begin(), addresses.end(),
                                  [&](const IpAddress& address) { return address.family() == family; });
  return first == addresses.end() ? std::nullopt : std::optional(*first);
}

AddressBlock everything(Family family) { return {IpAddress::any(family), 0}; }

}  // namespace

SystemResult<HostNetwork> HostNetwork::build(const Scenario& scenario, const RunPlan& plan) {
  HostNetwork network(scenario, plan);
  network.tables_ = tables_of(scenario);
  for (std::size_t wire = 0; wire < plan.wires; ++wire) {
    if (auto made = network.make_wire(); !made) return tl::unexpected(made.error());
  }
  network.hosts_.resize(plan.namespaces.size());
  network.cables_laid_.resize(plan.namespaces.size());
  network.added_.resize(plan.namespaces.size());
  for (std::size_t where = 0; where < plan.namespaces.size(); ++where) {
    if (auto up = network.bring_up(where); !up) return tl::unexpected(up.error());
  }
  if (auto made = network.make_balancers(); !made) return tl::unexpected(made.error());
  if (auto made = network.make_gateways(); !made) return tl::unexpected(made.error());
  return network;
}

SystemResult<void> HostNetwork::make_wire() {
  auto wire = NetworkNamespace::create();
  if (!wire) return tl::unexpected(wire.error());
  auto visit = Visit::to(*wire);
  if (!visit) return tl::unexpected(visit.error());
  for (const auto& [name, value] : {std::pair{"net.ipv4.ip_forward", "1"},
                                    {"net.ipv6.conf.all.forwarding", "1"},
                                    {"net.ipv4.conf.all.rp_filter", "0"},
                                    {"net.ipv4.conf.default.rp_filter", "0"}}) {
    if (auto done = write_sysctl(name, value); !done) return done;
  }
  for (const Family family : {Family::inet, Family::inet6}) {
    if (auto done = swallow_the_rest(family); !done) return done;
  }
  const auto& events = scenario_->events;
  const bool hosts_die = std::any_of(events.begin(), events.end(),
                                     [](const Event& event) { return std::holds_alternative<HostDown>(event.what); });
  if (hosts_die || !scenario_->balancers.empty()) {
    if (auto done = lay_dead_end(); !done) return done;
  }
  wires_.push_back(std::move(*wire));
  return {};
}

std::string HostNetwork::cable_name(std::size_t where) const {
  return fmt::format("h{}x{}", where, cables_laid_[where]);
}

std::vector<IpAddress> HostNetwork::addresses_of(std::size_t where) const {
  const NamespacePlan& plan = plan_->namespaces[where];
  std::vector<IpAddress> addresses;
  for (std::uint64_t i = plan.first_instance; i < plan.first_instance + plan.instances; ++i) {
    for (const AddressBlock& block : plan.group->addresses) {
      if (block.address.is_loopback()) continue;
      addresses.push_back(block.address.unmapped().plus(i * plan.group->address_stride));
    }
  }
  for (const AddressBlock& block : added_[where]) addresses.push_back(block.address.unmapped());
  return addresses;
}

SystemResult<void> HostNetwork::bring_up(std::size_t where) {
  auto host = NetworkNamespace::create();
  if (!host) return tl::unexpected(host.error());
  hosts_[where] = std::move(*host);
  ++cables_laid_[where];
  if (auto done = connect_host(where); !done) return done;
  return furnish_host(where);
}

// The wire's half: the cable, and the way to the host's addresses.
SystemResult<void> HostNetwork::connect_host(std::size_t where) {
  auto visit = Visit::to(wires_[plan_->namespaces[where].wire]);
  if (!visit) return tl::unexpected(visit.error());
  const std::string cable = cable_name(where);
  if (cables_laid_[where] > 1) {
    for (const AddressBlock& block : covering_blocks(addresses_of(where))) {
      if (auto done = remove_route(way_to_nowhere(block)); !done) return done;
    }
  }
  if (auto done = lay_cable(cable, *hosts_[where], "eth0"); !done) return done;
  if (auto done = live::add_address(cable, AddressBlock::single(wire_end_v4)); !done) return done;
  if (auto done = live::add_address(cable, {wire_end_v6, 64}); !done) return done;
  for (const AddressBlock& block : covering_blocks(addresses_of(where))) {
    const bool v4 = block.address.is_v4();
    if (auto done = add_route({block, cable, v4 ? host_end_v4(where) : host_end_v6, std::nullopt}); !done) return done;
  }
  return {};
}

// The host's half: its settings, its addresses, and everything else by the cable.
SystemResult<void> HostNetwork::furnish_host(std::size_t where) {
  auto visit = Visit::to(*hosts_[where]);
  if (!visit) return tl::unexpected(visit.error());
  const HostGroup& group = *plan_->namespaces[where].group;
  if (auto done = apply_settings(group.settings); !done) return done;
  // Two packets of one connection may overtake each other between namespaces, when two processors carry them. An ACK
  // that comes behind its sender's FIN is answered from TIME_WAIT, the sender is gone and resets, and the reset would
  // end the TIME_WAIT (net/ipv4/tcp_minisocks.c, tcp_timewait_state_process; measured on 6.18: 5 of 84 runs lost one of
  // 50 entries beside other sandboxes, none of them by a packet sent twice). A wire keeps the order: resets do not end
  // TIME_WAIT here.
  if (auto done = write_sysctl("net.ipv4.tcp_rfc1337", "1"); !done) return done;
  if (auto done = live::add_address("eth0", AddressBlock::single(host_end_v4(where))); !done) return done;
  if (auto done = live::add_address("eth0", {host_end_v6, 64}); !done) return done;
  const std::vector<IpAddress> addresses = addresses_of(where);
  if (addresses.size() <= most_single_addresses) {
    for (const IpAddress& address : addresses) {
      if (auto done = live::add_address("eth0", AddressBlock::single(address)); !done) return done;
    }
  } else {
    // The one that an unbound socket uses has to be an interface's own (IPv6 takes no other as a route's source).
    for (const Family family : {Family::inet, Family::inet6}) {
      const auto first = first_of(addresses, family);
      if (!first) continue;
      if (auto done = live::add_address("eth0", AddressBlock::single(*first)); !done) return done;
    }
    for (const AddressBlock& block : covering_blocks(addresses)) {
      if (auto done = add_any_ip(block); !done) return done;
      if (block.address.is_v4()) continue;
      // An IPv6 address under a local route can be bound only with this (measured).
      if (auto done = write_sysctl("net.ipv6.ip_nonlocal_bind", "1"); !done) return done;
    }
  }
  for (const Family family : {Family::inet, Family::inet6}) {
    // What an unbound socket uses as its address: the first one of the family.
    const auto first = first_of(addresses, family);
    if (!first) continue;
    const IpAddress via = family == Family::inet ? wire_end_v4 : wire_end_v6;
    if (auto done = add_route({everything(family), "eth0", via, *first}); !done) return done;
  }
  // Last: the cable's own address of IPv6 was needed until here, and goes with the others.
  if (group.settings.ipv6_disabled) {
    if (auto done = write_sysctl("net.ipv6.conf.all.disable_ipv6", "1"); !done) return done;
  }
  for (const TableThere& table : tables_) {
    if (table.host != &group) continue;
    if (auto done = make_table(table); !done) return done;
  }
  return choose_sources(where, addresses);
}

// The interface has single addresses and no subnets, so that the kernel would take the first address for every
// destination, and an own one for itself: where the model's rule chooses another one, a route says which.
SystemResult<void> HostNetwork::choose_sources(std::size_t where, const std::vector<IpAddress>& addresses) {
  const NamespacePlan& plan = plan_->namespaces[where];
  if (plan.instances > 1) return {};  // its clients bind
  SourceChoice choice(*plan.group, plan.first_instance);
  for (const AddressBlock& block : added_[where]) choice.add(block);
  std::set<IpAddress> seen;
  for (const Workload* workload : plan_->workloads) {
    if (workload->from_host != plan.group->name) continue;
    for (const Endpoint& destination : workload->to) {
      const IpAddress to = destination.address.unmapped();
      if (to.is_loopback() || !seen.insert(to).second) continue;
      const auto chosen = choice.towards(to);
      const bool own = std::find(addresses.begin(), addresses.end(), to) != addresses.end();
      // Towards an own one of IPv6 it is that one, with subnets or without.
      if (!chosen || (own && (*chosen == to || !to.is_v4()))) continue;
      const auto first = first_of(addresses, to.family());
      if (!own && first == *chosen) continue;
      if (addresses.size() > most_single_addresses) {
        for (const IpAddress& needed : {*chosen, own ? to : *chosen}) {
          if (auto done = live::add_address("eth0", AddressBlock::single(needed));
              !done && done.error().number != EEXIST)
            return done;
        }
      }
      if (own) {
        if (auto done = choose_source_towards_own("eth0", to, *chosen); !done) return done;
        continue;
      }
      const IpAddress via = to.is_v4() ? wire_end_v4 : wire_end_v6;
      if (auto done = replace_route({AddressBlock::single(to), "eth0", via, *chosen}); !done) return done;
    }
  }
  return {};
}

SystemResult<void> HostNetwork::make_gateways() {
  gateway_pools_ = gateway_pools(*scenario_, Wiring(*scenario_));
  for (const auto& [name, gateway] : scenario_->gateways) {
    std::map<std::size_t, std::vector<IpAddress>> inside;  // by wire
    for (std::size_t where = 0; where < plan_->namespaces.size(); ++where) {
      const NamespacePlan& plan = plan_->namespaces[where];
      if (std::find(gateway.hosts.begin(), gateway.hosts.end(), plan.group->name) == gateway.hosts.end()) continue;
      const std::vector<IpAddress> addresses = addresses_of(where);
      inside[plan.wire].insert(inside[plan.wire].end(), addresses.begin(), addresses.end());
    }
    if (inside.size() > 1)
      return tl::unexpected(SystemFailure{fmt::format("{} stands between networks that do not meet", name), 0});
    for (const auto& [wire, addresses] : inside) {
      auto visit = Visit::to(wires_[wire]);
      if (!visit) return tl::unexpected(visit.error());
      if (auto done = make_gateway(gateway, covering_blocks(addresses)); !done) return done;
      for (const TableThere& table : tables_) {
        if (table.gateway != &gateway) continue;
        if (auto done = make_table(table, covering_blocks(addresses)); !done) return done;
      }
      if (std::find(gateway_wires_.begin(), gateway_wires_.end(), wire) == gateway_wires_.end())
        gateway_wires_.push_back(wire);
    }
  }
  return {};
}

SystemResult<HostNetwork::GatewayUse> HostNetwork::gateway_use() const {
  GatewayUse sum{.ports = std::vector<std::uint64_t>(gateway_pools_.size())};
  for (const std::size_t wire : gateway_wires_) {
    auto visit = Visit::to(wires_[wire]);
    if (!visit) return tl::unexpected(visit.error());
    const auto ports = ports_in_use(gateway_pools_);
    if (!ports) return tl::unexpected(ports.error());
    for (std::size_t i = 0; i < sum.ports.size(); ++i) sum.ports[i] += (*ports)[i];
    const auto none = found_no_port();
    if (!none) return tl::unexpected(none.error());
    sum.found_none += *none;
  }
  return sum;
}

SystemResult<std::vector<TableUse>> HostNetwork::tables_in_use() const {
  std::vector<TableUse> uses(tables_.size());
  const auto look = [&](std::size_t table, const NetworkNamespace& there) -> SystemResult<void> {
    auto visit = Visit::to(there);
    if (!visit) return tl::unexpected(visit.error());
    const auto use = table_use(tables_[table]);
    if (!use) return tl::unexpected(use.error());
    uses[table].entries = std::max(uses[table].entries, use->entries);
    uses[table].dropped += use->dropped;
    return {};
  };
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    for (std::size_t where = 0; where < hosts_.size(); ++where) {
      if (!hosts_[where] || plan_->namespaces[where].group != tables_[table].host) continue;
      if (auto done = look(table, *hosts_[where]); !done) return tl::unexpected(done.error());
    }
    if (tables_[table].gateway == nullptr) continue;
    for (const std::size_t wire : gateway_wires_)
      if (auto done = look(table, wires_[wire]); !done) return tl::unexpected(done.error());
  }
  return uses;
}

SystemResult<void> HostNetwork::take_down(std::size_t where) {
  auto visit = Visit::to(wires_[plan_->namespaces[where].wire]);
  if (!visit) return tl::unexpected(visit.error());
  hosts_[where].reset();
  if (auto done = remove_link(cable_name(where)); !done) return done;
  // What is on its way there still leaves the balancer, and is remembered as a connection.
  for (const AddressBlock& block : covering_blocks(addresses_of(where))) {
    if (auto done = add_route(way_to_nowhere(block)); !done) return done;
  }
  return {};
}

SystemResult<void> HostNetwork::add_address(std::size_t where, const AddressBlock& block) {
  const AddressBlock single = AddressBlock::single(block.address.unmapped());
  const Family family = single.address.family();
  // Refused there as well (EACCES).
  if (family == Family::inet6 && plan_->namespaces[where].group->settings.ipv6_disabled) return {};
  const bool first_of_family = !first_of(addresses_of(where), family);
  added_[where].push_back(block);
  {
    auto visit = Visit::to(*hosts_[where]);
    if (!visit) return tl::unexpected(visit.error());
    if (auto done = live::add_address("eth0", single); !done) return done;
    if (first_of_family) {
      const IpAddress via = family == Family::inet ? wire_end_v4 : wire_end_v6;
      if (auto done = add_route({everything(family), "eth0", via, single.address}); !done) return done;
    }
    if (auto done = choose_sources(where, addresses_of(where)); !done) return done;
  }
  auto visit = Visit::to(wires_[plan_->namespaces[where].wire]);
  if (!visit) return tl::unexpected(visit.error());
  const IpAddress via = single.address.is_v4() ? host_end_v4(where) : host_end_v6;
  return replace_route({single, cable_name(where), via, std::nullopt});
}

SystemResult<void> HostNetwork::change_setting(std::size_t where, const std::string& name, const std::string& value) {
  auto visit = Visit::to(*hosts_[where]);
  if (!visit) return tl::unexpected(visit.error());
  return write_sysctl(name, value);
}

}  // namespace netlimits::live

// Sources, pools and places of a workload's connections.
#include "sim/client_workload.hpp"

#include <algorithm>
#include <variant>

#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::sim {
ClientWorkload::ClientWorkload(const Scenario& scenario, const Workload& workload, std::uint32_t first_instance)
    : arrivals(workload, RandomStream(scenario.seed, "arrivals of " + workload.name)),
      workload_(&workload),
      group_(&scenario.hosts.at(workload.from_host)),
      first_instance_(first_instance),
      explicit_ports_(named_ports(workload.bind)),
      holds_(scenario.seed, "holds of " + workload.name) {
  const Process* const process = process_named(*group_, workload.from_process);
  process_ = static_cast<std::size_t>(process - group_->processes.data());
  shape_ = shape_of(workload, *group_, *process);
  for (const auto& [name, gateway] : scenario.gateways) {
    if (std::find(gateway.hosts.begin(), gateway.hosts.end(), group_->name) != gateway.hosts.end()) gateway_ = &gateway;
  }
}

IpAddress ClientWorkload::source_of(const HostInstance& on, const Assignment& assigned) {
  if (const auto named = named_source(*workload_, *group_, assigned)) return *named;
  const IpAddress& to = destination(assigned).address;
  const auto [found, is_new] = chosen_sources_.try_emplace({on.number, to});
  if (is_new) found->second = routed_source(on, to).value_or(IpAddress::any(to.family()));
  return found->second;
}

// A host that is up knows by itself what its routes give, and need not be thought of anew with all its addresses.
Outcome<IpAddress> ClientWorkload::routed_source(const HostInstance& on, const IpAddress& to) const {
  if (on.up && added_addresses_.empty()) return on.host.source_towards(to);
  SourceChoice choice(*group_, on.index);
  for (const auto& [host, block] : added_addresses_)
    if (host == on.number) choice.add(block);
  return choice.towards(to);
}

void ClientWorkload::on_address_added(std::uint32_t instance, const AddressBlock& block) {
  added_addresses_.emplace_back(instance, block);
  chosen_sources_.clear();
}

void ClientWorkload::forget(std::uint32_t instance) {
  std::erase_if(added_addresses_, [&](const auto& added) { return added.first == instance; });
  chosen_sources_.clear();
}

PlacedLimit ClientWorkload::placed(Limit limit, const IpAddress& source, const Endpoint& destination,
                                   const std::optional<Place>& seen) const {
  if (seen) return {limit, *seen};
  const bool at_gateway = limit == Limit::nat_ports || limit == Limit::nat_block;
  if (at_gateway && gateway_ != nullptr) return gateway_limit(*gateway_, *group_, destination);
  return {limit, client_place(*group_, group_->processes[process_], workload_->bind, limit, source, destination)};
}

std::optional<PoolKey> ClientWorkload::pool_of(std::uint32_t instance, const IpAddress& source,
                                               const Endpoint& destination) const {
  const auto sharing = port_sharing_of(group_->profile->rules, workload_->bind);
  if (!sharing) return std::nullopt;
  PoolKey key{.instance = instance, .destination = {}, .source = {}};
  if (*sharing != PortSharing::host_port) key.source = source;
  if (*sharing == PortSharing::four_tuple) key.destination = destination;
  return key;
}

std::uint64_t ClientWorkload::ports_to_give(const HostInstance& on, std::uint64_t nominal, const IpAddress& source,
                                            const Endpoint& destination) const {
  const auto kind = pool_kind(group_->profile->rules, workload_->bind, source);
  if (!kind || (!kind->by_bind && group_->held_connections.empty())) return nominal;
  return automatic_port_count(on.host.settings(), *group_, *kind, destination).value;
}

Outcome<void> ClientWorkload::set_options(Host& host, SocketId socket) const {
  if (const auto* ports = std::get_if<BindExplicit>(&workload_->bind)) {
    if (ports->reuse_address) return host.set_option(socket, Option::reuse_address, 1);
  } else if (std::holds_alternative<BindAddressNoPort>(workload_->bind) &&
             group_->profile->rules.has(Rule::option_bind_no_port)) {
    return host.set_option(socket, Option::bind_no_port, 1);
  }
  return {};
}

Endpoint ClientWorkload::local_of(const HostInstance& on, const Assignment& assigned) {
  if (!std::holds_alternative<BindExplicit>(workload_->bind)) return {source_of(on, assigned), Port{0}};
  const Port port = explicit_ports_[assigned.explicit_port];
  if (workload_->sources.empty()) return {IpAddress::any(destination(assigned).address.family()), port};
  return {source_of(on, assigned), port};
}

std::optional<Duration> ClientWorkload::draw_hold() {
  if (const auto* constant = std::get_if<HoldConstant>(&workload_->hold)) return constant->time;
  if (const auto* drawn = std::get_if<HoldExponential>(&workload_->hold)) return holds_.exponential(drawn->mean);
  return std::nullopt;
}

}  // namespace netlimits::sim

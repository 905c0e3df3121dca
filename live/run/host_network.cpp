// First the wire and both ends of each host's cable; then hosts that go and come, addresses and settings that change;
// last the balancers as nft rules.
#include "live/run/host_network.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "live/sandbox/address_cover.hpp"
#include "live/sandbox/conntrack.hpp"
#include "live/sandbox/host_settings.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::live {
namespace {

constexpr std::size_t most_single_addresses = 64;

// Link-local addresses of the cable's ends, which no scenario's traffic uses.
const IpAddress wire_end_v4 = IpAddress::v4(0xa9fe0001);  // 169.254.0.1
const IpAddress wire_end_v6 = IpAddress::v6(0xfe80000000000000ULL, 1);
// Beyond a dead end.
const IpAddress nowhere_v4 = IpAddress::v4(0xa9fe0002);  // 169.254.0.2
const IpAddress nowhere_v6 = IpAddress::v6(0xfe80000000000000ULL, 3);
constexpr const char* dead_end = "dead";
const IpAddress host_end_v6 = IpAddress::v6(0xfe80000000000000ULL, 2);
IpAddress host_end_v4(std::size_t where) {
  return IpAddress::v4(0xa9fe0100U + static_cast<std::uint32_t>(where / 250 * 256 + where % 250 + 1));
}

// The back ends that are up, in the order of the list, beginning with the one whose turn it is.
std::vector<std::size_t> living_from(const std::vector<bool>& up, std::size_t turn) {
  std::vector<std::size_t> living;
  for (std::size_t i = 0; i < up.size(); ++i) {
    const std::size_t e = (turn + i) % up.size();
    if (up[e]) living.push_back(e);
  }
  return living;
}

RouteEntry way_to_nowhere(const AddressBlock& block) {
  return {block, dead_end, block.address.is_v4() ? nowhere_v4 : nowhere_v6, std::nullopt};
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
    if (auto done = lay_dead_end(dead_end, {nowhere_v4, nowhere_v6}); !done) return done;
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

SystemResult<void> HostNetwork::make_balancers() {
  const Wiring wiring(*scenario_);
  for (const auto& [name, balancer] : scenario_->balancers) {
    std::size_t wire = 0;
    for (const NamespacePlan& host : plan_->namespaces) {
      if (wiring.topology().round_trip(name, host.group->name)) wire = host.wire;
    }
    balancers_.push_back({&balancer, wire, std::vector<bool>(balancer.back_ends.size(), true)});
  }
  if (balancers_.empty()) return {};
  for (std::size_t wire = 0; wire < wires_.size(); ++wire) {
    std::string rules =
        "add table inet netlimits\n"
        "add chain inet netlimits prerouting { type nat hook prerouting priority -100; policy accept; }\n";
    bool any = false;
    for (std::size_t b = 0; b < balancers_.size(); ++b) {
      if (balancers_[b].wire != wire) continue;
      any = true;
      const Balancer& balancer = *balancers_[b].configuration;
      for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
        const char* family = balancer.back_ends[e].address.is_v4() ? "ip" : "ip6";
        rules += fmt::format(
            "add counter inet netlimits b{0}_{1}\nadd chain inet netlimits b{0}_{1}\n"
            "add rule inet netlimits b{0}_{1} counter name b{0}_{1} meta l4proto tcp dnat {2} to {3}\n",
            b, e, family, balancer.back_ends[e].text());
      }
      rules += fmt::format(
          "add chain inet netlimits balance{0}\n"
          "add rule inet netlimits prerouting {1} daddr {2} tcp dport {3} goto balance{0}\n",
          b, balancer.endpoint.address.is_v4() ? "ip" : "ip6", balancer.endpoint.address.text(),
          balancer.endpoint.port.value);
    }
    if (!any) continue;
    auto visit = Visit::to(wires_[wire]);
    if (!visit) return tl::unexpected(visit.error());
    if (auto done = lead_out_of_reach(wire); !done) return done;
    if (auto done = run_nft(rules); !done) return done;
  }
  for (std::size_t b = 0; b < balancers_.size(); ++b) {
    if (auto done = write_choice(b); !done) return done;
  }
  balances_ = true;
  return {};
}

// A back end to which no way leads from here: what is sent on still leaves the balancer, and is remembered as one
// connection with all its SYNs.
SystemResult<void> HostNetwork::lead_out_of_reach(std::size_t wire) {
  std::set<IpAddress> here;
  for (std::size_t where = 0; where < plan_->namespaces.size(); ++where) {
    if (plan_->namespaces[where].wire != wire) continue;
    for (const IpAddress& address : addresses_of(where)) here.insert(address);
  }
  for (const Balancing& balancing : balancers_) {
    if (balancing.wire != wire) continue;
    for (const Endpoint& back_end : balancing.configuration->back_ends) {
      const IpAddress address = back_end.address.unmapped();
      if (here.contains(address)) continue;
      if (auto done = add_route(way_to_nowhere(AddressBlock::single(address))); !done) return done;
    }
  }
  return {};
}

// nft's "numgen inc" counts from 0 in each new rule, so the list of a new rule begins where the rotation stands. nft
// itself knows no back ends that die: whoever rewrites the rule decides where the rotation goes on. Here that is the
// model's rule, LVS' rr (model/path/balancer.hpp).
SystemResult<void> HostNetwork::set_back_ends(std::size_t balancer, const std::vector<std::size_t>& back_ends,
                                              bool up) {
  Balancing& changed = balancers_[balancer];
  auto given = given_by(balancer);
  if (!given) return tl::unexpected(given.error());
  std::uint64_t total = 0;
  for (const std::uint64_t each : *given) total += each;
  const std::vector<std::size_t> living = living_from(changed.up, changed.turn);
  if (const std::uint64_t since = total - changed.before; since > 0 && !living.empty())
    changed.turn = (living[(since - 1) % living.size()] + 1) % changed.up.size();
  changed.before = total;
  for (const std::size_t back_end : back_ends) changed.up[back_end] = up;
  return write_choice(balancer);
}

SystemResult<void> HostNetwork::write_choice(std::size_t balancer) {
  const Balancing& balancing = balancers_[balancer];
  std::string choice;
  const std::vector<std::size_t> living = living_from(balancing.up, balancing.turn);
  for (std::size_t i = 0; i < living.size(); ++i)
    choice += fmt::format("{}{} : goto b{}_{}", i == 0 ? "" : ", ", i, balancer, living[i]);
  std::string rules = fmt::format("flush chain inet netlimits balance{}\n", balancer);
  rules += living.empty() ? fmt::format("add rule inet netlimits balance{} drop\n", balancer)
                          : fmt::format("add rule inet netlimits balance{} numgen inc mod {} vmap {{ {} }}\n", balancer,
                                        living.size(), choice);
  auto visit = Visit::to(wires_[balancing.wire]);
  if (!visit) return tl::unexpected(visit.error());
  return run_nft(rules);
}

SystemResult<std::vector<FourTuple>> HostNetwork::carried(std::size_t balancer,
                                                          const std::vector<std::size_t>& back_ends) const {
  const Balancer& configuration = *balancers_[balancer].configuration;
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  std::vector<FourTuple> found;
  auto done = each_tracked_flow([&](const TrackedFlow& flow) {
    if (flow.closing || flow.client.remote != configuration.endpoint) return;
    for (const std::size_t e : back_ends) {
      if (configuration.back_ends[e] == flow.answer.local) found.push_back(flow.client);
    }
  });
  if (!done) return tl::unexpected(done.error());
  return found;
}

SystemResult<void> HostNetwork::forget(std::size_t balancer, const std::vector<FourTuple>& flows) const {
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  return forget_tracked_flows(flows);
}

SystemResult<std::vector<std::uint64_t>> HostNetwork::given_by(std::size_t balancer) const {
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  std::vector<std::uint64_t> counts;
  for (std::size_t e = 0; e < balancers_[balancer].up.size(); ++e) {
    // "... { packets 17 bytes 1020 ...": one packet a connection, as only its first one meets a nat rule.
    auto text = ask_nft({"list", "counter", "inet", "netlimits", fmt::format("b{}_{}", balancer, e)});
    if (!text) return tl::unexpected(text.error());
    const std::size_t at = text->find("packets ");
    counts.push_back(at == std::string::npos ? 0 : std::stoull(text->substr(at + 8)));
  }
  return counts;
}

SystemResult<std::map<FourTuple, std::size_t>> HostNetwork::came_through() const {
  std::map<FourTuple, std::size_t> found;
  std::size_t first = 0;  // number of the balancer's first back end
  for (const Balancing& balancing : balancers_) {
    const Balancer& configuration = *balancing.configuration;
    auto visit = Visit::to(wires_[balancing.wire]);
    if (!visit) return tl::unexpected(visit.error());
    auto done = each_tracked_flow([&](const TrackedFlow& flow) {
      if (flow.client.remote != configuration.endpoint) return;
      for (std::size_t e = 0; e < configuration.back_ends.size(); ++e) {
        if (configuration.back_ends[e] == flow.answer.local) found.emplace(flow.answer, first + e);
      }
    });
    if (!done) return tl::unexpected(done.error());
    first += configuration.back_ends.size();
  }
  return found;
}

SystemResult<std::vector<std::vector<std::uint64_t>>> HostNetwork::back_end_counts() const {
  std::vector<std::vector<std::uint64_t>> counts;
  for (std::size_t b = 0; b < balancers_.size(); ++b) {
    auto given = given_by(b);
    if (!given) return tl::unexpected(given.error());
    counts.push_back(std::move(*given));
  }
  return counts;
}

}  // namespace netlimits::live

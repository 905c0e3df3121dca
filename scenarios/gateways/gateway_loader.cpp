// Each gateway by itself; then what the whole scenario makes of it.
#include "scenarios/gateways/gateway_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "model/scenario/wiring.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/gateways/conntrack_loader.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/gateways/nat_figures.hpp"
#include "scenarios/host_loader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

class GatewayLoader {
 public:
  explicit GatewayLoader(const Scenario& scenario) : scenario_(scenario), topology_(scenario) {}

  Gateway load(const Field& field, const std::string& name) {
    const ObjectReader reader(field, gateway_keys);
    Gateway gateway;
    gateway.name = name;
    if (scenario_.hosts.contains(name) || scenario_.balancers.contains(name)) {
      field.complain(fmt::format("a host or balancer is named {} already", in_quotes(name)),
                     "hosts, balancers and gateways share their names");
    }
    if (const auto kind = reader.need("kind", "which device it is, such as \"linux-masquerade\"")) {
      if (const auto found = kind->string("a kind of gateway")) load_kind(*kind, *found, gateway);
    }
    for (const NatFigure& figure : nat_figures()) {
      if (const auto value = reader.get(figure.key)) figure.read(*value, gateway.nat);
    }
    if (const auto hosts = reader.need("hosts", "the host groups behind it")) load_hosts(*hosts, gateway);
    if (const auto addresses = reader.need("addresses", "its own addresses, by which others see its clients"))
      load_addresses(*addresses, gateway);
    if (const auto table = reader.get("conntrack")) gateway.conntrack = load_conntrack(*table, TableOf::gateway);
    check_figures(field, gateway);
    return gateway;
  }

 private:
  static void load_kind(const Field& field, const std::string& name, Gateway& gateway) {
    const auto found = gateway_kinds().find(name);
    if (found == gateway_kinds().end()) {
      field.refuse("a kind of gateway", field.errors().full() ? "" : suggestion(name, names_of(gateway_kinds())));
      return;
    }
    gateway.kind = name;
    gateway.nat = found->second.nat;
  }

  void load_hosts(const Field& field, Gateway& gateway) {
    const auto list = field.list("a list of hosts by name");
    if (!list) return;
    if (list->empty()) field.refuse("at least one host");
    for (const Field& item : *list) {
      const auto name = item.string("the name of a host");
      if (!name) continue;
      const auto host = scenario_.hosts.find(*name);
      if (host == scenario_.hosts.end()) {
        item.refuse("the name of a host", item.errors().full() ? "" : suggestion(*name, names_of(scenario_.hosts)));
        continue;
      }
      const auto [other, is_new] = behind_.emplace(*name, gateway.name);
      if (!is_new) {
        item.complain(fmt::format("{} is behind {} already", *name, other->second),
                      "with the one that has fewer ports the result is that of both in a row, where both share alike");
        continue;
      }
      if (!host->second.held_connections.empty()) {
        item.complain(
            fmt::format("{} has connections from before the scenario, of which a gateway knows nothing", *name),
            "make them a workload that begins before the others and holds its connections for ever");
      }
      gateway.hosts.push_back(*name);
    }
  }

  void load_addresses(const Field& field, Gateway& gateway) {
    const auto list = field.list("a list of addresses such as [\"203.0.113.7\"]");
    if (!list) return;
    if (list->empty()) field.refuse("at least one address");
    for (const Field& item : *list) {
      const auto address = address_of(item);
      if (!address) continue;
      const bool of_balancer =
          std::any_of(scenario_.balancers.begin(), scenario_.balancers.end(),
                      [&](const auto& balancer) { return balancer.second.endpoint.address == *address; });
      if (address->is_wildcard() || address->is_loopback() || address->is_multicast() || of_balancer ||
          topology_.owner_of(*address)) {
        item.refuse("an address of the gateway's own", "no host and no balancer may have it");
        continue;
      }
      const auto [other, is_new] = addresses_.emplace(*address, gateway.name);
      if (!is_new) {
        item.complain(fmt::format("{} has this address already", other->second));
        continue;
      }
      gateway.addresses.push_back(*address);
    }
  }

  static std::int64_t of_family(const Gateway& gateway, Family family) {
    return std::count_if(gateway.addresses.begin(), gateway.addresses.end(),
                         [&](const IpAddress& address) { return address.family() == family; });
  }

  void check_figures(const Field& field, const Gateway& gateway) const {
    const NatSettings& nat = gateway.nat;
    const bool searched = nat.port_choice == NatPortChoice::kept_or_searched;
    for (const Family family : {Family::inet, Family::inet6}) {
      const std::int64_t addresses = of_family(gateway, family);
      if (searched && addresses > 1) {
        field.complain("several addresses of which a hash chooses one are not modelled yet by this version",
                       "make a gateway for each address, with the hosts that the hash leads to it: one address is full "
                       "where another one has ports left");
      }
      if (nat.block == 0 || addresses == 0) continue;
      std::uint64_t clients = 0;
      for (const std::string& host : gateway.hosts) clients += scenario_.hosts.at(host).count;
      const std::uint64_t blocks = nat.ports.size().value / nat.block * static_cast<std::uint64_t>(addresses);
      if (clients > blocks) {
        field.complain(fmt::format("{} hosts are behind {}, which has {} blocks of {} ports", clients, gateway.name,
                                   blocks, nat.block),
                       "those without a block reach nothing: give it more addresses, or smaller blocks");
      }
    }
    if (searched && (nat.block != 0 || nat.per_destination != 0)) {
      field.complain("\"block\" and \"per_destination\" belong to gateways that take any port that is free",
                     "say \"port_choice\": \"any_free\"");
    }
    if (nat.block != 0 && nat.per_destination != 0) {
      field.complain("both \"block\" and \"per_destination\"", "say the one that is smaller, and 0 for the other");
    }
  }

  const Scenario& scenario_;
  Topology topology_;
  std::map<std::string, std::string> behind_{};   // host: gateway
  std::map<IpAddress, std::string> addresses_{};  // and whose each is
};

// ---- with the workloads

void check_way_out(const Field& field, const Scenario& scenario, const Gateway& gateway, const Workload& workload,
                   bool names_range) {
  for (const Endpoint& to : workload.to) {
    const bool has_family = std::any_of(gateway.addresses.begin(), gateway.addresses.end(),
                                        [&](const IpAddress& own) { return own.family() == to.address.family(); });
    if (!has_family) {
      field.complain(fmt::format("{} goes to {} through {}, which has no address of that family", workload.name,
                                 to.text(), gateway.name),
                     "give it one, or make those that go there hosts of their own which are behind no gateway");
      return;
    }
  }
  const NatSettings& nat = gateway.nat;
  const auto& host = scenario.hosts.at(workload.from_host);
  const auto* named = std::get_if<BindExplicit>(&workload.bind);
  const bool low_port =
      host.settings.local_port_range.first.value < 1024 ||
      (named != nullptr && std::any_of(named->ports.begin(), named->ports.end(),
                                       [](const PortRange& range) { return range.first.value < 1024; }));
  if (low_port && nat.port_choice == NatPortChoice::kept_or_searched && !names_range) {
    field.complain(fmt::format("{} may have ports below 1024, for which {} has others than for the rest", workload.name,
                               gateway.name),
                   "say its \"ports\": then all clients share these");
  }
  if (std::holds_alternative<HoldForever>(workload.hold)) return;
  const bool resets = workload.closer == Closer::reset;
  if (resets ? nat.hold_after_reset.has_value() : nat.hold_after_close.has_value()) return;
  field.complain(fmt::format("how long {} keeps the port of a connection that is over is not published", gateway.kind),
                 fmt::format("say \"{}\": \"60s\", for example; the result says too much if it is longer",
                             resets ? "hold_after_reset" : "hold_after_close"));
}

}  // namespace

void load_gateways(const Field& field, Scenario& scenario) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of gateways by name");
    return;
  }
  GatewayLoader loader(scenario);
  std::map<std::string, Gateway> loaded;
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "gateway");
    loaded[member.key] = loader.load(value, member.key);
  }
  scenario.gateways = std::move(loaded);
}

void check_gateways(const Field& field, const Scenario& scenario) {
  const Wiring wiring(scenario);
  for (const JsonMember& member : field.node().members) {
    const auto found = scenario.gateways.find(member.key);
    if (found == scenario.gateways.end()) continue;
    const Gateway& gateway = found->second;
    const Field value = field.value(member);
    const auto is_inside = [&](const IpAddress& address) {
      const auto owner = wiring.topology().owner_of(address);
      return owner && wiring.gateway_of(owner->group) == &gateway;
    };
    for (const auto& [name, workload] : scenario.workloads) {
      const bool outside = wiring.gateway_of(workload.from_host) != &gateway;
      if (outside && std::any_of(workload.to.begin(), workload.to.end(),
                                 [&](const Endpoint& to) { return is_inside(to.address); })) {
        value.complain(fmt::format("{} comes from outside to a host behind {}, which lets nobody in", name, member.key),
                       "leave that host out of its \"hosts\": ports that are forwarded to it are no limit");
      }
      const bool leaves = std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        return !to.address.is_loopback() && !is_inside(to.address);
      });
      if (!outside && leaves)
        check_way_out(value, scenario, gateway, workload, member.value.member("ports") != nullptr);
    }
    for (const auto& [name, balancer] : scenario.balancers) {
      if (std::any_of(balancer.back_ends.begin(), balancer.back_ends.end(),
                      [&](const Endpoint& back_end) { return is_inside(back_end.address); })) {
        value.complain(fmt::format("a back end of {} is behind {}, which lets nobody in", name, member.key),
                       "leave that host out of its \"hosts\"");
      }
    }
  }
}

}  // namespace netlimits::scenarios

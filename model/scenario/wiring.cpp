// What lies behind the destinations of a scenario, and who goes there.
#include "model/scenario/wiring.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "model/net/bounded_time.hpp"

#include "model/net/bounded_time.hpp"

namespace netlimits {

Wiring::Wiring(const Scenario& scenario) : scenario_(&scenario), topology_(scenario), listening_(scenario) {
  for (const auto& [name, balancer] : scenario.balancers) {
    balancers_.emplace(Endpoint{balancer.endpoint.address.unmapped(), balancer.endpoint.port}, &balancer);
  }
  for (const auto& [name, gateway] : scenario.gateways) {
    for (const std::string& group : gateway.hosts) gateways_.emplace(group, &gateway);
  }
}

const Gateway* Wiring::gateway_of(std::string_view group) const {
  const auto found = gateways_.find(group);
  return found == gateways_.end() ? nullptr : found->second;
}

const Gateway* Wiring::gateway_towards(std::string_view from, std::string_view to) const {
  const Gateway* const gateway = gateway_of(from);
  return gateway == gateway_of(to) ? nullptr : gateway;
}

std::optional<Duration> Wiring::round_trip_between(std::string_view from, std::string_view to) const {
  const Gateway* const theirs = gateway_of(to);
  if (theirs != nullptr && theirs != gateway_of(from)) return std::nullopt;
  const Gateway* const gateway = gateway_towards(from, to);
  if (gateway == nullptr) return topology_.round_trip(from, to);
  const auto inside = topology_.round_trip(from, gateway->name);
  const auto outside = topology_.round_trip(gateway->name, to);
  return inside && outside ? std::optional(bounded_sum(*inside, *outside)) : std::nullopt;
}

Target Wiring::on_host(std::string_view from, const Endpoint& destination) const {
  Target target;
  target.port = destination.port;
  if (destination.address.is_loopback()) {
    const auto client = scenario_->hosts.find(std::string(from));
    if (client == scenario_->hosts.end()) return target;
    target.host = &client->second;
    target.own = true;
  } else {
    const auto owner = topology_.owner_of(destination.address);
    if (!owner || !round_trip_between(from, owner->group)) return target;
    target.gateway = gateway_towards(from, owner->group);
    target.host = &scenario_->hosts.at(owner->group);
    target.instance = owner->instance;
  }
  const Listening listening = listening_.at(*target.host, destination);
  if (!listening.listeners.empty()) {
    target.reach = Reach::listener;
    target.process = listening.listeners.front().process;
    target.listener = listening.listeners.front().listener;
  } else {
    target.reach = listening.held ? Reach::held_listener : Reach::no_listener;
  }
  return target;
}

const Balancer* Wiring::balancer_at(const Endpoint& destination) const {
  const auto found = balancers_.find(Endpoint{destination.address.unmapped(), destination.port});
  return found == balancers_.end() ? nullptr : found->second;
}

Target Wiring::of(std::string_view client_group, const Endpoint& destination) const {
  const Balancer* const balancer = balancer_at(destination);
  if (balancer == nullptr) return on_host(client_group, destination);
  if (!round_trip_between(client_group, balancer->name)) return {};
  Target target;
  target.gateway = gateway_of(client_group);
  target.reach = Reach::balancer;
  target.port = destination.port;
  target.balancer = balancer;
  return target;
}

Target Wiring::behind(const Balancer& balancer, const Endpoint& back_end) const {
  return on_host(balancer.name, back_end);
}

bool Wiring::comes_back(std::string_view client_group, const Endpoint& back_end) const {
  const auto owner = topology_.owner_of(back_end.address);
  return owner && owner->group == client_group;
}

std::optional<Duration> Wiring::round_trip(std::string_view client_group, const Target& target) const {
  if (target.reach == Reach::balancer) {
    const auto first_leg = round_trip_between(client_group, target.balancer->name);
    if (!first_leg || target.balancer->back_ends.empty()) return std::nullopt;
    const auto second_leg =
        round_trip(target.balancer->name, behind(*target.balancer, target.balancer->back_ends.front()));
    if (!second_leg) return std::nullopt;
    return *first_leg + *second_leg;
  }
  if (target.reach == Reach::no_route) return std::nullopt;
  return round_trip_between(client_group, target.host->name);
}

namespace {

// Is any end of its connections, behind balancers too, one of these?
bool reaches(const Wiring& wiring, const Workload& workload, const std::function<bool(const Target&)>& is_it) {
  return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::balancer) return is_it(target);
    const auto& back_ends = target.balancer->back_ends;
    return std::any_of(back_ends.begin(), back_ends.end(),
                       [&](const Endpoint& one) { return is_it(wiring.behind(*target.balancer, one)); });
  });
}

bool is_on(const Target& target, const HostPlace& place) {
  return target.host != nullptr && target.host->name == place.name.view();
}

bool is_of(const Target& target, const HostPlace& on, const Name& process) {
  return target.reach == Reach::listener && is_on(target, on) &&
         target.host->processes[target.process].name == process.view();
}

// Does a limit of a way out lie at its far end?
bool is_of_the_destination(Limit limit) {
  return limit == Limit::listen_backlog || limit == Limit::syn_backlog || limit == Limit::no_listener ||
         limit == Limit::no_route;
}

bool goes_there(const Workload& workload, const OutboundPlace& way) {
  const auto* to = std::get_if<Endpoint>(&way.destination);
  return to == nullptr || std::find(workload.to.begin(), workload.to.end(), *to) != workload.to.end();
}

bool comes_from(const Workload& workload, const OutboundPlace& way) {
  if (workload.from_host != way.on.name.view()) return false;
  const auto* source = std::get_if<IpAddress>(&way.source);
  return source == nullptr || workload.sources.empty() ||
         std::find(workload.sources.begin(), workload.sources.end(), *source) != workload.sources.end();
}

}  // namespace

bool uses_place(const Wiring& wiring, const Workload& workload, const PlacedLimit& limit) {
  struct Visitor {
    const Wiring& wiring;
    const Workload& workload;
    Limit limit;

    bool operator()(const HostPlace& host) const {
      return workload.from_host == host.name.view() ||
             reaches(wiring, workload, [&](const Target& target) { return is_on(target, host); });
    }
    bool operator()(const ProcessPlace& process) const {
      return (workload.from_host == process.on.name.view() && workload.from_process == process.process.view()) ||
             reaches(wiring, workload,
                     [&](const Target& target) { return is_of(target, process.on, process.process); });
    }
    bool operator()(const ListenerPlace& listener) const {
      return reaches(wiring, workload, [&](const Target& target) {
        return is_of(target, listener.on, listener.process) && target.port == listener.endpoint.port;
      });
    }
    bool operator()(const OutboundPlace& way) const {
      return goes_there(workload, way) && (is_of_the_destination(limit) || comes_from(workload, way));
    }
    bool operator()(const BalancerPlace& balancer) const {
      return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Target target = wiring.of(workload.from_host, to);
        return target.reach == Reach::balancer && target.balancer->name == balancer.balancer.view();
      });
    }
    bool operator()(const BackEndPlace& back_end) const { return (*this)(BalancerPlace{back_end.balancer}); }
    bool operator()(const GatewayPlace& gateway) const {
      const auto* host = std::get_if<HostPlace>(&gateway.ports);
      if (host != nullptr && workload.from_host != host->name.view()) return false;
      return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Target target = wiring.of(workload.from_host, to);
        return to == gateway.destination && target.gateway != nullptr && target.gateway->name == gateway.gateway.view();
      });
    }
    bool operator()(const GatewayTablePlace& table) const {
      return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Target target = wiring.of(workload.from_host, to);
        return target.gateway != nullptr && target.gateway->name == table.gateway.view();
      });
    }
  };
  return std::visit(Visitor{wiring, workload, limit.limit}, limit.place.what);
}

WaysThere ways_ending_at(const Wiring& wiring, const Workload& workload, const Place& place) {
  const auto ends_there = [&](const Target& target) {
    if (const auto* process = std::get_if<ProcessPlace>(&place.what))
      return is_of(target, process->on, process->process);
    const auto* host = std::get_if<HostPlace>(&place.what);
    return host != nullptr && target.reach == Reach::listener && is_on(target, *host);
  };
  std::vector<Target> targets;
  std::uint64_t behind_each = 1;  // as many turns as all balancers on the way come round in
  for (const Endpoint& to : workload.to) {
    targets.push_back(wiring.of(workload.from_host, to));
    if (targets.back().reach != Reach::balancer) continue;
    const std::uint64_t turns = targets.back().balancer->back_ends.size();
    behind_each = bounded_product(behind_each / std::gcd(behind_each, turns), turns);
  }
  WaysThere ways{0, bounded_product(targets.size(), behind_each)};
  for (const Target& target : targets) {
    if (target.reach != Reach::balancer) {
      if (ends_there(target)) ways.there = bounded_sum(ways.there, behind_each);
      continue;
    }
    const auto& back_ends = target.balancer->back_ends;
    const auto there = std::count_if(back_ends.begin(), back_ends.end(), [&](const Endpoint& one) {
      return ends_there(wiring.behind(*target.balancer, one));
    });
    ways.there = bounded_sum(ways.there, behind_each / back_ends.size() * static_cast<std::uint64_t>(there));
  }
  return ways;
}

}  // namespace netlimits

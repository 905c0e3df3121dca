// What lies behind the destinations of a scenario.
#include "model/scenario/wiring.hpp"

#include <string>

namespace netlimits {

Wiring::Wiring(const Scenario& scenario) : scenario_(&scenario), topology_(scenario), listening_(scenario) {
  for (const auto& [name, balancer] : scenario.balancers) {
    balancers_.emplace(Endpoint{balancer.endpoint.address.unmapped(), balancer.endpoint.port}, &balancer);
  }
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
    if (!owner || !topology_.round_trip(from, owner->group)) return target;
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
  if (!topology_.round_trip(client_group, balancer->name)) return {};
  Target target;
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
    const auto first_leg = topology_.round_trip(client_group, target.balancer->name);
    if (!first_leg || target.balancer->back_ends.empty()) return std::nullopt;
    const auto second_leg =
        round_trip(target.balancer->name, behind(*target.balancer, target.balancer->back_ends.front()));
    if (!second_leg) return std::nullopt;
    return *first_leg + *second_leg;
  }
  if (target.reach == Reach::no_route) return std::nullopt;
  return topology_.round_trip(client_group, target.host->name);
}

}  // namespace netlimits

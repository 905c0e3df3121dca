// Which listener takes an endpoint, on the host itself or behind a balancer; and what queues, descriptors and file
// tables leave for connections.
#include "analysis/target.hpp"

#include <algorithm>
#include <optional>

namespace netlimits::analysis {
namespace {

// A listener on the very address comes before one on the wildcard (net/ipv4/inet_hashtables.c, compute_score).
std::optional<Target> listener_on(const HostGroup& host, const Endpoint& destination) {
  std::optional<Target> wildcard;
  for (std::size_t p = 0; p < host.processes.size(); ++p) {
    for (std::size_t l = 0; l < host.processes[p].listeners.size(); ++l) {
      const Endpoint& at = host.processes[p].listeners[l].endpoint;
      if (at.port != destination.port) continue;
      Target found{.reach = Reach::listener, .host = &host, .process = p, .listener = l};
      if (at.address.unmapped() == destination.address.unmapped()) return found;
      const bool takes_family = !at.address.is_v4() || destination.address.unmapped().is_v4();
      if (at.address.is_wildcard() && takes_family && !wildcard) wildcard = found;
    }
  }
  return wildcard;
}

}  // namespace

Target Targets::on_host(std::string_view from, const Endpoint& destination) const {
  Target target;
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
  target.reach = Reach::no_listener;
  if (const auto listener = listener_on(*target.host, destination)) {
    target.reach = Reach::listener;
    target.process = listener->process;
    target.listener = listener->listener;
  }
  return target;
}

Target Targets::of(std::string_view client_group, const Endpoint& destination) const {
  for (const auto& [name, balancer] : scenario_->balancers) {
    if (balancer.endpoint.port != destination.port ||
        balancer.endpoint.address.unmapped() != destination.address.unmapped()) {
      continue;
    }
    if (!topology_.round_trip(client_group, name)) return {};
    return {.reach = Reach::balancer, .balancer = &balancer};
  }
  return on_host(client_group, destination);
}

Target Targets::behind(const Balancer& balancer, const Endpoint& back_end) const {
  return on_host(balancer.name, back_end);
}

std::uint64_t accept_queue_size(const HostGroup& host, const Listener& listener) {
  const std::uint64_t most = host.settings.somaxconn;
  const std::uint64_t backlog =
      listener.backlog < 0 ? most : std::min<std::uint64_t>(static_cast<std::uint64_t>(listener.backlog), most);
  switch (host.profile->rules.accept_queue) {
    case AcceptQueueRule::backlog_plus_one:
      return backlog + 1;
    case AcceptQueueRule::three_halves_plus_one:
      return backlog * 3 / 2 + 1;
    case AcceptQueueRule::backlog:
      return backlog;
  }
  return backlog + 1;
}

std::uint64_t free_descriptors(const Process& process) {
  const std::uint64_t used = process.own_descriptors + process.listeners.size();
  return process.nofile > used ? process.nofile - used : 0;
}

std::uint64_t free_files(const HostGroup& host) {
  std::uint64_t used = 0;
  for (const Process& process : host.processes) {
    used += process.count * process.own_descriptors;
    for (const Listener& listener : process.listeners) used += listener.inherited ? 1 : process.count;
  }
  for (const HeldPorts& held : host.held_ports) used += held.ports.size().value;
  used = std::max(used, host.open_files);
  return host.settings.file_max > used ? host.settings.file_max - used : 0;
}

}  // namespace netlimits::analysis

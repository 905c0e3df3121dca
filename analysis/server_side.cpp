// Makes the nodes and edges that lie behind an endpoint, each once, however many clients come to it.
#include "analysis/server_side.hpp"

#include <algorithm>

#include "analysis/open_files.hpp"
#include "model/path/balancer.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {

bool bounds_files(const HostGroup& host) { return host.settings.file_max < (std::uint64_t{1} << 40U); }

void ServerSide::arrive(Node from, const Target& target, const ClientClass& clients, const Place& place) {
  switch (target.reach) {
    case Reach::listener:
      return network_.add(from, arrivals_ == nullptr ? FlowNetwork::sink : listener(target, clients));
    case Reach::held_listener:
      return network_.add(from, arrivals_ == nullptr ? FlowNetwork::sink : held_listener(target, clients, place));
    case Reach::balancer:
      return network_.add(from, balancer(*target.balancer));
    case Reach::no_listener:
      return network_.add_limit(from, FlowNetwork::sink, Interval{}, Limit::no_listener, place);
    case Reach::no_route:
      return network_.add_limit(from, FlowNetwork::sink, Interval{}, Limit::no_route, place);
  }
}

ServerSide::Node ServerSide::balancer(const Balancer& of) {
  const std::size_t position = balancers_.size();
  const auto [found, is_new] = balancers_.try_emplace(of.name, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  if (arrivals_ == nullptr) {
    network_.add_meter(node, FlowNetwork::sink);
    return node;
  }
  std::vector<const Endpoint*> up;
  for (const Endpoint& back_end : of.back_ends) {
    if (!network_.question().down.contains(back_end)) up.push_back(&back_end);
  }
  if (up.empty()) network_.add_limit(node, FlowNetwork::sink, Interval{}, Limit::back_end_down, balancer_place(of));
  for (std::size_t i = 0; i < up.size(); ++i) {
    const Node chosen = network_.add_node();
    network_.add_share(node, chosen, round_robin_share((*arrivals_)[position], up.size(), i));
    arrive(chosen, wiring_.behind(of, *up[i]), {nobodys_own, 1}, back_end_place(of, *up[i]));
  }
  return node;
}

ServerSide::Node ServerSide::listener(const Target& target, const ClientClass& clients) {
  const std::uint64_t hosts = target.own ? clients.count : 1;
  const Server server{target.host->name, target.instance, target.own ? clients.id : nobodys_own};
  const auto [found, is_new] = listeners_.try_emplace({server, target.process, target.listener}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  const Process& program = target.host->processes[target.process];
  const Listener& settings = program.listeners[target.listener];
  const Node accepting = process(server, target, hosts);
  if (std::holds_alternative<AcceptStalled>(settings.accept)) {
    network_.add_limit(node, accepting, Interval{}, Limit::listen_backlog,
                       listener_place(*target.host, program, settings.endpoint));
  } else {
    network_.add(node, accepting);
  }
  if (!network_.question().accept_queues) return node;
  // Each instance with a listener of its own has a queue of its own; at worst SO_REUSEPORT's hash fills only one.
  const std::uint64_t queue = accept_queue_size(*target.host, settings);
  const bool hashed = settings.reuse_port && program.count > 1;
  if (hashed) network_.note_chance();
  const std::uint64_t queues = hashed && network_.question().luck == Luck::best ? program.count : 1;
  network_.add(node, FlowNetwork::sink, queue * queues * hosts);
  return node;
}

ServerSide::Node ServerSide::held_listener(const Target& target, const ClientClass& clients, const Place& place) {
  const std::uint64_t hosts = target.own ? clients.count : 1;
  const Server server{target.host->name, target.instance, target.own ? clients.id : nobodys_own};
  const auto [found, is_new] = held_listeners_.try_emplace({server, target.port}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  network_.add_limit(node, FlowNetwork::sink, Interval{}, Limit::listen_backlog, place);
  if (network_.question().accept_queues)
    network_.add(node, FlowNetwork::sink,
                 accept_queue_size(*target.host, {.endpoint = {}, .backlog = held_backlog, .accept = {}}) * hosts);
  return node;
}

ServerSide::Node ServerSide::process(const Server& server, const Target& target, std::uint64_t hosts) {
  const auto [found, is_new] = processes_.try_emplace({server, target.process}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  const Process& program = target.host->processes[target.process];
  const Node on = host(server, target, hosts);
  if (!target.host->profile->rules.descriptors_bind) {
    network_.add(node, on);
    return node;
  }
  const Interval each = shared_by_ends(free_descriptors(program), plan_.ends_of(program));
  Interval free = times(each, program.count);
  // At worst SO_REUSEPORT's hash sends everything to one listener.
  const bool hashed = program.count > 1 && std::any_of(program.listeners.begin(), program.listeners.end(),
                                                       [](const Listener& one) { return one.reuse_port; });
  if (hashed) free.min = each.min;
  network_.add_limit(node, on, times(free, hosts), Limit::fd_per_process, process_place(*target.host, program));
  return node;
}

ServerSide::Node ServerSide::host(const Server& server, const Target& target, std::uint64_t hosts) {
  const auto [found, is_new] = hosts_.try_emplace(server, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  if (bounds_files(*target.host)) {
    const Interval files = shared_by_ends(free_files(*target.host), plan_.ends_of(*target.host));
    network_.add_limit(node, FlowNetwork::sink, times(files, hosts), Limit::fd_per_host, host_place(*target.host));
  } else {
    network_.add(node, FlowNetwork::sink);
  }
  return node;
}

}  // namespace netlimits::analysis

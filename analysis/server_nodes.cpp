// Makes the nodes and edges that lie behind an endpoint, each once, however many clients come to it.
#include "analysis/server_nodes.hpp"

#include <algorithm>
#include <numeric>

#include "analysis/open_files.hpp"
#include "analysis/pools/gateway_pool.hpp"
#include "model/path/balancer.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {

bool bounds_files(const HostGroup& host) { return host.settings.file_max < (std::uint64_t{1} << 40U); }

void ServerNodes::arrive(Node from, const Target& target, const ClientClass& clients, const Place& place,
                         const EndsAlike* alike) {
  const auto* const way = std::get_if<OutboundPlace>(&place.what);
  if (target.gateway != nullptr && way != nullptr) from = through_gateway(from, *target.gateway, clients, *way);
  const PlacesAlike places = alike == nullptr ? nullptr : &alike->to;
  switch (target.reach) {
    case Reach::listener:
    case Reach::held_listener:
      if (onward_.arrivals) {
        const bool held = target.reach == Reach::held_listener;
        network_.add(from, held ? held_listener(target, clients, place) : listener(target, clients, alike));
      } else if (!onward_.only) {
        network_.add(from, FlowNetwork::sink);
      }
      return;
    case Reach::balancer:
      return network_.add(from, balancer(*target.balancer));
    case Reach::no_listener:
      return network_.add_limit(from, FlowNetwork::sink, Interval{}, Limit::no_listener, place, false, places);
    case Reach::no_route:
      return network_.add_limit(from, FlowNetwork::sink, Interval{}, Limit::no_route, place, false, places);
  }
}

ServerNodes::Node ServerNodes::through_gateway(Node from, const Gateway& gateway, const ClientClass& clients,
                                               const OutboundPlace& way) {
  const bool blocks = gateway.nat.block != 0;
  const auto& destination = std::get<Endpoint>(way.destination);
  const auto [found, is_new] =
      gateways_.try_emplace({gateway.name, destination, blocks ? clients.id : nobodys_own}, GatewayNodes{});
  GatewayNodes& nodes = found->second;
  if (is_new) {
    nodes = {network_.add_node(), network_.add_node()};
    const Interval ports = gateway_ports(plan_, gateway, destination, network_.question().connections);
    if (!ports.exact()) network_.note_draw();
    const PlacedLimit limit = gateway_limit(gateway, way.on, destination);
    network_.add_limit(nodes.in, nodes.out, times(ports, blocks ? clients.count : 1), limit.limit, limit.place);
  }
  network_.add(from, nodes.in);
  return nodes.out;
}

ServerNodes::Node ServerNodes::balancer(const Balancer& of) {
  const auto [found, is_new] = balancers_.try_emplace(of.name, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  if (!onward_.arrivals) {
    if (onward_.only.value_or(of.name) == of.name && onward_.but != of.name) network_.add(node, FlowNetwork::sink);
    return node;
  }
  const std::uint64_t arrived = onward_.arrivals->at(of.name);
  std::vector<const Endpoint*> up;
  for (const Endpoint& back_end : of.back_ends) {
    if (!network_.question().down.contains(back_end)) up.push_back(&back_end);
  }
  if (up.empty()) network_.add_limit(node, FlowNetwork::sink, Interval{}, Limit::back_end_down, balancer_place(of));
  std::vector<Target> targets;
  for (const Endpoint* const back_end : up) targets.push_back(reached_behind(of, *back_end));
  const auto leads_nowhere = [](const Target& target) {
    return target.reach == Reach::no_route || target.reach == Reach::no_listener;
  };
  // Of those that are there the turn of one more may have been where nobody answers.
  const bool unlucky =
      network_.question().draws == Draws::worst && std::any_of(targets.begin(), targets.end(), leads_nowhere);
  for (std::size_t i = 0; i < up.size(); ++i) {
    const Node chosen = network_.add_node();
    switch (onward_.passes) {
      case Passes::once:
        network_.add_share(node, chosen, round_robin_share(arrived, up.size(), i));
        break;
      case Passes::after:
        network_.add_share(
            node, chosen,
            round_robin_share(arrived, up.size(), unlucky && !leads_nowhere(targets[i]) ? up.size() - 1 : 0));
        break;
      case Passes::again:
        network_.add(node, chosen);
        break;
    }
    arrive(chosen, targets[i], {.id = nobodys_own}, back_end_place(of, *up[i]));
  }
  return node;
}

// As the network's clients meet it: those of its own host never do. At worst all that it is dealt is theirs.
Target ServerNodes::reached_behind(const Balancer& of, const Endpoint& back_end) {
  const Target target = wiring_.behind(of, back_end);
  const std::set<const HostGroup*>& clients = plan_.clients_of(of);
  if (target.host == nullptr || !clients.contains(target.host)) return target;
  const bool only_its_own = clients.size() == 1 && target.host->count == 1;
  if (!only_its_own) network_.note_draw();
  return only_its_own || network_.question().draws == Draws::worst ? Target{} : target;
}

// A host alone is the same server for its own programs as for others.
std::pair<ServerNodes::Server, std::uint64_t> ServerNodes::server_of(const Target& target, const ClientClass& clients) {
  if (!target.own || target.host->count == 1) return {{target.host->name, target.instance, nobodys_own}, 1};
  if (clients.count == 1) return {{target.host->name, clients.first, nobodys_own}, 1};
  return {{target.host->name, target.instance, clients.id}, clients.count};
}

ServerNodes::Node ServerNodes::listener(const Target& target, const ClientClass& clients, const EndsAlike* alike) {
  const auto [server, hosts] = server_of(target, clients);
  const auto [found, is_new] = listeners_.try_emplace({server, target.process, target.listener}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  const Process& program = target.host->processes[target.process];
  const Listener& settings = program.listeners[target.listener];
  const PlacesAlike each_its_own = alike == nullptr || alike->listeners.empty() ? nullptr : &alike->listeners;
  const std::uint64_t listeners = each_its_own == nullptr ? 1 : each_its_own->size();
  if (drops_every_syn(*target.host, settings)) {
    network_.add_limit(node, FlowNetwork::sink, Interval{}, Limit::syn_backlog,
                       listener_place(*target.host, program, settings.endpoint), false, each_its_own);
    return node;
  }
  const Node accepting = process(server, target, hosts);
  const std::uint64_t queue = accept_queue_size(*target.host, settings);
  // What accept() takes has waited in the queue: one of no place lets nothing through.
  const bool accepts = !std::holds_alternative<AcceptStalled>(settings.accept) && queue > 0;
  const Certain certain = accepts ? certain_at(*target.host, program) : Certain::both;
  if (!accepts || certain == Certain::waiting) {
    network_.add_limit(node, accepting, Interval{}, Limit::listen_backlog,
                       listener_place(*target.host, program, settings.endpoint), false, each_its_own);
  } else {
    network_.add(node, accepting);
  }
  if (!network_.question().accept_queues) return node;
  if (network_.question().believed && queue > 0) {
    network_.add(node, end(server, target, hosts));
    return node;
  }
  if (certain == Certain::accepted) return node;
  // Each instance with a listener of its own has a queue of its own; at worst SO_REUSEPORT's hash fills only one.
  const bool hashed = settings.reuse_port && program.count > 1;
  if (hashed) network_.note_draw();
  const std::uint64_t queues = hashed && network_.question().draws == Draws::best ? program.count : 1;
  network_.add(node, end(server, target, hosts), queue * queues * hosts * listeners);
  return node;
}

// Where several listeners share what accept() takes, those whose connections could as well wait may get it all: at
// worst either is certain, not both.
ServerNodes::Certain ServerNodes::certain_at(const HostGroup& host, const Process& program) {
  const NetworkQuestion& question = network_.question();
  if (!question.accept_queues) return Certain::both;
  const auto binds = [&](Limit limit, const Place& place) { return !question.lifted.contains({limit, place}); };
  std::uint64_t room = 0;
  const std::set<const Listener*>* sharing = nullptr;
  if (bounds_files(host) && plan_.accepting(host).size() > 1 && binds(Limit::fd_per_host, host_place(host))) {
    room = plan_.for_servers(host, free_files(host), question).min;
    sharing = &plan_.accepting(host);
  } else if (host.profile->rules.has(Rule::descriptors_process) && plan_.accepting(program).size() > 1 &&
             binds(Limit::fd_per_process, process_place(host, program))) {
    room = plan_.for_servers(program, free_descriptors(program), question).min * program.count;
    sharing = &plan_.accepting(program);
  }
  if (sharing == nullptr) return Certain::both;
  network_.note_draw();
  if (question.draws == Draws::best) return Certain::both;
  std::uint64_t queues = 0;
  for (const Listener* const one : *sharing) queues += accept_queue_size(host, *one);
  return room >= queues ? Certain::accepted : Certain::waiting;
}

ServerNodes::Node ServerNodes::held_listener(const Target& target, const ClientClass& clients, const Place& place) {
  const auto [server, hosts] = server_of(target, clients);
  const auto [found, is_new] = held_listeners_.try_emplace({server, target.port}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  network_.add_limit(node, FlowNetwork::sink, Interval{}, Limit::listen_backlog, place);
  if (network_.question().accept_queues)
    network_.add(node, end(server, target, hosts),
                 accept_queue_size(*target.host, {.endpoint = {}, .backlog = held_backlog, .accept = {}}) * hosts);
  return node;
}

ServerNodes::Node ServerNodes::process(const Server& server, const Target& target, std::uint64_t hosts) {
  const auto [found, is_new] = processes_.try_emplace({server, target.process}, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  const Process& program = target.host->processes[target.process];
  const Node on = host(server, target, hosts);
  if (!target.host->profile->rules.has(Rule::descriptors_process)) {
    network_.add(node, on);
    return node;
  }
  const Interval each = plan_.for_servers(program, free_descriptors(program), network_.question());
  Interval free = times(each, program.count);
  // At worst SO_REUSEPORT's hash sends everything to one listener.
  const bool hashed = program.count > 1 && std::any_of(program.listeners.begin(), program.listeners.end(),
                                                       [](const Listener& one) { return one.reuse_port; });
  if (hashed) free.min = each.min;
  network_.add_limit(node, on, times(free, hosts), Limit::fd_per_process, process_place(*target.host, program));
  return node;
}

ServerNodes::Node ServerNodes::host(const Server& server, const Target& target, std::uint64_t hosts) {
  const auto [found, is_new] = hosts_.try_emplace(server, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  if (bounds_files(*target.host)) {
    const Interval files = plan_.for_servers(*target.host, free_files(*target.host), network_.question());
    network_.add_limit(node, end(server, target, hosts), times(files, hosts), Limit::fd_per_host,
                       host_place(*target.host));
  } else {
    network_.add(node, end(server, target, hosts));
  }
  return node;
}

ServerNodes::Node ServerNodes::end(const Server& server, const Target& target, std::uint64_t hosts) {
  const TrackedPlace* const table = plan_.tables.at(*target.host);
  if (table == nullptr) return FlowNetwork::sink;
  const auto [found, is_new] = ends_.try_emplace(server, 0);
  if (!is_new) return found->second;
  const Node node = found->second = network_.add_node();
  const auto& asked = network_.question().connections;
  const Interval each =
      entries_left(*table, std::accumulate(asked.begin(), asked.end(), std::uint64_t{}), network_.question());
  if (!each.exact()) network_.note_draw();
  network_.add_limit(node, FlowNetwork::sink, times(each, hosts), Limit::conntrack_entries, table->limit.place);
  return node;
}

}  // namespace netlimits::analysis

// The look-up of a listener among those that a scenario's host has.
#include "model/scenario/listening.hpp"

#include <algorithm>
#include <utility>

#include "model/scenario/bound_socket.hpp"
#include "model/sockets/listener_match.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/accept_queue.hpp"
#include "model/tcp/syn_queue.hpp"

namespace netlimits {
namespace {

int score_of(const HostGroup& host, const IpAddress& at, const Endpoint& destination) {
  const SocketRecord listener = bound_socket(host.settings, at);
  return listener_score({listener.local, listener.inet6, listener.v6_only}, AddressBits::of(destination.address), 0);
}

// The look-up itself: is told of listeners in their order, and then of held ports.
class LookUp {
 public:
  LookUp(const HostGroup& host, const Endpoint& destination) : host_(host), destination_(destination) {}

  void consider(ListenerId id) {
    const Listener& listener = host_.processes[id.process].listeners[id.listener];
    if (listener.endpoint.port != destination_.port) return;
    const int score = score_of(host_, listener.endpoint.address, destination_);
    if (score == 0 || score < best_) return;
    const bool joins = score == best_ && listener.reuse_port;
    if (!joins) found_.listeners.clear();  // a better one; among equals that share nothing the last one to listen
    best_ = score;
    found_.listeners.push_back(id);
  }

  Listening with_held_ports() {
    for (const HeldPorts& held : host_.held_ports) {
      if (!fits(host_, held, destination_)) continue;
      const int score = score_of(host_, held.address, destination_);
      if (score < best_) continue;
      best_ = score;
      found_ = {.listeners = {}, .held = true};
    }
    return std::move(found_);
  }

 private:
  const HostGroup& host_;
  const Endpoint& destination_;
  Listening found_{};
  int best_ = 0;
};

template <class Visit>
void each_listener(const HostGroup& host, Visit&& visit) {
  for (std::size_t p = 0; p < host.processes.size(); ++p) {
    for (std::size_t l = 0; l < host.processes[p].listeners.size(); ++l) visit(ListenerId{p, l});
  }
}

}  // namespace

Listening listening_at(const HostGroup& host, const Endpoint& destination) {
  LookUp look_up(host, destination);
  each_listener(host, [&](ListenerId id) { look_up.consider(id); });
  return look_up.with_held_ports();
}

ListeningIndex::ListeningIndex(const Scenario& scenario) {
  constexpr std::size_t few = 16;
  for (const auto& [name, group] : scenario.hosts) {
    const HostGroup& host = group;
    std::size_t count = 0;
    each_listener(host, [&](ListenerId) { ++count; });
    if (count <= few) continue;
    OfHost& of_host = hosts_[&host];
    each_listener(host, [&](ListenerId id) {
      const Endpoint& at = host.processes[id.process].listeners[id.listener].endpoint;
      auto& ports = at.address.is_wildcard() ? of_host.wildcards : of_host.others[at.address.unmapped()];
      ports[at.port.value].push_back(id);
    });
  }
}

// A listener takes what comes to the very address that it has, or to any: no other one has a score.
Listening ListeningIndex::at(const HostGroup& host, const Endpoint& destination) const {
  const auto indexed = hosts_.find(&host);
  if (indexed == hosts_.end()) return listening_at(host, destination);
  const auto at_port = [&](const auto& ports) {
    const auto found = ports.find(destination.port.value);
    return found == ports.end() ? std::vector<ListenerId>() : found->second;
  };
  std::vector<ListenerId> candidates = at_port(indexed->second.wildcards);
  if (const auto own = indexed->second.others.find(destination.address.unmapped());
      own != indexed->second.others.end()) {
    const std::vector<ListenerId> of_address = at_port(own->second);
    candidates.insert(candidates.end(), of_address.begin(), of_address.end());
  }
  std::sort(candidates.begin(), candidates.end(), [](const ListenerId& a, const ListenerId& b) {
    return std::pair(a.process, a.listener) < std::pair(b.process, b.listener);
  });
  LookUp look_up(host, destination);
  for (const ListenerId id : candidates) look_up.consider(id);
  return look_up.with_held_ports();
}

bool takes(const HostGroup& host, const Listener& listener, const Endpoint& destination) {
  const std::vector<ListenerId> takers = listening_at(host, destination).listeners;
  return std::any_of(takers.begin(), takers.end(), [&](const ListenerId& id) {
    return &host.processes[id.process].listeners[id.listener] == &listener;
  });
}

bool fits(const HostGroup& host, const HeldPorts& held, const Endpoint& destination) {
  return held.listens && held.ports.contains(destination.port) && score_of(host, held.address, destination) > 0;
}

std::uint64_t accept_queue_size(const HostGroup& host, const Listener& listener) {
  return accept_queue_capacity(host.profile->rules.accept_queue,
                               effective_backlog(listener.backlog, host.settings.somaxconn));
}

bool accepts_paced(const Scenario& scenario) {
  return std::any_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& named) {
    const std::vector<Process>& processes = named.second.processes;
    return std::any_of(processes.begin(), processes.end(), [](const Process& process) {
      return std::any_of(process.listeners.begin(), process.listeners.end(),
                         [](const Listener& listener) { return std::holds_alternative<AcceptPaced>(listener.accept); });
    });
  });
}

bool drops_every_syn(const HostGroup& host, const Listener& listener) {
  const SynQueueState empty{.backlog = effective_backlog(listener.backlog, host.settings.somaxconn)};
  const SynAnswer answer = answer_to_syn(empty, host.settings, host.profile->rules);
  return answer == SynAnswer::half_open_full || answer == SynAnswer::strangers_full;
}

}  // namespace netlimits

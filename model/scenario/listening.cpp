// The look-up of a listener among those that a scenario's host has.
#include "model/scenario/listening.hpp"

#include <algorithm>

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

}  // namespace

Listening listening_at(const HostGroup& host, const Endpoint& destination) {
  Listening found;
  int best = 0;
  for (std::size_t p = 0; p < host.processes.size(); ++p) {
    for (std::size_t l = 0; l < host.processes[p].listeners.size(); ++l) {
      const Listener& listener = host.processes[p].listeners[l];
      if (listener.endpoint.port != destination.port) continue;
      const int score = score_of(host, listener.endpoint.address, destination);
      if (score == 0 || score < best) continue;
      const bool joins = score == best && listener.reuse_port;
      if (!joins) found.listeners.clear();  // a better one; among equals that share nothing the last one to listen
      best = score;
      found.listeners.push_back({p, l});
    }
  }
  for (const HeldPorts& held : host.held_ports) {
    if (!fits(host, held, destination)) continue;
    const int score = score_of(host, held.address, destination);
    if (score < best) continue;
    best = score;
    found = {.listeners = {}, .held = true};
  }
  return found;
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

bool drops_every_syn(const HostGroup& host, const Listener& listener) {
  const SynQueueState empty{.backlog = effective_backlog(listener.backlog, host.settings.somaxconn)};
  const SynAnswer answer = answer_to_syn(empty, host.settings, host.profile->rules);
  return answer == SynAnswer::half_open_full || answer == SynAnswer::strangers_full;
}

}  // namespace netlimits

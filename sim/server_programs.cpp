// Listeners, who accepts from them and when, and what becomes of accepted connections.
#include "sim/server_programs.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "model/tcp/accept_queue.hpp"
#include "model/tcp/syn_queue.hpp"

namespace netlimits::sim {
namespace {

// An IPv6 socket that takes IPv4 has it as ::ffff:a.b.c.d.
FourTuple as_server_sees(const FourTuple& tuple) {
  return {{tuple.local.address.unmapped(), tuple.local.port}, {tuple.remote.address.unmapped(), tuple.remote.port}};
}

}  // namespace

ServerPrograms::ServerPrograms(const Scenario& scenario, Network& network, RunningProcesses& processes,
                               ServerHolds& holds, Measurements& measurements, std::optional<std::uint64_t> turns)
    : network_(network), processes_(processes), holds_(holds), measurements_(measurements) {
  if (turns) turns_.emplace(scenario, *turns);
  processes_.on_room([this](std::uint32_t process) {
    for (const std::uint32_t listener : processes_[process].listeners) on_acceptable(listener);
  });
}

// ---- listeners

void ServerPrograms::open_listeners(std::uint32_t instance, std::size_t process,
                                    const std::vector<std::uint32_t>& numbers) {
  const HostGroup& group = *network_.instance(instance).group;
  for (const Listener& listener : group.processes[process].listeners) {
    if (!listener.inherited) {
      for (const std::uint32_t p : numbers) processes_[p].listeners.push_back(open_listener(instance, listener, {p}));
      continue;
    }
    const std::uint32_t opened = open_listener(instance, listener, numbers);
    for (const std::uint32_t p : numbers) {
      processes_[p].listeners.push_back(opened);
      if (p == numbers.front()) continue;
      network_.call(instance, [&](Host& host, Effects&) {
        require(host.inherit(listeners_[opened].socket, processes_[p].id), place_of(listeners_[opened]));
      });
    }
  }
}

std::uint32_t ServerPrograms::open_listener(std::uint32_t instance, const Listener& listener,
                                            std::vector<std::uint32_t> processes) {
  const RunningProcess& first = processes_[processes.front()];
  const auto index = static_cast<std::uint32_t>(listeners_.size());
  const Place place = listener_place(processes_.group_of(first), processes_.configuration(first), listener.endpoint);
  network_.call(instance, [&](Host& host, Effects&) {
    const auto socket = host.socket(first.id, listener.endpoint.address.family(), SocketType::stream);
    require(socket.map([](SocketId) {}), place);
    // Server programs set SO_REUSEADDR so that they can be restarted while old connections are in TIME_WAIT.
    require(host.set_option(*socket, Option::reuse_address, 1), place);
    if (listener.reuse_port) require(host.set_option(*socket, Option::reuse_port, 1), place);
    require(host.bind(*socket, listener.endpoint, {}), place);
    require(host.listen(*socket, listener.backlog, {}), place);
    host.set_user_data(*socket, user_data(Owner::listener, index));
    const std::uint64_t capacity =
        accept_queue_capacity(host.config().profile->rules.accept_queue, host.view(*socket).backlog);
    listeners_.push_back({.configuration = &listener,
                          .instance = instance,
                          .socket = *socket,
                          .processes = std::move(processes),
                          .queue = {.capacity = capacity}});
  });
  return index;
}

Place ServerPrograms::place_of(const RunningListener& listener) const {
  const RunningProcess& process = processes_[listener.processes.front()];
  return listener_place(processes_.group_of(process), processes_.configuration(process),
                        listener.configuration->endpoint);
}

void ServerPrograms::forget(std::uint32_t instance) {
  for (RunningListener& listener : listeners_) {
    if (listener.instance != instance) continue;
    if (listener.accept_scheduled) {
      listener.accept_scheduled = false;
      --pending_accepts_;
    }
    if (!listener.processes.empty()) {
      write_queues(listener);
      note_never_taken(static_cast<std::uint32_t>(&listener - listeners_.data()));
    }
    listener.processes.clear();
  }
}

void ServerPrograms::on_overflow(std::uint32_t index, Limit queue, const FourTuple& tuple, bool believed) {
  const RunningListener& listener = listeners_[index];
  if (listener.processes.empty()) return;
  const PlacedLimit limit{queue, place_of(listener)};
  measurements_.meters().refused(limit, network_.now());
  if (!believed) return;
  const Moment now = measurements_.moment(network_.now());
  measurements_.dropped_unheard(limit, now);
  auto& of_it = unheard_[index];
  if (of_it.size() < most_unheard) of_it.try_emplace(as_server_sees(tuple.reversed()), Unheard{now, refusing(index)});
}

// ---- accepting

void ServerPrograms::on_acceptable(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (listener.processes.empty()) return;
  listener.queue.stands_at(queued(listener));
  if (std::holds_alternative<AcceptImmediately>(listener.configuration->accept)) {
    turns_ ? schedule_accept(index, turns_->some_time_after(network_.now())) : drain(index);
  } else if (std::holds_alternative<AcceptPaced>(listener.configuration->accept)) {
    const SimTime due = std::max(network_.now(), listener.next_accept);
    schedule_accept(index, turns_ ? turns_->some_time_after(due) : due);
  }
}

void ServerPrograms::schedule_accept(std::uint32_t index, SimTime at) {
  RunningListener& listener = listeners_[index];
  if (listener.accept_scheduled) return;
  listener.accept_scheduled = true;
  ++pending_accepts_;
  network_.plan(at, {.kind = EventKind::scheduled_accept,
                     .epoch = network_.instance(listener.instance).epoch,
                     .instance = listener.instance,
                     .index = index});
}

void ServerPrograms::on_scheduled_accept(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (!listener.accept_scheduled) return;
  listener.accept_scheduled = false;
  --pending_accepts_;
  if (std::holds_alternative<AcceptImmediately>(listener.configuration->accept)) return drain(index);
  if (!accept_one(index)) return;
  listener.next_accept = later(network_.now(), std::get<AcceptPaced>(listener.configuration->accept).interval);
  if (queued(listener) > 0) schedule_accept(index, std::max(network_.now(), listener.next_accept));
}

void ServerPrograms::drain(std::uint32_t index) {
  while (accept_one(index)) {
  }
}

bool ServerPrograms::accept_one(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (queued(listener) == 0) return false;
  const std::size_t all = listener.processes.size();
  std::optional<Refusal> refusal;
  for (std::size_t tried = 0; tried < all; ++tried) {
    // Those that lack a descriptor are passed over, but for the last one, which says what it is that they lack.
    const std::size_t lacking =
        processes_.next_to_ask(listener.processes[listener.next]) - listener.processes[listener.next];
    const std::size_t passed = std::min({lacking, all - listener.next, all - tried - 1});
    tried += passed;
    listener.next = (listener.next + passed) % all;
    const std::uint32_t p = listener.processes[listener.next];
    listener.next = (listener.next + 1) % all;
    const auto socket = network_.call(listener.instance, [&](Host& host, Effects& effects) {
      return host.accept_in(listener.socket, processes_[p].id, network_.now(), effects);
    });
    if (socket) {
      accepted(index, p, *socket);
      return true;
    }
    refusal = socket.error();
    processes_.starve(p, refusal->limit.value_or(Limit::fd_per_process));
  }
  if (refusal && refusal->limit) refused(index, *refusal);
  return false;
}

void ServerPrograms::refused(std::uint32_t index, const Refusal& refusal) {
  const RunningListener& listener = listeners_[index];
  RunningProcess& process = processes_[listener.processes[listener.next]];
  ++process.refused_accepts;
  const Place place =
      refusal.limit == Limit::fd_per_process ? processes_.place_of(process) : host_place(processes_.group_of(process));
  measurements_.meters().refused({*refusal.limit, place}, network_.now());
  std::deque<NotTaken>& waiting = refused_[index];
  const std::uint64_t last = listener.taken + queued(listener);
  if (!waiting.empty() && waiting.back().last_in_queue >= last) return;
  waiting.push_back({last, listener.processes[listener.next], *refusal.limit, measurements_.moment(network_.now())});
}

void ServerPrograms::note_taken(std::uint32_t index) {
  const std::uint64_t taken = ++listeners_[index].taken;
  const auto found = refused_.find(index);
  if (found == refused_.end()) return;
  while (!found->second.empty() && found->second.front().last_in_queue <= taken) found->second.pop_front();
  if (found->second.empty()) refused_.erase(found);
}

std::optional<RefusedAccept> ServerPrograms::refusing(std::uint32_t index) const {
  const auto found = refused_.find(index);
  if (found == refused_.end()) return std::nullopt;
  const NotTaken& first = found->second.front();
  const RunningProcess& process = processes_[first.process];
  const Place place =
      first.limit == Limit::fd_per_process ? processes_.place_of(process) : host_place(processes_.group_of(process));
  return RefusedAccept{{first.limit, place}, first.when};
}

void ServerPrograms::note_never_taken(std::uint32_t index) {
  if (const auto first = refusing(index)) measurements_.came_to_nothing(first->limit, first->when);
  refused_.erase(index);
  const PlacedLimit queue{Limit::listen_backlog, place_of(listeners_[index])};
  for (const auto& [tuple, unheard] : unheard_[index]) {
    const RefusedAccept at_queue{queue, unheard.when};
    const RefusedAccept& why = unheard.behind ? *unheard.behind : at_queue;
    measurements_.came_to_nothing(why.limit, why.when);
  }
  unheard_.erase(index);
}

void ServerPrograms::accepted(std::uint32_t index, std::uint32_t process, SocketId socket) {
  note_taken(index);
  const RunningListener& listener = listeners_[index];
  ++processes_[process].accepted;
  ++processes_[process].open;
  if (others_ == nullptr) measurements_.accepted();
  const std::uint32_t instance = listener.instance;
  HostInstance& on = network_.instance(instance);
  on.host.set_user_data(socket, user_data(Owner::server, process));
  const SocketView view = on.host.view(socket);
  if (const auto unheard = unheard_.find(index); unheard != unheard_.end() && view.remote)
    unheard->second.erase(as_server_sees({view.local, *view.remote}));
  if (view.state == TcpState::close_wait || view.state == TcpState::closed) {
    if (!turns_) return close(instance, socket, process);
    // A program takes all that waits before it looks at what became of it.
    network_.plan(turns_->some_time_after(network_.now()),
                  {.kind = EventKind::server_close, .epoch = on.epoch, .instance = instance, .socket = socket});
    return;
  }
  if (others_ != nullptr) others_->accepted({instance, socket, process});
  if (holds_.empty() || !view.remote) return;
  const FourTuple as_server = as_server_sees({view.local, *view.remote});
  // What a host sends to itself passes no balancer, whatever one of them once carried between the same two endpoints.
  const bool straight = on.host.owns(as_server.remote.address);
  const auto hold = holds_.take(straight ? as_server.reversed() : network_.client_view(as_server));
  if (!hold) return;
  const SimTime due = later(network_.now(), *hold);
  network_.plan(turns_ ? turns_->some_time_after(due) : due,
                {.kind = EventKind::server_close, .epoch = on.epoch, .instance = instance, .socket = socket});
}

// ---- the ends of accepted connections

void ServerPrograms::end(const AcceptedHere& accepted, bool with_reset) {
  close(accepted.instance, accepted.socket, accepted.process, with_reset);
}

void ServerPrograms::close(std::uint32_t instance, SocketId socket, std::uint32_t process, bool with_reset) {
  network_.call(instance, [&](Host& host, Effects& effects) {
    if (with_reset) static_cast<void>(host.set_option(socket, Option::linger, 0));
    return host.close(socket, network_.now(), effects);
  });
  --processes_[process].open;
  if (others_ == nullptr || others_->ended({instance, socket, process})) measurements_.ended_at_server(1);
  processes_.descriptor_freed(process);
}

void ServerPrograms::on_peer_closed(std::uint32_t instance, SocketId socket, std::uint32_t process) {
  close(instance, socket, process);
}

void ServerPrograms::on_reset(std::uint32_t instance, SocketId socket, std::uint32_t process) {
  close(instance, socket, process);
}

void ServerPrograms::on_hold_over(std::uint32_t instance, SocketId socket) {
  const Host& host = network_.instance(instance).host;
  if (!host.alive(socket)) return;
  const SocketView view = host.view(socket);
  // The client may have gone first; then the socket is closed already and its number may serve somebody else.
  const bool open = view.state == TcpState::established || (turns_ && view.state == TcpState::close_wait);
  if (owner_of(view.user_data) != Owner::server || !open) return;
  close(instance, socket, index_of(view.user_data));
}

void ServerPrograms::write_queues(const RunningListener& listener) {
  Meters& meters = measurements_.meters();
  meters.add({Limit::listen_backlog, place_of(listener)}, listener.queue);
  const PlacedLimit limit{Limit::syn_backlog, place_of(listener)};
  const Host& host = network_.instance(listener.instance).host;
  const SocketView view = host.view(listener.socket);
  // Where handshakes take no time there is never more than one.
  if (view.half_open_peak <= 1 && !meters.has_refused(limit)) return;
  const std::uint64_t for_strangers = syn_queue_capacity(view.backlog, host.settings(), host.config().profile->rules);
  // Known peers, and those that take over a TIME_WAIT entry, come in beyond that.
  meters.add(limit, {.capacity = std::max<std::uint64_t>(for_strangers, view.half_open_peak),
                     .open = view.half_open,
                     .peak = view.half_open_peak});
}

std::uint64_t ServerPrograms::write(RunResult& result) {
  std::uint64_t unserved = 0;
  for (const RunningListener& listener : listeners_) {
    if (listener.processes.empty()) continue;
    const RunningProcess& process = processes_[listener.processes.front()];
    const std::uint64_t waiting = queued(listener);
    unserved += waiting;
    note_never_taken(static_cast<std::uint32_t>(&listener - listeners_.data()));
    result.hosts[processes_.group_of(process).name].processes[processes_.configuration(process).name].queued_at_end +=
        waiting;
    write_queues(listener);
  }
  return unserved;
}

}  // namespace netlimits::sim

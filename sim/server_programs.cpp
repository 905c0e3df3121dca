#include "sim/server_programs.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "model/scenario/places.hpp"
#include "model/tcp/accept_queue.hpp"

namespace netlimits::sim {
namespace {

constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t holder_descriptors = std::uint64_t{1} << 62U;  // no limit of the scenario is about them

// A listener that cannot be opened is a defect of the scenario that its loader should have refused; the replay must
// not go on as if it listened.
[[noreturn]] void cannot_open(const std::string& what, const Refusal& refusal) {
  throw std::runtime_error("cannot open " + what + ": " + std::string(name_of(refusal.error)) + " (" +
                           std::string(name_of(refusal.rule)) + ")");
}
void require(const Outcome<void>& outcome, const Place& place) {
  if (!outcome) cannot_open(place.text(), outcome.error());
}

}  // namespace

ServerPrograms::ServerPrograms(Network& network, Measurements& measurements)
    : network_(network), measurements_(measurements) {
  first_process_.assign(network.instance_count(), nobody);
}

const Process& ServerPrograms::configuration(const ServerProcess& process) const {
  return network_.instance(process.instance).group->processes[process.process];
}

ProcessId ServerPrograms::process_id(std::size_t instance, std::size_t process, std::uint64_t process_instance) const {
  const HostGroup& group = *network_.instance(instance).group;
  std::uint32_t index = first_process_[instance];
  for (std::size_t i = 0; i < process; ++i) index += static_cast<std::uint32_t>(group.processes[i].count);
  return processes_[index + process_instance].id;
}

void ServerPrograms::start(std::size_t instance) {
  const HostGroup& group = *network_.instance(instance).group;
  const bool first_start = first_process_[instance] == nobody;
  if (first_start) first_process_[instance] = static_cast<std::uint32_t>(processes_.size());
  std::uint32_t index = first_process_[instance];
  for (std::size_t p = 0; p < group.processes.size(); ++p) {
    const Process& process = group.processes[p];
    std::vector<std::uint32_t> started;
    for (std::uint64_t i = 0; i < process.count; ++i, ++index) {
      if (first_start)
        processes_.push_back(
            {.instance = static_cast<std::uint32_t>(instance), .process = p, .id = {}, .listeners = {}});
      ServerProcess& running = processes_[index];
      running.alive = true;
      running.starved = false;
      running.listeners.clear();
      running.id = network_.call(instance, [&](Host& host, Effects&) {
        return host.add_process({.name = process.name,
                                 .nofile = process.nofile,
                                 .own_descriptors = process.own_descriptors,
                                 .uid = process.uid});
      });
      started.push_back(index);
    }
    open_listeners(instance, p, started);
  }
  hold_what_is_there(instance, first_start);
}

// What programs outside the scenario have: a process of its own whose descriptors count nowhere else. After a host was
// down nothing is left but the ports, which its programs take again.
void ServerPrograms::hold_what_is_there(std::size_t instance, bool first_start) {
  const HostGroup& group = *network_.instance(instance).group;
  if (group.held_ports.empty() && group.held_connections.empty() && group.open_files == 0) return;
  const ProcessId holder = network_.call(instance, [&](Host& host, Effects&) {
    return host.add_process({.name = "(holder)", .nofile = holder_descriptors, .own_descriptors = 0});
  });
  for (const HeldPorts& held : group.held_ports) {
    for (std::uint32_t port = held.ports.first.value; port <= held.ports.last.value; ++port) {
      const Endpoint endpoint{held.address, Port{static_cast<std::uint16_t>(port)}};
      const Place place = listener_place(group, endpoint);
      network_.call(instance, [&](Host& host, Effects&) {
        const auto socket = host.socket(holder, held.address.family(), SocketType::stream);
        require(socket.map([](SocketId) {}), place);
        require(host.bind(*socket, endpoint, {}), place);
        if (held.listens) require(host.listen(*socket, 1, {}), place);
      });
    }
  }
  if (!first_start) return;
  for (const HeldConnections& held : group.held_connections) {
    for (const PortRange& range : held.ports) {
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) {
        const HeldConnection connection{
            {{held.from, Port{static_cast<std::uint16_t>(port)}}, held.to}, held.state, held.ends_after};
        network_.call(instance, [&](Host& host, Effects& effects) {
          const auto socket = host.hold_connection(holder, connection, network_.now(), effects);
          if (!socket) cannot_open(group.name + " " + connection.tuple.text(), socket.error());
        });
      }
    }
  }
  network_.call(instance, [&](Host& host, Effects&) {
    const std::uint64_t open = host.files().open;
    if (group.open_files > open) host.open_files(holder, group.open_files - open);
  });
}

void ServerPrograms::open_listeners(std::size_t instance, std::size_t process_index,
                                    const std::vector<std::uint32_t>& processes) {
  const HostGroup& group = *network_.instance(instance).group;
  const Process& process = group.processes[process_index];
  for (const Listener& listener : process.listeners) {
    if (listener.inherited) {
      const std::uint32_t opened = open_listener(instance, listener, processes);
      for (const std::uint32_t p : processes) {
        processes_[p].listeners.push_back(opened);
        if (p == processes.front()) continue;
        network_.call(instance, [&](Host& host, Effects&) {
          require(host.inherit(listeners_[opened].socket, processes_[p].id),
                  listener_place(group, process, listener.endpoint));
        });
      }
      continue;
    }
    for (const std::uint32_t p : processes) processes_[p].listeners.push_back(open_listener(instance, listener, {p}));
  }
}

std::uint32_t ServerPrograms::open_listener(std::size_t instance, const Listener& listener,
                                            std::vector<std::uint32_t> processes) {
  const ServerProcess& first = processes_[processes.front()];
  const auto index = static_cast<std::uint32_t>(listeners_.size());
  const Place place = listener_place(*network_.instance(instance).group, configuration(first), listener.endpoint);
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
                          .instance = static_cast<std::uint32_t>(instance),
                          .socket = *socket,
                          .processes = std::move(processes),
                          .capacity = capacity});
  });
  return index;
}

void ServerPrograms::forget(std::size_t instance) {
  if (first_process_[instance] == nobody) return;
  for (ServerProcess& process : processes_) {
    if (process.instance != instance) continue;
    const DescriptorUse use = network_.instance(instance).host.descriptors(process.id);
    process.peak_before = std::max(process.peak_before, use.peak);
    process.alive = false;
  }
  for (RunningListener& listener : listeners_) {
    if (listener.instance != instance) continue;
    if (listener.accept_scheduled) {
      listener.accept_scheduled = false;
      --pending_accepts_;
    }
    listener.processes.clear();
  }
}

void ServerPrograms::note_queue(RunningListener& listener) {
  const SocketView view = network_.instance(listener.instance).host.view(listener.socket);
  listener.peak_queue = std::max<std::uint64_t>(listener.peak_queue, view.queued);
}

void ServerPrograms::on_acceptable(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (listener.processes.empty()) return;
  note_queue(listener);
  if (std::holds_alternative<AcceptImmediately>(listener.configuration->accept)) {
    drain(index);
  } else if (std::holds_alternative<AcceptPaced>(listener.configuration->accept)) {
    schedule_paced(index);
  }
}

void ServerPrograms::schedule_paced(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (listener.accept_scheduled) return;
  listener.accept_scheduled = true;
  ++pending_accepts_;
  push(network_.queue(), std::max(network_.now(), listener.next_accept),
       {.kind = EventKind::paced_accept,
        .epoch = network_.instance(listener.instance).epoch,
        .instance = listener.instance,
        .index = index});
}

void ServerPrograms::on_paced_accept(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (!listener.accept_scheduled) return;
  listener.accept_scheduled = false;
  --pending_accepts_;
  if (!accept_one(index)) return;
  listener.next_accept = network_.now() + std::get<AcceptPaced>(listener.configuration->accept).interval;
  if (network_.instance(listener.instance).host.view(listener.socket).queued > 0) schedule_paced(index);
}

void ServerPrograms::drain(std::uint32_t index) {
  while (accept_one(index)) {
  }
}

bool ServerPrograms::accept_one(std::uint32_t index) {
  RunningListener& listener = listeners_[index];
  if (network_.instance(listener.instance).host.view(listener.socket).queued == 0) return false;
  std::optional<Refusal> refusal;
  for (std::size_t tried = 0; tried < listener.processes.size(); ++tried) {
    const std::uint32_t p = listener.processes[listener.next];
    listener.next = (listener.next + 1) % listener.processes.size();
    const auto socket = network_.call(listener.instance, [&](Host& host, Effects& effects) {
      return host.accept_in(listener.socket, processes_[p].id, network_.now(), effects);
    });
    if (socket) {
      accepted(listener, p, *socket);
      return true;
    }
    refusal = socket.error();
    processes_[p].starved = true;
  }
  if (refusal && refusal->limit) refused(listener, listener.processes[listener.next], *refusal);
  return false;
}

void ServerPrograms::refused(RunningListener& listener, std::uint32_t process, const Refusal& refusal) {
  ++processes_[process].refused_accepts;
  const HostGroup& group = *network_.instance(listener.instance).group;
  const Place place = refusal.limit == Limit::fd_per_process ? process_place(group, configuration(processes_[process]))
                                                             : host_place(group);
  measurements_.silently_refused({*refusal.limit, place}, network_.now());
}

void ServerPrograms::accepted(RunningListener& listener, std::uint32_t process, SocketId socket) {
  ServerProcess& by = processes_[process];
  ++by.accepted;
  const std::uint32_t instance = listener.instance;
  network_.call(instance, [&](Host& host, Effects&) { host.set_user_data(socket, user_data(Owner::server, process)); });
  const SocketView view = network_.instance(instance).host.view(socket);
  if (view.state == TcpState::close_wait || view.state == TcpState::closed) return close(instance, socket, process);
  if (!hold_of_ || !view.remote) return;
  const FourTuple as_server{{view.local.address.unmapped(), view.local.port},
                            {view.remote->address.unmapped(), view.remote->port}};
  const auto hold = hold_of_(network_.balancers().client_view(as_server));
  if (!hold) return;
  push(network_.queue(), network_.now() + *hold,
       {.kind = EventKind::server_close,
        .epoch = network_.instance(instance).epoch,
        .instance = instance,
        .socket = socket});
}

void ServerPrograms::close(std::uint32_t instance, SocketId socket, std::uint32_t process) {
  network_.call(instance, [&](Host& host, Effects& effects) { return host.close(socket, network_.now(), effects); });
  ServerProcess& by = processes_[process];
  if (!by.starved) return;
  by.starved = false;
  for (const std::uint32_t listener : by.listeners) on_acceptable(listener);
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
  if (owner_of(view.user_data) != Owner::server || view.state != TcpState::established) return;
  close(instance, socket, index_of(view.user_data));
}

void ServerPrograms::note_drops() {
  for (const Network::Drop& drop : network_.take_drops()) {
    const HostGroup& group = *network_.instance(drop.instance).group;
    for (RunningListener& listener : listeners_) {
      if (listener.instance != drop.instance || listener.processes.empty()) continue;
      const Endpoint& endpoint = listener.configuration->endpoint;
      if (endpoint.port != drop.endpoint.port) continue;
      if (!endpoint.address.is_wildcard() && endpoint.address.unmapped() != drop.endpoint.address) continue;
      const ServerProcess& process = processes_[listener.processes.front()];
      measurements_.exhausted({drop.limit, listener_place(group, configuration(process), endpoint)}, network_.now());
      break;
    }
  }
}

std::uint64_t ServerPrograms::write(RunResult& result) {
  std::uint64_t unserved = 0;
  // All instances of one process of a host group are one line.
  struct Line {
    const HostGroup* group = nullptr;
    const Process* settings = nullptr;
    ProcessResult result{};
  };
  std::map<std::pair<std::size_t, std::size_t>, Line> lines;  // by host group and process
  for (const ServerProcess& process : processes_) {
    const HostInstance& on = network_.instance(process.instance);
    const auto [found, is_new] = lines.try_emplace({on.group_index, process.process});
    if (is_new) found->second = {on.group, &configuration(process), {}};
    ProcessResult& written = found->second.result;
    const DescriptorUse use = process.alive ? on.host.descriptors(process.id) : DescriptorUse{};
    written.accepted += process.accepted;
    written.accepted_least = is_new ? process.accepted : std::min(written.accepted_least, process.accepted);
    written.accepted_most = std::max(written.accepted_most, process.accepted);
    written.refused_accepts += process.refused_accepts;
    written.descriptors_peak = std::max({written.descriptors_peak, process.peak_before, use.peak});
  }
  for (auto& [key, line] : lines) {
    line.result.descriptors_limit = line.settings->nofile;
    result.hosts[line.group->name].processes[line.settings->name] = line.result;
    if (!line.group->profile->rules.descriptors_bind) continue;
    measurements_.use({Limit::fd_per_process, process_place(*line.group, *line.settings)}, line.settings->nofile,
                      line.result.descriptors_peak);
  }
  for (const RunningListener& listener : listeners_) {
    if (listener.processes.empty()) continue;
    const HostInstance& instance = network_.instance(listener.instance);
    const Process& process = configuration(processes_[listener.processes.front()]);
    const std::uint64_t queued = instance.host.view(listener.socket).queued;
    unserved += queued;
    result.hosts[instance.group->name].processes[process.name].queued_at_end += queued;
    measurements_.use(
        {Limit::listen_backlog, listener_place(*instance.group, process, listener.configuration->endpoint)},
        listener.capacity, listener.peak_queue);
  }
  return unserved;
}

}  // namespace netlimits::sim

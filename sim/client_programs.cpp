#include "sim/client_programs.hpp"

#include <algorithm>
#include <utility>

#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::sim {
namespace {

// The limit of a refusal that names none: the call was answered from elsewhere.
Limit limit_of(const Refusal& refusal, std::optional<Limit> drop_reason) {
  if (refusal.limit) return *refusal.limit;
  if (drop_reason) return *drop_reason;
  switch (refusal.error) {
    case Error::econnrefused:
    case Error::wsaeconnrefused:
      return Limit::no_listener;
    case Error::econnreset:
    case Error::wsaeconnreset:
      return Limit::listen_backlog;  // tcp_abort_on_overflow, or a system that refuses
    default:
      return Limit::no_route;
  }
}

}  // namespace

ClientPrograms::ClientPrograms(const Scenario& scenario, Network& network, Measurements& measurements,
                               ServerPrograms& servers)
    : network_(network), measurements_(measurements), servers_(servers) {
  // Room for what is known to come, within reason: it costs nothing until it is used.
  constexpr std::uint64_t most = 1U << 22U;
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads)
    connections = std::min(most, connections + workload.connections);
  attempts_.reserve(connections);
  for (const auto& [name, group] : scenario.hosts) port_lots_.emplace_back(scenario.seed, "ports of " + name);
  nominal_ports_.resize(scenario.hosts.size());
  for (const auto& [name, workload] : scenario.workloads) {
    const HostGroup& group = scenario.hosts.at(workload.from_host);
    const Process* const process = process_named(group, workload.from_process);
    workloads_.push_back({.configuration = &workload,
                          .group = &group,
                          .process = static_cast<std::size_t>(process - group.processes.data()),
                          .first_instance = network.first_instance(workload.from_host),
                          .shape = shape_of(workload, group, *process),
                          .explicit_ports = named_ports(workload.bind),
                          .arrivals = ArrivalSchedule(workload, RandomStream(scenario.seed, "arrivals of " + name)),
                          .holds = RandomStream(scenario.seed, "holds of " + name)});
  }
  servers.set_hold_of([this](const FourTuple& client_view) -> std::optional<Duration> {
    const auto found = server_holds_.find(client_view);
    if (found == server_holds_.end()) return std::nullopt;
    const Duration hold = found->second;
    server_holds_.erase(found);
    return hold;
  });
}

std::vector<std::string> ClientPrograms::workload_names() const {
  std::vector<std::string> names;
  for (const RunningWorkload& workload : workloads_) names.push_back(workload.configuration->name);
  return names;
}

void ClientPrograms::start() {
  for (std::uint32_t i = 0; i < workloads_.size(); ++i) schedule_next_arrival(i);
}

void ClientPrograms::schedule_next_arrival(std::uint32_t workload) {
  RunningWorkload& running = workloads_[workload];
  if (running.arrivals.exhausted()) return;
  const SimTime at = running.arrivals.next();
  if (at == end_of_time) return;
  ++pending_;
  push(network_.queue(), at, {.kind = EventKind::arrival, .index = workload});
}

void ClientPrograms::on_arrival(std::uint32_t workload) {
  --pending_;
  attempt(workload, workloads_[workload].next_connection++, workloads_[workload].configuration->retry.attempts, false);
  schedule_next_arrival(workload);
}

PortLot ClientPrograms::lot(std::size_t group_index) {
  return {.offset = port_lots_[group_index].bits(), .demanded = {}};
}

// What the workload names, else what routing chooses; without a way there, the wildcard.
IpAddress ClientPrograms::source_of(const RunningWorkload& workload, std::size_t instance, const Assignment& assigned) {
  const HostGroup& group = *workload.group;
  if (const auto named = named_source(*workload.configuration, group, assigned)) return *named;
  const IpAddress& destination = workload.configuration->to[assigned.destination].address;
  const auto [found, is_new] = chosen_sources_.try_emplace({instance, destination});
  if (is_new) {
    SourceChoice choice(group, assigned.host_instance);
    for (const auto& [host, block] : added_addresses_)
      if (host == instance) choice.add(block);
    found->second = choice.towards(destination).value_or(IpAddress::any(destination.family()));
  }
  return found->second;
}

void ClientPrograms::on_address_added(std::size_t instance, const AddressBlock& block) {
  added_addresses_.emplace_back(instance, block);
  chosen_sources_.clear();
}

Outcome<void> ClientPrograms::prepare_socket(const RunningWorkload& workload, std::size_t instance,
                                             const Assignment& assigned, std::optional<SocketId>& opened) {
  const Workload& configuration = *workload.configuration;
  const Endpoint& destination = configuration.to[assigned.destination];
  const HostInstance& on = network_.instance(instance);
  const ProcessId process = servers_.process_id(instance, workload.process, assigned.process_instance);
  return network_.call(instance, [&](Host& host, Effects&) -> Outcome<void> {
    const auto socket = host.socket(process, destination.address.family(), SocketType::stream);
    if (!socket) return tl::unexpected(socket.error());
    opened = *socket;
    if (std::holds_alternative<PlainConnect>(configuration.bind)) return {};
    Endpoint local{source_of(workload, instance, assigned), Port{0}};
    if (const auto* ports = std::get_if<BindExplicit>(&configuration.bind)) {
      if (configuration.sources.empty()) local.address = IpAddress::any(destination.address.family());
      local.port = workload.explicit_ports[assigned.explicit_port];
      if (ports->reuse_address) {
        const auto set = host.set_option(*socket, Option::reuse_address, 1);
        if (!set) return set;
      }
    } else if (std::holds_alternative<BindAddressNoPort>(configuration.bind) && on.group->profile->rules.bind_no_port) {
      const auto set = host.set_option(*socket, Option::bind_no_port, 1);
      if (!set) return set;
    }
    return host.bind(*socket, local, lot(on.group_index));
  });
}

std::optional<PoolKey> ClientPrograms::pool_of(const RunningWorkload& workload, std::size_t instance,
                                               const IpAddress& source, const Endpoint& destination) const {
  const auto sharing = port_sharing_of(workload.group->profile->rules, workload.configuration->bind);
  if (!sharing) return std::nullopt;
  PoolKey key{.instance = static_cast<std::uint32_t>(instance), .destination = {}, .source = {}};
  if (*sharing != PortSharing::host_port) key.source = source;
  if (*sharing == PortSharing::four_tuple) key.destination = destination;
  return key;
}

PlacedLimit ClientPrograms::placed(Limit limit, const RunningWorkload& workload, const IpAddress& source,
                                   const Endpoint& destination) {
  const HostGroup& group = *workload.group;
  return {limit, client_place(group, group.processes[workload.process], workload.configuration->bind, limit, source,
                              destination)};
}

std::uint64_t ClientPrograms::nominal_ports(const HostInstance& instance) {
  const Settings& settings = instance.host.settings();
  NominalPorts& known = nominal_ports_[instance.group_index];
  if (known.count == 0 || known.range != settings.local_port_range || known.reserved != settings.reserved_ports) {
    known = {settings.local_port_range, settings.reserved_ports, automatic_port_count(settings, *instance.group).value};
  }
  return known.count;
}

// Of a pool that this workload draws from.
std::uint64_t ClientPrograms::ports_to_give(const RunningWorkload& workload, const HostInstance& instance,
                                            const IpAddress& source, const Endpoint& destination) {
  const HostGroup& group = *instance.group;
  const auto kind = pool_kind(group.profile->rules, workload.configuration->bind, source);
  if (!kind || (!kind->by_bind && group.held_connections.empty())) return nominal_ports(instance);
  return automatic_port_count(instance.host.settings(), group, *kind, destination).value;
}

std::uint32_t ClientPrograms::new_attempt() {
  if (free_attempts_.empty()) {
    attempts_.emplace_back();
    return static_cast<std::uint32_t>(attempts_.size() - 1);
  }
  const std::uint32_t index = free_attempts_.back();
  free_attempts_.pop_back();
  attempts_[index] = {};
  return index;
}

void ClientPrograms::attempt(std::uint32_t workload_index, std::uint64_t connection, std::uint32_t retries_left,
                             bool reconnecting) {
  const RunningWorkload& workload = workloads_[workload_index];
  const Assignment assigned = assign(workload.shape, connection);
  const std::size_t instance = workload.first_instance + assigned.host_instance;
  const HostInstance& on = network_.instance(instance);
  const Endpoint& destination = workload.configuration->to[assigned.destination];
  measurements_.attempted(workload_index, network_.now());
  if (!on.up) {
    // Nobody is there to try again.
    fail(workload_index, connection, 0, reconnecting,
         placed(Limit::back_end_down, workload, source_of(workload, instance, assigned), destination),
         Error::enetunreach, true);
    return;
  }
  std::optional<SocketId> opened;
  Outcome<void> outcome = prepare_socket(workload, instance, assigned, opened);
  const std::uint32_t index = new_attempt();
  if (outcome) {
    outcome = network_.call(instance, [&](Host& host, Effects& effects) {
      host.set_user_data(*opened, user_data(Owner::client, index));
      return host.connect(*opened, destination, lot(on.group_index), network_.now(), effects);
    });
  }
  if (!outcome) {
    free_attempts_.push_back(index);
    const IpAddress source = source_of(workload, instance, assigned);
    const PlacedLimit limit = placed(limit_of(outcome.error(), std::nullopt), workload, source, destination);
    if (opened) {
      network_.call(instance, [&](Host& host, Effects& effects) {
        host.set_user_data(*opened, 0);
        return host.close(*opened, network_.now(), effects);
      });
    }
    if (limit.limit == Limit::ephemeral_ports) {
      if (const auto key = pool_of(workload, instance, source, destination)) pools_.exhausted(*key);
    }
    measurements_.exhausted(limit, network_.now());
    fail(workload_index, connection, retries_left, reconnecting, limit, outcome.error().error, true);
    return;
  }
  Attempt& begun = attempts_[index];
  begun.socket = *opened;
  begun.workload = workload_index;
  begun.instance = static_cast<std::uint32_t>(instance);
  begun.connection = connection;
  begun.retries_left = retries_left;
  begun.destination = static_cast<std::uint32_t>(assigned.destination);
  begun.reconnecting = reconnecting;
  begun.stage = Stage::connecting;
  if (const auto local = on.host.local_name(*opened)) begun.local = *local;
  if (const auto key = pool_of(workload, instance, begun.local.address, destination)) {
    begun.pool = pools_.take(*key, [&] {
      return std::pair(placed(Limit::ephemeral_ports, workload, begun.local.address, destination).place,
                       ports_to_give(workload, on, begun.local.address, destination));
    });
  }
  if (workload.configuration->closer == Closer::server) {
    if (const auto* constant = std::get_if<HoldConstant>(&workload.configuration->hold)) {
      server_holds_.insert_or_assign(FourTuple{begun.local, destination}, constant->time);
    } else if (const auto* drawn = std::get_if<HoldExponential>(&workload.configuration->hold)) {
      server_holds_.insert_or_assign(FourTuple{begun.local, destination},
                                     workloads_[workload_index].holds.exponential(drawn->mean));
    }
  }
  ++workloads_[workload_index].connecting;
  ++pending_;
}

void ClientPrograms::fail(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left,
                          bool reconnecting, const PlacedLimit& limit, Error error, bool at_once) {
  measurements_.failed(workload, network_.now(), limit, error, at_once ? workloads_[workload].connecting : 0);
  if (retries_left > 0) schedule_retry(workload, connection, retries_left - 1, reconnecting);
}

void ClientPrograms::schedule_retry(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left,
                                    bool reconnecting) {
  const WaitingRetry waiting{workload, connection, retries_left, reconnecting};
  std::uint32_t slot = 0;
  if (free_retries_.empty()) {
    slot = static_cast<std::uint32_t>(retries_.size());
    retries_.push_back(waiting);
  } else {
    slot = free_retries_.back();
    free_retries_.pop_back();
    retries_[slot] = waiting;
  }
  ++pending_;
  push(network_.queue(), network_.now() + workloads_[workload].configuration->retry.after,
       {.kind = EventKind::retry, .index = slot});
}

void ClientPrograms::on_retry(std::uint32_t slot) {
  --pending_;
  const WaitingRetry waiting = retries_[slot];
  free_retries_.push_back(slot);
  if (!waiting.forgotten) attempt(waiting.workload, waiting.connection, waiting.retries_left, waiting.reconnecting);
}

void ClientPrograms::on_connected(std::uint32_t index) {
  Attempt& attempt = attempts_[index];
  if (attempt.stage != Stage::connecting) return;
  attempt.stage = Stage::established;
  --pending_;
  --workloads_[attempt.workload].connecting;
  measurements_.established(attempt.workload, network_.now());
  if (attempt.reconnecting) measurements_.reconnected(attempt.workload);
  schedule_close(index);
}

void ClientPrograms::schedule_close(std::uint32_t index) {
  Attempt& attempt = attempts_[index];
  RunningWorkload& workload = workloads_[attempt.workload];
  const Hold& hold = workload.configuration->hold;
  if (std::holds_alternative<HoldForever>(hold)) return;
  attempt.close_scheduled = true;
  ++pending_;
  if (workload.configuration->closer == Closer::server) return;
  const auto* drawn = std::get_if<HoldExponential>(&hold);
  const Duration time = drawn != nullptr ? workload.holds.exponential(drawn->mean) : std::get<HoldConstant>(hold).time;
  push(network_.queue(), network_.now() + time,
       {.kind = EventKind::client_close, .instance = attempt.instance, .index = index, .socket = attempt.socket});
}

void ClientPrograms::on_hold_over(std::uint32_t index, SocketId socket) {
  const Attempt& attempt = attempts_[index];
  if (attempt.stage != Stage::established || attempt.socket != socket) return;
  measurements_.closed(attempt.workload);
  close(index, workloads_[attempt.workload].configuration->closer == Closer::reset);
}

void ClientPrograms::close(std::uint32_t index, bool with_reset) {
  Attempt& attempt = attempts_[index];
  if (attempt.close_scheduled) {
    attempt.close_scheduled = false;
    --pending_;
  }
  attempt.stage = Stage::closed;
  const std::uint32_t instance = attempt.instance;
  const SocketId socket = attempt.socket;
  network_.call(instance, [&](Host& host, Effects& effects) {
    if (with_reset) static_cast<void>(host.set_option(socket, Option::linger, 0));
    return host.close(socket, network_.now(), effects);
  });
  // What lives on without a descriptor (FIN_WAIT, TIME_WAIT) still holds its port until the host says it is gone.
  if (!network_.instance(instance).host.alive(socket)) release(index);
}

void ClientPrograms::on_connect_failed(std::uint32_t index, const Refusal& refusal) {
  Attempt& attempt = attempts_[index];
  if (attempt.stage != Stage::connecting) return;
  --pending_;
  --workloads_[attempt.workload].connecting;
  const Attempt failed = attempt;
  const RunningWorkload& workload = workloads_[failed.workload];
  const Endpoint& destination = workload.configuration->to[failed.destination];
  const FourTuple tuple{failed.local, destination};
  const Limit limit = limit_of(refusal, network_.take_drop_reason(tuple));
  server_holds_.erase(tuple);
  close(index, false);
  fail(failed.workload, failed.connection, failed.retries_left, failed.reconnecting,
       placed(limit, workload, failed.local.address, destination), refusal.error, false);
}

void ClientPrograms::on_peer_closed(std::uint32_t index) {
  if (attempts_[index].stage != Stage::established) return;
  measurements_.closed(attempts_[index].workload);
  close(index, false);
}

void ClientPrograms::on_reset(std::uint32_t index) {
  if (attempts_[index].stage != Stage::established) return;
  lose(index);
  const Attempt lost = attempts_[index];
  close(index, false);
  const Retry& retry = workloads_[lost.workload].configuration->retry;
  if (retry.reconnect) schedule_retry(lost.workload, lost.connection, retry.attempts, true);
}

void ClientPrograms::lose(std::uint32_t index) {
  measurements_.closed(attempts_[index].workload);
  measurements_.lost(attempts_[index].workload);
}

void ClientPrograms::on_gone(std::uint32_t index) {
  if (attempts_[index].stage == Stage::closed) release(index);
}

void ClientPrograms::release(std::uint32_t index) {
  Attempt& attempt = attempts_[index];
  if (attempt.stage == Stage::unused) return;
  pools_.give_back(attempt.pool);
  attempt.stage = Stage::unused;
  free_attempts_.push_back(index);
}

void ClientPrograms::forget(std::size_t instance) {
  std::erase_if(added_addresses_, [&](const auto& added) { return added.first == instance; });
  chosen_sources_.clear();
  for (WaitingRetry& waiting : retries_) {
    const RunningWorkload& workload = workloads_[waiting.workload];
    if (workload.first_instance + assign(workload.shape, waiting.connection).host_instance == instance)
      waiting.forgotten = true;
  }
  for (std::uint32_t index = 0; index < attempts_.size(); ++index) {
    Attempt& attempt = attempts_[index];
    if (attempt.instance != instance || attempt.stage == Stage::unused) continue;
    if (attempt.stage == Stage::connecting) {
      --pending_;
      --workloads_[attempt.workload].connecting;
    }
    if (attempt.stage == Stage::established) lose(index);
    if (attempt.close_scheduled) --pending_;
    release(index);
  }
}

void ClientPrograms::write_pools() const { pools_.write(measurements_); }

void ClientPrograms::write(RunResult& result) const {
  for (const RunningWorkload& workload : workloads_) {
    result.workloads[workload.configuration->name].pending_at_end = workload.connecting;
  }
}

}  // namespace netlimits::sim

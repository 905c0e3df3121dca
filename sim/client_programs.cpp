// What a client program does with a connection, from its arrival to its end.
#include "sim/client_programs.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/net/bounded_time.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "sim/proxies/passed_on.hpp"

namespace netlimits::sim {
ClientPrograms::ClientPrograms(const Scenario& scenario, const ScenarioLayout& layout, Network& network,
                               RunningProcesses& processes, ServerHolds& holds, Measurements& measurements,
                               std::optional<std::uint64_t> turns)
    : network_(network),
      processes_(processes),
      holds_(holds),
      measurements_(measurements),
      of_clients_(scenario.workloads.size()) {
  // Room for what is known to come, within reason: it costs nothing until it is used.
  constexpr std::uint64_t most = 1U << 22U;
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    connections = std::min(most, connections + workload.connections);
    workloads_.emplace_back(scenario, workload, layout.first_instance(workload.from_host));
  }
  for (const auto& [name, proxy] : scenario.proxies) {
    passed_on_.push_back(passed_on_by(scenario, proxy));
    workloads_.emplace_back(scenario, passed_on_.back(), layout.first_instance(proxy.host));
  }
  attempts_.reserve(connections);
  if (turns) turns_.emplace(scenario, *turns);
  for (const auto& [name, group] : scenario.hosts)
    port_draws_.emplace_back(turns ? *turns : scenario.seed, "ports of " + name);
  nominal_ports_.resize(scenario.hosts.size());
}

std::vector<std::string> ClientPrograms::workload_names() const {
  std::vector<std::string> names;
  for (const ClientWorkload& workload : workloads_) names.push_back(workload.configuration().name);
  return names;
}

// ---- arrivals and retries

void ClientPrograms::start() {
  for (std::uint32_t i = 0; i < of_clients_; ++i) schedule_next_arrival(i);
}

void ClientPrograms::schedule_next_arrival(std::uint32_t workload) {
  ClientWorkload& running = workloads_[workload];
  if (running.arrivals.exhausted()) return;
  const SimTime at = running.arrivals.next();
  if (at == end_of_time) return;
  ++pending_;
  network_.plan(turns_ ? turns_->moment_of(workload, at) : at, {.kind = EventKind::arrival, .index = workload});
}

void ClientPrograms::on_arrival(std::uint32_t workload) {
  --pending_;
  ClientWorkload& running = workloads_[workload];
  const Wish wish{.workload = workload,
                  .connection = running.next_connection++,
                  .retries_left = running.configuration().retry.attempts};
  const SimTime at = turns_ ? turns_->turn_of(program_of(wish), network_.now()) : network_.now();
  if (at > network_.now())
    schedule_attempt(wish, at);
  else
    attempt(wish);
  schedule_next_arrival(workload);
}

Turns::Program ClientPrograms::program_of(const Wish& wish) const {
  const ClientWorkload& workload = workloads_[wish.workload];
  return {workload.instance_of(wish.connection), static_cast<std::uint32_t>(workload.process()),
          workload.assigned(wish.connection).process_instance};
}

void ClientPrograms::schedule_retry(const Wish& wish) {
  schedule_attempt(wish, later(network_.now(), workloads_[wish.workload].configuration().retry.after));
}

void ClientPrograms::schedule_attempt(const Wish& wish, SimTime at) {
  std::uint32_t slot = 0;
  if (free_retries_.empty()) {
    slot = static_cast<std::uint32_t>(retries_.size());
    retries_.push_back({wish});
  } else {
    slot = free_retries_.back();
    free_retries_.pop_back();
    retries_[slot] = {wish};
  }
  ++pending_;
  network_.plan(at, {.kind = EventKind::retry, .index = slot});
}

void ClientPrograms::on_retry(std::uint32_t slot) {
  --pending_;
  const WaitingRetry waiting = retries_[slot];
  free_retries_.push_back(slot);
  if (!waiting.forgotten) attempt(waiting.wish);
}

// ---- one attempt

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

std::optional<std::uint32_t> ClientPrograms::attempt(const Wish& wish) {
  ClientWorkload& workload = workloads_[wish.workload];
  const Assignment assigned = workload.assigned(wish.connection);
  HostInstance& on = network_.instance(workload.instance_of(wish.connection));
  const std::uint64_t number = measurements_.attempted(wish.workload, network_.now());
  if (!on.up) {
    Wish last = wish;
    last.retries_left = 0;  // nobody is there to try again
    const IpAddress source = workload.source_of(on, assigned);
    fail(last,
         {workload.placed(Limit::back_end_down, source, workload.destination(assigned)), Error::enetunreach, true});
    return std::nullopt;
  }
  const std::uint32_t index = new_attempt();
  std::optional<SocketId> opened;
  const Outcome<void> outcome = connect(index, workload, on, assigned, opened);
  attempts_[index].number = number;
  if (outcome) {
    begin(index, wish, on, *opened);
    return index;
  }
  free_attempts_.push_back(index);
  refuse(wish, on, opened, outcome.error());
  return std::nullopt;
}

Outcome<void> ClientPrograms::connect(std::uint32_t index, ClientWorkload& workload, HostInstance& on,
                                      const Assignment& assigned, std::optional<SocketId>& opened) {
  const Endpoint& destination = workload.destination(assigned);
  const ProcessId process = processes_.id_of(on.number, workload.process(), assigned.process_instance);
  const auto draw = [&] { return port_draw(on.site); };
  const Outcome<void> prepared = network_.call(on.number, [&](Host& host, Effects&) -> Outcome<void> {
    const auto socket = host.socket(process, destination.address.family(), SocketType::stream);
    if (!socket) return tl::unexpected(socket.error());
    opened = *socket;
    return workload.prepare(host, *socket, on, assigned, draw);
  });
  if (!prepared) return prepared;
  return network_.call(on.number, [&](Host& host, Effects& effects) {
    host.set_user_data(*opened, user_data(Owner::client, index));
    return host.connect(*opened, destination, draw(), network_.now(), effects);
  });
}

void ClientPrograms::refuse(const Wish& wish, HostInstance& on, std::optional<SocketId> opened,
                            const Refusal& refusal) {
  ClientWorkload& workload = workloads_[wish.workload];
  const Assignment assigned = workload.assigned(wish.connection);
  const Endpoint& destination = workload.destination(assigned);
  const IpAddress source = workload.source_of(on, assigned);
  const PlacedLimit limit = workload.placed(limit_behind(refusal, std::nullopt), source, destination);
  if (opened) {
    network_.call(on.number, [&](Host& host, Effects& effects) {
      host.set_user_data(*opened, 0);
      return host.close(*opened, network_.now(), effects);
    });
  }
  if (limit.limit == Limit::ephemeral_ports) {
    if (const auto key = workload.pool_of(on.number, source, destination)) pools_.exhausted(*key);
  }
  measurements_.meters().refused(limit, network_.now());
  fail(wish, {limit, refusal.error, true});
}

void ClientPrograms::begin(std::uint32_t index, const Wish& wish, const HostInstance& on, SocketId socket) {
  hear_what_is_gone();
  ClientWorkload& workload = workloads_[wish.workload];
  const Assignment assigned = workload.assigned(wish.connection);
  const Endpoint& destination = workload.destination(assigned);
  Attempt& begun = attempts_[index];
  begun.socket = socket;
  begun.wish = wish;
  begun.instance = on.number;
  begun.destination = static_cast<std::uint32_t>(assigned.destination);
  begun.stage = Stage::connecting;
  if (const auto local = on.host.local_name(socket)) begun.local = *local;
  const IpAddress& source = begun.local.address;
  if (const auto key = workload.pool_of(on.number, source, destination)) {
    begun.pool = pools_.take(*key, [&] {
      return std::pair(workload.placed(Limit::ephemeral_ports, source, destination).place,
                       workload.ports_to_give(on, nominal_ports(on), source, destination));
    });
  }
  if (workload.configuration().closer == Closer::server) {
    if (const auto hold = workload.draw_hold()) holds_.expect({begun.local, destination}, *hold);
  }
  ++workload.connecting;
  ++pending_;
}

std::uint64_t ClientPrograms::nominal_ports(const HostInstance& on) {
  const Settings& settings = on.host.settings();
  NominalPorts& known = nominal_ports_[on.site];
  if (known.count == 0 || known.range != settings.local_port_range || known.reserved != settings.reserved_ports) {
    known = {settings.local_port_range, settings.reserved_ports, automatic_port_count(settings, *on.group).value};
  }
  return known.count;
}

void ClientPrograms::fail(const Wish& wish, const FailedAttempt& failure) {
  measurements_.failed(wish.workload, network_.now(), failure);
  if (is_passed_on(wish)) return others_->came_to_nothing(wish.workload, wish.connection);
  if (wish.retries_left == 0) return;
  Wish again = wish;
  --again.retries_left;
  schedule_retry(again);
}

// ---- what becomes of it

void ClientPrograms::on_connected(std::uint32_t index) {
  Attempt& attempt = attempts_[index];
  if (attempt.stage != Stage::connecting) return;
  attempt.stage = Stage::established;
  --pending_;
  --workloads_[attempt.wish.workload].connecting;
  take_drop_reason({attempt.local, destination_of(attempt)});
  measurements_.established(attempt.wish.workload, attempt.number, network_.now());
  if (attempt.wish.reconnecting) measurements_.reconnected(attempt.wish.workload);
  if (is_passed_on(attempt.wish)) return others_->connected(attempt.wish.workload, attempt.wish.connection);
  schedule_close(index);
}

void ClientPrograms::schedule_close(std::uint32_t index) {
  Attempt& attempt = attempts_[index];
  ClientWorkload& workload = workloads_[attempt.wish.workload];
  if (std::holds_alternative<HoldForever>(workload.configuration().hold)) return;
  attempt.close_scheduled = true;
  ++pending_;
  if (workload.configuration().closer == Closer::server) return;
  const SimTime due = later(network_.now(), *workload.draw_hold());
  network_.plan(turns_ ? turns_->some_time_after(due) : due, {.kind = EventKind::client_close,
                                                              .epoch = network_.instance(attempt.instance).epoch,
                                                              .instance = attempt.instance,
                                                              .index = index,
                                                              .socket = attempt.socket});
}

// What the event was meant for may be gone, and its number serve an attempt of another host.
void ClientPrograms::on_hold_over(std::uint32_t index, std::uint32_t instance, SocketId socket) {
  const Attempt& attempt = attempts_[index];
  if (attempt.stage != Stage::established || attempt.instance != instance || attempt.socket != socket) return;
  measurements_.closed(attempt.wish.workload);
  close(index, workloads_[attempt.wish.workload].configuration().closer == Closer::reset);
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
  const Wish of = attempt.wish;
  // What lives on without a descriptor (FIN_WAIT, TIME_WAIT) still holds its port until the host says it is gone.
  if (!network_.instance(instance).host.alive(socket)) release(index);
  if (!processes_.any_starved()) return;
  const ClientWorkload& workload = workloads_[of.workload];
  processes_.descriptor_freed(
      processes_.number_of(instance, workload.process(), workload.assigned(of.connection).process_instance));
}

void ClientPrograms::on_connect_failed(std::uint32_t index, const Refusal& refusal) {
  if (attempts_[index].stage != Stage::connecting) return;
  const Attempt failed = attempts_[index];
  const ClientWorkload& workload = workloads_[failed.wish.workload];
  --pending_;
  --workloads_[failed.wish.workload].connecting;
  const Endpoint& destination = destination_of(failed);
  const FourTuple tuple{failed.local, destination};
  const std::optional<DropReason> dropped = take_drop_reason(tuple);
  const Limit limit = limit_behind(refusal, dropped);
  if (dropped && dropped->behind) measurements_.came_to_nothing(dropped->behind->limit, dropped->behind->when);
  holds_.forget(tuple);
  close(index, false);
  const std::optional<Place> seen = dropped && dropped->limit == limit ? dropped->place : std::nullopt;
  fail(failed.wish, {workload.placed(limit, failed.local.address, destination, seen), refusal.error, false});
}

void ClientPrograms::on_peer_closed(std::uint32_t index) {
  if (attempts_[index].stage != Stage::established) return;
  const Wish of = attempts_[index].wish;
  measurements_.closed(of.workload);
  close(index, false);
  if (is_passed_on(of)) others_->closed(of.workload, of.connection);
}

void ClientPrograms::on_reset(std::uint32_t index) {
  if (attempts_[index].stage != Stage::established) return;
  lose(index);
  Wish again = attempts_[index].wish;
  close(index, false);
  if (is_passed_on(again)) return others_->closed(again.workload, again.connection);
  const Retry& retry = workloads_[again.workload].configuration().retry;
  if (!retry.reconnect) return;
  again.retries_left = retry.attempts;
  again.reconnecting = true;
  schedule_retry(again);
}

void ClientPrograms::lose(std::uint32_t index) {
  measurements_.closed(attempts_[index].wish.workload);
  measurements_.lost(attempts_[index].wish.workload);
}

// What holds no port any more has to give it back before the next one takes it: a connect() that takes over a TIME_WAIT
// entry ends that one and begins this one in a single call.
void ClientPrograms::hear_what_is_gone() {
  while (const auto told = network_.next_gone()) {
    const auto& notice = std::get<Notice>(told->what);
    if (owner_of(notice.user_data) == Owner::client) on_gone(index_of(notice.user_data));
  }
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

void ClientPrograms::on_address_added(std::uint32_t instance, const AddressBlock& block) {
  for (ClientWorkload& workload : workloads_) workload.on_address_added(instance, block);
}

void ClientPrograms::forget(std::uint32_t instance) {
  for (ClientWorkload& workload : workloads_) workload.forget(instance);
  for (WaitingRetry& waiting : retries_) {
    if (workloads_[waiting.wish.workload].instance_of(waiting.wish.connection) == instance) waiting.forgotten = true;
  }
  for (std::uint32_t index = 0; index < attempts_.size(); ++index) {
    Attempt& attempt = attempts_[index];
    if (attempt.instance != instance || attempt.stage == Stage::unused) continue;
    if (attempt.stage == Stage::connecting) {
      note_untold(attempt);
      take_drop_reason({attempt.local, destination_of(attempt)});
      --pending_;
      --workloads_[attempt.wish.workload].connecting;
      ++workloads_[attempt.wish.workload].vanished;
    }
    if (attempt.stage == Stage::established) lose(index);
    if (attempt.close_scheduled) --pending_;
    release(index);
  }
}

void ClientPrograms::write(RunResult& result) const {
  for (const ClientWorkload& workload : workloads_) {
    const bool of_client = &workload - workloads_.data() < static_cast<std::ptrdiff_t>(of_clients_);
    WorkloadResult& written = (of_client ? result.workloads : result.proxies)[workload.configuration().name];
    written.pending_at_end = workload.connecting;
    written.vanished = workload.vanished;
  }
}

}  // namespace netlimits::sim

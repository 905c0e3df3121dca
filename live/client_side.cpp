#include "live/client_side.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>
#include <variant>

#include "live/running_kernel.hpp"
#include "live/server_side.hpp"
#include "live/socket_address.hpp"
#include "model/place.hpp"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace netlimits::live {
namespace {

constexpr std::uint32_t connecting_events = EPOLLOUT | EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t established_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

// How long a client waits for a server that does not accept: while one of them has no descriptor left, it will not.
constexpr std::int64_t patience = 100'000'000;
constexpr std::int64_t patience_when_starved = 10'000'000;

int pending_error(int descriptor) {
  int number = 0;
  socklen_t size = sizeof number;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
}

std::vector<Port> listed(const BindStyle& style) {
  std::vector<Port> ports;
  const auto* explicit_ports = std::get_if<BindExplicit>(&style);
  if (explicit_ports == nullptr) return ports;
  for (const PortRange& range : explicit_ports->ports) {
    for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
      ports.push_back(Port{static_cast<std::uint16_t>(port)});
  }
  return ports;
}

bool all_hold_for_ever(const RunPlan& plan) {
  return std::all_of(plan.workloads.begin(), plan.workloads.end(),
                     [](const Workload* each) { return std::holds_alternative<HoldForever>(each->hold); });
}

}  // namespace

ClientSide::ClientSide(const Scenario& scenario, const RunPlan& plan, const ProcessPlan& process, const Board& board,
                       WorkerRecord& record, const WorkerRecord* before, WorkerLoop& loop)
    : process_(process),
      group_(*plan.namespaces[process.where].group),
      configuration_(group_.processes[process.process]),
      shares_namespace_(plan.namespaces[process.where].instances > 1),
      board_(board),
      record_(record),
      before_(before),
      loop_(loop),
      windows_(group_.settings, group_.profile->rules.socket_port_range, !all_hold_for_ever(plan)) {
  for (const std::size_t index : process.workloads) {
    const Workload& workload = *plan.workloads[index];
    const std::uint64_t seed = scenario.seed * 0x9e3779b97f4a7c15ULL + index;
    RunningWorkload running{
        .configuration = &workload,
        .index = index,
        .shape = {.host_instances = group_.count,
                  .process_instances = configuration_.count,
                  .sources = std::max<std::uint64_t>(1, workload.sources.size()),
                  .destinations = workload.to.size(),
                  .explicit_ports = 1},
        .arrivals = ArrivalTimes(workload, seed),
        .holds = HoldTimes(workload.hold, seed + 7919 * (process.first_instance + 1) + process.process_instance),
        .explicit_ports = listed(workload.bind),
    };
    running.shape.explicit_ports = std::max<std::uint64_t>(1, running.explicit_ports.size());
    std::int64_t smallest_queue = std::numeric_limits<std::int64_t>::max();
    bool reaches_any = false;
    bool all_immediate = true;
    for (const ListenerPlan& listener : plan.listeners) {
      if (std::find(listener.workloads.begin(), listener.workloads.end(), index) == listener.workloads.end()) continue;
      reaches_any = true;
      all_immediate = all_immediate && listener.immediate;
      running.names_itself = running.names_itself || client_names_its_workload(plan, listener);
      const std::int64_t somaxconn = plan.namespaces[listener.where].group->settings.somaxconn;
      const std::int64_t asked = listener.listener->backlog;
      smallest_queue = std::min(smallest_queue, (asked < 0 ? somaxconn : std::min(asked, somaxconn)) + 1);
    }
    running.paced_by_server = reaches_any && all_immediate;
    running.most_underway = std::max<std::int64_t>(1, smallest_queue / 2);
    const std::uint64_t programs = group_.count * configuration_.count;
    const std::uint64_t rounds = (workload.connections + programs - 1) / programs;
    running.first_program = process.process_instance * group_.count + process.first_instance;
    running.programs = process.instances;
    running.round = rounds * process.part / process.parts;
    running.end_round = rounds * (process.part + 1) / process.parts;
    advance(running);
    workloads_.push_back(std::move(running));
  }
}

void ClientSide::advance(RunningWorkload& workload) {
  const std::uint64_t programs = workload.shape.host_instances * workload.shape.process_instances;
  workload.next.reset();
  while (workload.round < workload.end_round) {
    const std::uint64_t k = workload.round * programs + workload.first_program + workload.offset;
    if (++workload.offset == workload.programs) {
      workload.offset = 0;
      ++workload.round;
    }
    if (k >= workload.configuration->connections) continue;
    workload.next_at = workload.arrivals.of(k);
    if (workload.next_at == end_of_time) break;
    workload.next = k;
    ++unfinished_;
    return;
  }
}

std::optional<std::int64_t> ClientSide::next_arrival() {
  std::optional<std::int64_t> earliest;
  for (const RunningWorkload& workload : workloads_) {
    if (!workload.next) continue;
    const std::int64_t at = workload.next_at.time_since_epoch().count();
    if (!earliest || at < *earliest) earliest = at;
  }
  if (!earliest) record_.arrivals_done = 1;
  return earliest;
}

bool ClientSide::begin_due(const std::function<void()>& serve) {
  if (before_ != nullptr && before_->arrivals_done == 0) return false;
  std::optional<std::uint32_t> first;
  for (std::uint32_t i = 0; i < workloads_.size(); ++i) {
    if (workloads_[i].next && (!first || workloads_[i].next_at < workloads_[*first].next_at)) first = i;
  }
  if (!first || workloads_[*first].next_at.time_since_epoch().count() > loop_.now()) return false;
  RunningWorkload& workload = workloads_[*first];
  if (workload.paced_by_server) keep_pace(workload, serve);
  const std::uint64_t connection = *workload.next;
  --unfinished_;
  advance(workload);
  begin(*first, connection, workload.configuration->retry.attempts, false);
  return true;
}

void ClientSide::keep_pace(const RunningWorkload& workload, const std::function<void()>& serve) {
  RunRecord& run = board_.run();
  std::int64_t last = run.underway;
  std::int64_t since = loop_.now();
  while (run.phase == static_cast<std::uint32_t>(Phase::running)) {
    const std::int64_t underway = run.underway;
    if (underway < run.parked) run.parked = underway;
    if (underway - run.parked < workload.most_underway) return;
    const std::uint32_t seen = run.accepts;
    serve();
    if (run.underway == underway) wait_while(run.accepts, seen, std::chrono::microseconds(200));
    const std::int64_t now = loop_.now();
    if (run.underway != last) {
      last = run.underway;
      since = now;
    } else if (now - since > (run.starved > 0 ? patience_when_starved : patience)) {
      run.parked = underway;
      return;
    }
  }
}

IpAddress ClientSide::usual_source(const Endpoint& destination, std::uint64_t instance) const {
  const Family family = destination.address.family();
  if (destination.address.is_loopback()) return IpAddress::loopback(family);
  for (const AddressBlock& block : group_.addresses) {
    if (block.address.family() == family) return block.address.plus(instance * group_.address_stride);
  }
  return IpAddress::any(family);
}

IpAddress ClientSide::labelled_source(const RunningWorkload& workload, const Assignment& assigned) const {
  if (workload.configuration->sources.empty())
    return usual_source(workload.configuration->to[assigned.destination], assigned.host_instance);
  const IpAddress source = workload.configuration->sources[assigned.source];
  return source.is_loopback() ? source : source.plus(assigned.host_instance * group_.address_stride);
}

bool ClientSide::must_bind(const RunningWorkload& workload) const {
  return shares_namespace_ || !std::holds_alternative<PlainConnect>(workload.configuration->bind);
}

std::optional<std::pair<ClientSide::Where, int>> ClientSide::prepare(int descriptor, RunningWorkload& workload,
                                                                     const Assignment& assigned,
                                                                     const Endpoint& destination) {
  const BindStyle& style = workload.configuration->bind;
  if (!must_bind(workload)) return std::nullopt;
  const int on = 1;
  Endpoint local{labelled_source(workload, assigned), Port{0}};
  if (std::holds_alternative<PlainConnect>(style)) local.address = usual_source(destination, assigned.host_instance);
  if (const auto* ports = std::get_if<BindExplicit>(&style)) {
    if (workload.configuration->sources.empty()) local.address = IpAddress::any(destination.address.family());
    local.port = workload.explicit_ports[assigned.explicit_port];
    if (ports->reuse_address) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  } else if (!std::holds_alternative<BindAddress>(style)) {
    // Also for a plain connect() of one of many hosts in this namespace: its own address, and a port by connect().
    ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  }
  const SocketAddress name = socket_address(local);
  const auto bind_now = [&] { return ::bind(descriptor, name.get(), name.length) == 0 ? 0 : errno; };
  const std::uint64_t sharing =
      workload.shape.host_instances * workload.shape.process_instances * workload.shape.sources;
  const bool by_windows =
      std::holds_alternative<BindAddress>(style) && windows_.worthwhile(workload.configuration->connections / sharing);
  const std::uint64_t key = assigned.source << 32U | 0xffffffffU;
  const int answer = by_windows ? windows_.search(key, descriptor, EADDRINUSE, bind_now) : bind_now();
  if (answer != 0) return std::pair(Where::bind, answer);
  return std::nullopt;
}

std::optional<std::pair<ClientSide::Where, int>> ClientSide::open_connection(int descriptor, RunningWorkload& workload,
                                                                             const Assignment& assigned,
                                                                             const Endpoint& destination) {
  if (auto refused = prepare(descriptor, workload, assigned, destination)) return refused;
  const SocketAddress name = socket_address(destination);
  const auto connect_now = [&] {
    if (::connect(descriptor, name.get(), name.length) == 0 || errno == EINPROGRESS) return 0;
    return errno;
  };
  const BindStyle& style = workload.configuration->bind;
  const bool automatic =
      std::holds_alternative<PlainConnect>(style) || std::holds_alternative<BindAddressNoPort>(style);
  const std::uint64_t sharing = workload.shape.host_instances * workload.shape.process_instances *
                                workload.shape.sources * workload.shape.destinations;
  const bool by_windows = automatic && windows_.worthwhile(workload.configuration->connections / sharing);
  const std::uint64_t key = assigned.source << 32U | assigned.destination;
  const int answer = by_windows ? windows_.search(key, descriptor, EADDRNOTAVAIL, connect_now) : connect_now();
  if (answer != 0) return std::pair(Where::connect, answer);
  return std::nullopt;
}

void ClientSide::begin(std::uint32_t w, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting) {
  RunningWorkload& workload = workloads_[w];
  const Assignment assigned = assign(workload.shape, connection);
  const Endpoint& destination = workload.configuration->to[assigned.destination];
  WorkloadRecord& record = board_.workloads[workload.index];
  ++record.attempted;
  const int descriptor =
      ::socket(family_number(destination.address.family()), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    failed(w, connection, retries_left, reconnecting, Where::socket, errno, labelled_source(workload, assigned));
    return;
  }
  loop_.note_opened();
  if (const auto refused = open_connection(descriptor, workload, assigned, destination)) {
    ::close(descriptor);
    loop_.note_closed();
    failed(w, connection, retries_left, reconnecting, refused->first, refused->second,
           labelled_source(workload, assigned));
    return;
  }
  if (workload.paced_by_server) ++board_.run().underway;
  ++record.connecting;
  const auto index = static_cast<std::size_t>(descriptor);
  if (outgoing_.size() <= index) outgoing_.resize(std::max(index + 1, outgoing_.size() * 2));
  outgoing_[index] = {w, connection, retries_left, reconnecting, true, true};
  ++unfinished_;
  // On a wire of this machine the handshake is usually over when connect() returns; a second call tells.
  const SocketAddress name = socket_address(destination);
  const int again = ::connect(descriptor, name.get(), name.length) == 0 ? 0 : errno;
  if (again == 0 || again == EISCONN) {
    loop_.add(descriptor, Role::outgoing, established_events);
    established(descriptor);
    return;
  }
  loop_.add(descriptor, Role::outgoing, again == EALREADY ? connecting_events : 0);
  if (again != EALREADY) {
    const IpAddress source = local_name(descriptor).value_or(Endpoint{}).address;
    --record.connecting;
    if (workload.paced_by_server) --board_.run().underway;
    finish_counting(outgoing_[index]);
    loop_.close(descriptor);
    failed(w, connection, retries_left, reconnecting, Where::later, again,
           source.is_wildcard() ? labelled_source(workload, assigned) : source);
  }
}

void ClientSide::finish_counting(Outgoing& outgoing) {
  if (outgoing.counts_as_unfinished) --unfinished_;
  outgoing.counts_as_unfinished = false;
}

void ClientSide::established(int descriptor) {
  Outgoing& outgoing = outgoing_[static_cast<std::size_t>(descriptor)];
  RunningWorkload& workload = workloads_[outgoing.workload];
  WorkloadRecord& record = board_.workloads[workload.index];
  outgoing.connecting = false;
  --record.connecting;
  ++record.established;
  const std::uint64_t open = ++record.open;
  std::uint64_t peak = record.peak_open;
  while (open > peak && !record.peak_open.compare_exchange_weak(peak, open)) {
  }
  if (outgoing.reconnecting) ++record.reconnected;
  if (workload.names_itself && workload.configuration->closer == Closer::server) {
    const auto name = static_cast<std::uint32_t>(workload.index);
    static_cast<void>(::send(descriptor, &name, sizeof name, MSG_NOSIGNAL));
  }
  if (workload.holds.for_ever()) {
    finish_counting(outgoing);
    return;
  }
  // A close is to come: by us after the hold time, or by the server after its own.
  if (workload.configuration->closer != Closer::server)
    loop_.at(loop_.now() + workload.holds.next().count(), TimerUse::close_outgoing, descriptor);
}

void ClientSide::on_connection(int descriptor, std::uint32_t events) {
  Outgoing& outgoing = outgoing_[static_cast<std::size_t>(descriptor)];
  const int number =
      (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0 || outgoing.connecting ? pending_error(descriptor) : 0;
  if (outgoing.connecting) {
    if (number == 0 && (events & EPOLLOUT) != 0) {
      established(descriptor);
      if ((events & (EPOLLRDHUP | EPOLLHUP)) == 0) return;
      ended(descriptor, false);
      return;
    }
    if (number == 0) return;
    const Outgoing was = outgoing;
    RunningWorkload& workload = workloads_[was.workload];
    --board_.workloads[workload.index].connecting;
    if (workload.paced_by_server) --board_.run().underway;
    const Assignment assigned = assign(workload.shape, was.connection);
    const IpAddress source = local_name(descriptor).value_or(Endpoint{}).address;
    finish_counting(outgoing);
    loop_.close(descriptor);
    failed(was.workload, was.connection, was.retries_left, was.reconnecting, Where::later, number,
           source.is_wildcard() ? labelled_source(workload, assigned) : source);
    return;
  }
  if (number != 0 || (events & (EPOLLERR | EPOLLHUP)) != 0)
    ended(descriptor, number != 0);
  else if ((events & EPOLLRDHUP) != 0)
    ended(descriptor, false);
}

void ClientSide::ended(int descriptor, bool lost) {
  Outgoing& outgoing = outgoing_[static_cast<std::size_t>(descriptor)];
  const Outgoing was = outgoing;
  RunningWorkload& workload = workloads_[was.workload];
  WorkloadRecord& record = board_.workloads[workload.index];
  --record.open;
  finish_counting(outgoing);
  loop_.close(descriptor);
  if (!lost) return;
  ++record.lost;
  const Retry& again = workload.configuration->retry;
  if (again.reconnect) retry(was.workload, was.connection, again.attempts, true);
}

void ClientSide::retry(std::uint32_t workload, std::uint64_t connection, std::uint32_t retries_left,
                       bool reconnecting) {
  std::size_t slot = waiting_.size();
  if (free_waiting_.empty()) {
    waiting_.emplace_back();
  } else {
    slot = free_waiting_.back();
    free_waiting_.pop_back();
  }
  waiting_[slot] = {workload, connection, retries_left, reconnecting};
  ++unfinished_;
  loop_.at(loop_.now() + workloads_[workload].configuration->retry.after.count(), TimerUse::retry, -1, slot);
}

void ClientSide::on_timer(const LoopTimer& timer) {
  if (timer.use == TimerUse::retry) {
    const Waiting waiting = waiting_[timer.payload];
    free_waiting_.push_back(timer.payload);
    --unfinished_;
    begin(waiting.workload, waiting.connection, waiting.retries_left, waiting.reconnecting);
    return;
  }
  const Outgoing& outgoing = outgoing_[static_cast<std::size_t>(timer.descriptor)];
  if (workloads_[outgoing.workload].configuration->closer == Closer::reset) {
    const linger at_once{1, 0};
    ::setsockopt(timer.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ended(timer.descriptor, false);
}

Limit ClientSide::limit_of(const RunningWorkload& workload, Where where, Error error) const {
  const BindStyle& style = workload.configuration->bind;
  if (error == Error::emfile) return Limit::fd_per_process;
  if (error == Error::enfile) return Limit::fd_per_host;
  if (error == Error::enobufs || error == Error::enomem) return Limit::memory;
  if (where == Where::bind && error == Error::eaddrinuse)
    return std::holds_alternative<BindExplicit>(style) ? Limit::port_in_use : Limit::ephemeral_ports;
  if (where == Where::connect && error == Error::eaddrnotavail) {
    const bool has_port = std::holds_alternative<BindExplicit>(style) || std::holds_alternative<BindAddress>(style);
    return has_port ? Limit::four_tuple : Limit::ephemeral_ports;
  }
  if (error == Error::econnrefused) return Limit::no_listener;
  if (error == Error::econnreset) return Limit::listen_backlog;
  return Limit::no_route;
}

std::string ClientSide::place_of(const RunningWorkload& workload, Limit limit, const IpAddress& source,
                                 const Endpoint& destination) const {
  if (limit == Limit::fd_per_process) return process_place(group_, configuration_);
  if (limit == Limit::fd_per_host || limit == Limit::memory) return host_place(group_);
  if (limit == Limit::ephemeral_ports) {
    if (const auto sharing = port_sharing_of(group_.profile->rules, workload.configuration->bind))
      return port_pool_place(group_, *sharing, source, destination);
  }
  return outbound_place(group_, source, destination);
}

void ClientSide::failed(std::uint32_t w, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
                        Where where, int number, const IpAddress& source) {
  const RunningWorkload& workload = workloads_[w];
  const Endpoint& destination = workload.configuration->to[assign(workload.shape, connection).destination];
  WorkloadRecord& record = board_.workloads[workload.index];
  const Error error = error_of(number);
  const Limit limit = limit_of(workload, where, error);
  if (limit == Limit::fd_per_process && !process_.limit_is_real)
    record_.trouble.set("a real process that stands for a part of one met the hard descriptor limit of this machine");
  ++record.failed;
  std::string place = place_of(workload, limit, source, destination);
  const auto [found, is_new] = failure_slots_.try_emplace({workload.index, limit, place, error}, 0);
  if (is_new) {
    found->second = std::min<std::size_t>(board_.run().failures++, Board::most_failure_kinds - 1);
    FailureRecord& kind = board_.failures[found->second];
    kind.workload = static_cast<std::uint32_t>(workload.index);
    kind.limit = limit;
    kind.error = error;
    kind.unexplained = where == Where::later && error == Error::etimedout;
    kind.first_at = loop_.now();
    kind.first_after_established = record.established;
    kind.place.set(place);
    kind.destination.set(destination.text());
    kind.used = 1;
  }
  ++board_.failures[found->second].count;
  if (retries_left > 0) retry(w, connection, retries_left - 1, reconnecting);
}

}  // namespace netlimits::live

// One attempt of a client program: socket(), the bind style, connect(), and what a refusal means.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <variant>

#include "live/run/client_side.hpp"
#include "live/sandbox/socket_address.hpp"
#include "model/scenario/places.hpp"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace netlimits::live {
namespace {

constexpr std::uint32_t connecting_events = EPOLLOUT | EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t established_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

}  // namespace

IpAddress ClientSide::source_of(const RunningWorkload& workload, const Assignment& assigned) {
  if (const auto named = named_source(*workload.configuration, group_, assigned)) return *named;
  const IpAddress& destination = workload.configuration->to[assigned.destination].address;
  const auto [found, is_new] = chosen_sources_.try_emplace({assigned.host_instance, destination});
  if (is_new) {
    const auto chosen = SourceChoice(group_, assigned.host_instance).towards(destination);
    found->second = chosen.value_or(IpAddress::any(destination.family()));
  }
  return found->second;
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
  Endpoint local{source_of(workload, assigned), Port{0}};
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
  // So that whoever looks at sockets can tell whose they are (live/run/socket_sampler.cpp); no route looks at it.
  const auto mark = static_cast<std::uint32_t>(workload.index + 1);
  ::setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
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

void ClientSide::begin(std::uint32_t w, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
                       std::int64_t due) {
  RunningWorkload& workload = workloads_[w];
  const Assignment assigned = assign(workload.shape, connection);
  const Endpoint& destination = workload.configuration->to[assigned.destination];
  WorkloadRecord& record = records_.workloads[workload.index];
  ++record.attempted;
  if (WindowRecord* in_window = window(workload.index)) ++in_window->attempted;
  if (absent_) {
    failed(w, connection, 0, false, Where::absent, ENETUNREACH, source_of(workload, assigned));
    return;
  }
  const std::uint32_t program = program_of(assigned);
  const int descriptor =
      ::socket(family_number(destination.address.family()), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    failed(w, connection, retries_left, reconnecting, Where::socket, errno, source_of(workload, assigned));
    return;
  }
  loop_.note_opened();
  note_program(program, true);
  if (const auto refused = open_connection(descriptor, workload, assigned, destination)) {
    ::close(descriptor);
    loop_.note_closed();
    note_program(program, false);
    failed(w, connection, retries_left, reconnecting, refused->first, refused->second, source_of(workload, assigned));
    return;
  }
  if (workload.paced_by_server) {
    ++share(workload).underway;
    ++records_.run().underway;
  }
  ++share(workload).connecting;
  ++record.connecting;
  const auto index = static_cast<std::size_t>(descriptor);
  if (outgoing_.size() <= index) outgoing_.resize(std::max(index + 1, outgoing_.size() * 2));
  outgoing_[index] = {w, connection, retries_left, program, reconnecting, true, true, due};
  last_begun_ = descriptor;
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
    stop_connecting(workload, false);
    finish_counting(outgoing_[index]);
    close(descriptor);
    failed(w, connection, retries_left, reconnecting, Where::later, again,
           source.is_wildcard() ? source_of(workload, assigned) : source);
  }
}

Limit ClientSide::limit_of(const RunningWorkload& workload, Where where, Error error) const {
  const BindStyle& style = workload.configuration->bind;
  if (where == Where::absent || where == Where::balancer) return Limit::back_end_down;
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

void ClientSide::failed(std::uint32_t w, std::uint64_t connection, std::uint32_t retries_left, bool reconnecting,
                        Where where, int number, const IpAddress& source) {
  const RunningWorkload& workload = workloads_[w];
  const Endpoint& destination = workload.configuration->to[assign(workload.shape, connection).destination];
  WorkloadRecord& record = records_.workloads[workload.index];
  const Error error = error_of(number);
  const bool without_ipv6 = group_.settings.ipv6_disabled && !destination.address.unmapped().is_v4();
  const Limit limit =
      without_ipv6 && error == Error::eaddrnotavail ? Limit::no_route : limit_of(workload, where, error);
  if (limit == Limit::fd_per_process && !process_.limit_is_real)
    record_.trouble.set("a real process that stands for a part of one met the hard descriptor limit of this machine");
  ++record.failed;
  if (WindowRecord* in_window = window(workload.index)) ++in_window->failed;
  const bool later = where == Where::later || where == Where::balancer;
  const Place place = client_place(group_, configuration_, workload.configuration->bind, limit, source, destination);
  const auto [found, is_new] = failure_slots_.try_emplace({workload.index, limit, place, error}, 0);
  if (is_new) {
    found->second = std::min<std::size_t>(records_.run().failures++, SharedRecords::most_failure_kinds - 1);
    FailureRecord& kind = records_.failures[found->second];
    kind.workload = static_cast<std::uint32_t>(workload.index);
    kind.limit = limit;
    kind.error = error;
    kind.unexplained = where == Where::later && error == Error::etimedout;
    kind.first_at = loop_.now();
    // As the model counts: a call that was refused at once comes after those that are still under way.
    kind.first_after_established = record.established + (later ? 0 : record.connecting.load());
    kind.place = place;
    kind.destination = destination;
    kind.used = 1;
  }
  ++records_.failures[found->second].count;
  if (retries_left > 0) retry(w, connection, retries_left - 1, reconnecting);
}

}  // namespace netlimits::live

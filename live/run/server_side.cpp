// Listeners as they open; then accepting at once, at a pace or without a descriptor to spare; then connections to their
// close.
#include "live/run/server_side.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>
#include <variant>

#include "live/sandbox/socket_address.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::live {
namespace {

constexpr std::uint32_t connection_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

std::uint32_t queued(int listener) {
  tcp_info info{};
  socklen_t size = sizeof info;
  // For a listener the kernel puts the length of the accept queue there (net/ipv4/tcp.c, tcp_get_info()).
  return ::getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_unacked : 0;
}

}  // namespace

bool client_names_its_workload(const RunPlan& plan, std::size_t workload) {
  if (plan.workloads[workload]->closer != Closer::server) return false;
  return std::any_of(plan.listeners.begin(), plan.listeners.end(), [&](const ListenerPlan& listener) {
    const auto& served = listener.workloads;
    return served.size() > 1 && std::find(served.begin(), served.end(), workload) != served.end();
  });
}

SystemResult<int> open_listener(const Listener& listener, const Settings& settings) {
  const std::string name = listener.endpoint.text();
  const int descriptor =
      ::socket(family_number(listener.endpoint.address.family()), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_failure("socket for listener " + name);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener.reuse_port) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  const SocketAddress address = socket_address(listener.endpoint);
  if (::bind(descriptor, address.get(), address.length) != 0) {
    auto failure = system_failure("bind listener " + name);
    ::close(descriptor);
    return failure;
  }
  auto backlog = static_cast<int>(
      std::clamp<std::int64_t>(listener.backlog, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
  // Compared without a sign, as listen() does it.
  if (!has_sysctl("net.core.somaxconn") && static_cast<unsigned>(backlog) > settings.somaxconn)
    backlog = static_cast<int>(settings.somaxconn);
  if (::listen(descriptor, backlog) != 0) {
    auto failure = system_failure("listen " + name);
    ::close(descriptor);
    return failure;
  }
  return descriptor;
}

ServerSide::ServerSide(const WorkerTask& task, WorkerLoop& loop, const std::vector<int>& listeners)
    : plan_(*task.plan),
      process_(plan_.processes[task.process]),
      records_(*task.records),
      record_(records_.workers[task.record]),
      loop_(loop) {
  const RunPlan& plan = plan_;
  const ProcessPlan& process = process_;
  const DrawnTimes nothing_drawn;
  const DrawnTimes& drawn = task.drawn != nullptr ? *task.drawn : nothing_drawn;
  const Process& configuration = plan.namespaces[process.where].group->processes[process.process];
  room_ = process.limit_is_real ? std::numeric_limits<std::uint64_t>::max()
                                : process.nofile - configuration.own_descriptors - configuration.listeners.size() - 16;
  for (std::size_t w = 0; w < plan.workloads.size(); ++w)
    holds_.emplace_back(plan.workloads[w]->hold, draws_of(drawn.holds, plan.workloads[w]->name),
                        records_.workloads[w].next_hold);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const std::size_t index = process.listeners[i];
    listeners_.push_back({listeners[i], index, &plan.listeners[index]});
    const bool stalled = std::holds_alternative<AcceptStalled>(listeners_.back().plan->listener->accept);
    loop_.add(listeners[i], Role::listener, stalled ? 0U : std::uint32_t{EPOLLIN});
  }
}

ServerSide::Listening& ServerSide::listening(int descriptor) {
  return *std::find_if(listeners_.begin(), listeners_.end(),
                       [&](const Listening& each) { return each.descriptor == descriptor; });
}

void ServerSide::on_listener(int descriptor) {
  Listening& from = listening(descriptor);
  if (std::holds_alternative<AcceptPaced>(from.plan->listener->accept))
    accept_paced(from);
  else
    drain(from);
}

ServerSide::Took ServerSide::accept_one(Listening& from) {
  if (open_ >= room_) return Took::no_descriptor;
  const int descriptor = ::accept4(from.descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    taken(from, descriptor);
    return Took::one;
  }
  if (errno == EMFILE || errno == ENFILE) return Took::no_descriptor;
  return Took::none_left;
}

void ServerSide::drain(Listening& from) {
  std::int64_t took = 0;
  Took last = Took::one;
  while (last == Took::one) {
    last = accept_one(from);
    if (last == Took::one) ++took;
  }
  if (last == Took::no_descriptor) starve(from);
  if (last == Took::none_left) nobody_waits(from);
  if (took == 0) return;
  if (from.plan->immediate) records_.run().underway -= took;
  ++records_.run().accepts;
  wake_all(records_.run().accepts);
}

void ServerSide::starve(Listening& from) {
  // The kernel says EMFILE before it looks at the queue; only with a connection in it was anything refused. With none
  // the listener is quiet by itself until the next one comes.
  if (queued(from.descriptor) == 0) return;
  if (process_.limit_is_real) {
    from.refused = true;
    if (record_.first_refused_at < 0) record_.first_refused_at = loop_.now();
    if (record_.refused_since < 0) record_.refused_since = loop_.now();
  }
  if (from.starved) return;
  from.starved = true;
  // The listener stays readable: asking again and again would only burn time. A close() of ours makes room.
  loop_.watch(from.descriptor, 0);
  if (starved_++ > 0) return;
  record_.starved = 1;
  ++records_.run().starved;
}

void ServerSide::nobody_waits(Listening& from) {
  if (!std::exchange(from.refused, false)) return;
  const bool any =
      std::any_of(listeners_.begin(), listeners_.end(), [](const Listening& each) { return each.refused; });
  if (!any) record_.refused_since = -1;
}

void ServerSide::on_descriptor_freed() {
  if (starved_ == 0) return;
  starved_ = 0;
  record_.starved = 0;
  --records_.run().starved;
  for (Listening& each : listeners_) {
    if (!each.starved) continue;
    each.starved = false;
    loop_.watch(each.descriptor, EPOLLIN);
  }
}

void ServerSide::accept_paced(Listening& from) {
  ListenerRecord& record = records_.listeners[from.index];
  const std::int64_t now = loop_.now();
  const std::int64_t next =
      bounded_sum(Duration(now), std::get<AcceptPaced>(from.plan->listener->accept).interval).count();
  std::int64_t not_before = record.next_accept;
  if (now >= not_before && record.next_accept.compare_exchange_strong(not_before, next)) {
    if (accept_one(from) == Took::no_descriptor) {
      starve(from);
      return;
    }
    if (queued(from.descriptor) == 0) nobody_waits(from);
  }
  // Nothing to do before the next turn, queued or not.
  loop_.watch(from.descriptor, 0);
  loop_.at(record.next_accept, TimerUse::paced_accept, from.descriptor);
  if (!from.paced_waiting) {
    from.paced_waiting = true;
    ++paced_waiting_;
  }
}

void ServerSide::taken(const Listening& from, int descriptor) {
  ++record_.accepted;
  ++open_;
  loop_.note_opened();
  loop_.add(descriptor, Role::accepted, connection_events);
  const auto index = static_cast<std::size_t>(descriptor);
  if (expects_name_.size() <= index) {
    expects_name_.resize(index + 1);
    closes_later_.resize(index + 1);
  }
  // A name that nobody has read when its connection is closed would make a reset of the close.
  const auto& served = from.plan->workloads;
  expects_name_[index] = std::any_of(served.begin(), served.end(),
                                     [&](std::size_t workload) { return client_names_its_workload(plan_, workload); });
  if (!expects_name_[index] && served.size() == 1) close_later(descriptor, served.front());
}

void ServerSide::close_later(int descriptor, std::size_t workload) {
  if (plan_.workloads[workload]->closer != Closer::server || holds_[workload].for_ever()) return;
  loop_.after(holds_[workload].next(), TimerUse::close_accepted, descriptor);
  closes_later_[static_cast<std::size_t>(descriptor)] = true;
  ++closes_to_come_;
}

void ServerSide::on_connection(int descriptor, std::uint32_t events) {
  const auto index = static_cast<std::size_t>(descriptor);
  std::array<char, 256> bytes{};
  ssize_t got = 0;
  while ((got = ::recv(descriptor, bytes.data(), bytes.size(), 0)) > 0) {
    if (!expects_name_[index] || got < 4) continue;
    std::uint32_t workload = 0;
    std::copy_n(bytes.data(), 4, reinterpret_cast<char*>(&workload));
    expects_name_[index] = false;
    if (workload < plan_.workloads.size()) close_later(descriptor, workload);
  }
  const bool over = got == 0 || (got < 0 && errno != EAGAIN) || (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (over) close(descriptor);
}

void ServerSide::on_timer(const LoopTimer& timer) {
  if (timer.use == TimerUse::close_accepted) {
    close(timer.descriptor);
    return;
  }
  Listening& from = listening(timer.descriptor);
  if (from.paced_waiting) {
    from.paced_waiting = false;
    --paced_waiting_;
  }
  loop_.watch(timer.descriptor, EPOLLIN);
}

void ServerSide::close(int descriptor) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (closes_later_[index]) --closes_to_come_;
  closes_later_[index] = false;
  loop_.close(descriptor);
  --open_;
  on_descriptor_freed();
}

}  // namespace netlimits::live

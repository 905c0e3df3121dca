// The states of a connection after connect() has begun: established, held, closed, lost, retried; and the pace that
// keeps clients from running ahead of servers. client_attempt.cpp has the attempt itself.
#include "live/run/client_side.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <tuple>
#include <utility>
#include <variant>

#include "live/run/server_side.hpp"
#include "live/sandbox/running_kernel.hpp"
#include "live/sandbox/socket_address.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::live {
namespace {

// How long a client waits for a server that does not accept: while one of them has no descriptor left, it will not, and
// a SYN that was not answered within the call is lost or met a full queue.
constexpr std::int64_t accept_patience = 100'000'000;
constexpr std::int64_t accept_patience_when_starved = 10'000'000;
constexpr std::int64_t answer_patience = 5'000'000;

int pending_error(int descriptor) {
  int number = 0;
  socklen_t size = sizeof number;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
}

void raise(std::atomic<std::int64_t>& most, std::int64_t value) {
  std::int64_t seen = most;
  while (value > seen && !most.compare_exchange_weak(seen, value)) {
  }
}

bool all_hold_for_ever(const RunPlan& plan) {
  return std::all_of(plan.workloads.begin(), plan.workloads.end(),
                     [](const Workload* each) { return std::holds_alternative<HoldForever>(each->hold); });
}

}  // namespace

ClientSide::ClientSide(const WorkerTask& task, WorkerLoop& loop, std::function<void()> serve)
    : process_(task.plan->processes[task.process]),
      group_(*task.plan->namespaces[process_.where].group),
      configuration_(group_.processes[process_.process]),
      shares_namespace_(task.plan->namespaces[process_.where].instances > 1),
      records_(*task.records),
      record_index_(task.record),
      record_(records_.workers[task.record]),
      before_(task.before ? &records_.workers[*task.before] : nullptr),
      resume_at_(task.resume_at),
      absent_(task.absent),
      window_length_(task.scenario->window),
      loop_(loop),
      serve_(std::move(serve)),
      programs_(process_.instances),
      windows_(group_.settings, group_.profile->rules.has(Rule::socket_range_narrows), !all_hold_for_ever(*task.plan)) {
  const RunPlan& plan = *task.plan;
  const ProcessPlan& process = process_;
  const DrawnTimes nothing_drawn;
  const DrawnTimes& drawn = task.drawn != nullptr ? *task.drawn : nothing_drawn;
  for (const std::size_t index : process.workloads) {
    const Workload& workload = *plan.workloads[index];
    RunningWorkload running{
        .configuration = &workload,
        .index = index,
        .shape = shape_of(workload, group_, configuration_),
        .arrivals = ArrivalTimes(workload, draws_of(drawn.arrivals, workload.name)),
        .holds = HoldTimes(workload.hold, draws_of(drawn.holds, workload.name), records_.workloads[index].next_hold),
        .explicit_ports = named_ports(workload.bind),
        .names_itself = client_names_its_workload(plan, index),
    };
    const bool only_to_itself = std::all_of(workload.to.begin(), workload.to.end(),
                                            [](const Endpoint& to) { return to.address.is_loopback(); });
    std::int64_t smallest_queue = std::numeric_limits<std::int64_t>::max();
    bool reaches_any = false;
    bool all_immediate = true;
    bool own = false;  // this process accepts what it begins
    for (std::size_t l = 0; l < plan.listeners.size(); ++l) {
      const ListenerPlan& listener = plan.listeners[l];
      if (std::find(listener.workloads.begin(), listener.workloads.end(), index) == listener.workloads.end()) continue;
      if (listener.where != process.where && only_to_itself) continue;
      reaches_any = true;
      own = own || std::find(process.listeners.begin(), process.listeners.end(), l) != process.listeners.end();
      all_immediate = all_immediate && listener.immediate;
      for (std::size_t p = 0; p < plan.processes.size(); ++p) {
        const auto& listens = plan.processes[p].listeners;
        if (std::find(listens.begin(), listens.end(), l) != listens.end())
          running.servers.push_back(static_cast<std::int64_t>(p));
      }
      const auto queue = accept_queue_size(*plan.namespaces[listener.where].group, *listener.listener);
      smallest_queue = std::min(smallest_queue, static_cast<std::int64_t>(queue));
    }
    const bool foreign = std::any_of(running.servers.begin(), running.servers.end(), [&](std::int64_t p) {
      return !plan.processes[static_cast<std::size_t>(p)].user_program.empty();
    });
    running.server_says_when = workload.closer == Closer::server && !foreign;
    running.paced_by_server = reaches_any && all_immediate && !absent_;
    // What it accepts costs it a descriptor before it begins the next one.
    running.most_underway = own ? 1 : std::max<std::int64_t>(1, smallest_queue / 2);
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
    if (workload.next_at.time_since_epoch().count() < resume_at_) continue;
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

bool ClientSide::begin_due() {
  if (before_ != nullptr && before_->arrivals_done == 0) return false;
  // As in the model: what is due at one moment comes by turns.
  std::optional<std::uint32_t> first;
  const auto sooner = [](const RunningWorkload& a, const RunningWorkload& b) {
    return std::tie(a.next_at, a.turn) < std::tie(b.next_at, b.turn);
  };
  for (std::uint32_t i = 0; i < workloads_.size(); ++i) {
    if (workloads_[i].next && (!first || sooner(workloads_[i], workloads_[*first]))) first = i;
  }
  if (!first) return false;
  const std::int64_t due = workloads_[*first].next_at.time_since_epoch().count();
  if (due > loop_.now() || due >= barrier_) return false;
  RunningWorkload& workload = workloads_[*first];
  if (workload.paced_by_server && !keep_pace(workload)) return false;
  raise(records_.run().lateness, loop_.now() - due);
  const std::uint64_t connection = *workload.next;
  --unfinished_;
  workload.turn = ++turns_;
  advance(workload);
  begin(*first, connection, workload.configuration->retry.attempts, false, due);
  return true;
}

bool ClientSide::nobody_accepts(const RunningWorkload& workload) const {
  if (records_.run().starved == 0) return false;
  return std::all_of(workload.servers.begin(), workload.servers.end(), [&](std::int64_t p) {
    const auto starves = [p](const WorkerRecord& each) { return each.plan == p && each.starved != 0; };
    for (std::size_t record = 0; record < records_.workers.size(); ++record)
      if (starves(records_.workers[record])) return true;
    return false;
  });
}

bool ClientSide::last_is_unanswered() const {
  if (last_begun_ < 0 || !outgoing_[static_cast<std::size_t>(last_begun_)].connecting) return false;
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(last_begun_, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == TCP_SYN_SENT;
}

bool ClientSide::keep_pace(const RunningWorkload& workload) {
  RunRecord& run = records_.run();
  std::int64_t last = run.underway;
  std::int64_t since = loop_.now();
  while (run.phase == static_cast<std::uint32_t>(Phase::running)) {
    const std::int64_t underway = run.underway;
    if (underway < run.parked) run.parked = underway;
    if (underway - run.parked < workload.most_underway) return true;
    if (nobody_accepts(workload)) {
      run.parked = underway;
      return true;
    }
    const std::uint32_t seen = run.accepts;
    serve_();
    if (run.underway == underway) wait_while(run.accepts, seen, std::chrono::microseconds(200));
    const std::int64_t now = loop_.now();
    if (run.underway != last) {
      last = run.underway;
      since = now;
    } else if (now - since > (run.starved > 0 ? accept_patience_when_starved : accept_patience) ||
               (now - since > answer_patience && last_is_unanswered())) {
      run.parked = underway;
      return true;
    }
  }
  return false;
}

WindowRecord* ClientSide::window(std::size_t workload) const {
  if (!window_length_ || records_.windows_each() == 0) return nullptr;
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(0, loop_.now()) / window_length_->count());
  return index < records_.windows_each() ? &records_.window(workload, index) : nullptr;
}

std::uint32_t ClientSide::program_of(const Assignment& assigned) const {
  return static_cast<std::uint32_t>(assigned.host_instance - process_.first_instance);
}

void ClientSide::note_program(std::uint32_t program, bool opened) {
  Program& of = programs_[program];
  if (!opened) {
    --of.open;
    return;
  }
  of.peak = std::max(of.peak, ++of.open);
  if (of.peak > record_.program_peak) record_.program_peak = of.peak;
}

void ClientSide::stop_connecting(const RunningWorkload& workload, bool established) {
  --records_.workloads[workload.index].connecting;
  --share(workload).connecting;
  if (!workload.paced_by_server) return;
  // An established one is under way until its server has accepted it, which the server counts.
  --share(workload).underway;
  if (!established) --records_.run().underway;
}

void ClientSide::close(int descriptor) {
  note_program(outgoing_[static_cast<std::size_t>(descriptor)].program, false);
  loop_.close(descriptor);
}

void ClientSide::finish_counting(Outgoing& outgoing) {
  if (outgoing.counts_as_unfinished) --unfinished_;
  outgoing.counts_as_unfinished = false;
}

void ClientSide::established(int descriptor) {
  Outgoing& outgoing = outgoing_[static_cast<std::size_t>(descriptor)];
  RunningWorkload& workload = workloads_[outgoing.workload];
  WorkloadRecord& record = records_.workloads[workload.index];
  outgoing.connecting = false;
  stop_connecting(workload, true);
  ++record.established;
  if (WindowRecord* in_window = window(workload.index)) ++in_window->established;
  ++share(workload).open;
  const std::uint64_t open = ++record.open;
  std::uint64_t peak = record.peak_open;
  while (open > peak && !record.peak_open.compare_exchange_weak(peak, open)) {
  }
  if (outgoing.reconnecting) ++record.reconnected;
  if (workload.names_itself && workload.configuration->closer == Closer::server) {
    const auto name = static_cast<std::uint32_t>(workload.index);
    static_cast<void>(::send(descriptor, &name, sizeof name, MSG_NOSIGNAL));
  }
  if (workload.holds.for_ever() || workload.server_says_when) {
    finish_counting(outgoing);
    return;
  }
  // A close is to come: by us after the hold time, or by the server after its own.
  if (workload.configuration->closer == Closer::server) return;
  const Duration hold = workload.holds.next();
  std::int64_t at = bounded_sum(Duration(loop_.now()), hold).count();
  // What was due to be over before the scenario's next event is over before it, however late the machine is.
  if (bounded_sum(Duration(outgoing.due), hold).count() < barrier_) at = std::min(at, barrier_ - 1);
  loop_.at(at, TimerUse::close_outgoing, descriptor);
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
    const RunningWorkload& workload = workloads_[was.workload];
    stop_connecting(workload, false);
    const Assignment assigned = assign(workload.shape, was.connection);
    const IpAddress source = local_name(descriptor).value_or(Endpoint{}).address;
    finish_counting(outgoing);
    close(descriptor);
    // A socket that the leader destroyed for a balancer has ECONNABORTED; a reset that comes instead of the answer to a
    // SYN is ECONNREFUSED.
    const bool destroyed = number == ECONNABORTED;
    failed(was.workload, was.connection, was.retries_left, was.reconnecting, destroyed ? Where::balancer : Where::later,
           destroyed ? ECONNREFUSED : number, source.is_wildcard() ? source_of(workload, assigned) : source);
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
  WorkloadRecord& record = records_.workloads[workload.index];
  --record.open;
  --share(workload).open;
  finish_counting(outgoing);
  close(descriptor);
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
  loop_.after(workloads_[workload].configuration->retry.after, TimerUse::retry, -1, slot);
}

void ClientSide::on_timer(const LoopTimer& timer) {
  if (timer.use == TimerUse::retry) {
    const Waiting waiting = waiting_[timer.payload];
    const RunningWorkload& workload = workloads_[waiting.workload];
    if (workload.paced_by_server && !keep_pace(workload)) return;  // the run is over
    free_waiting_.push_back(timer.payload);
    --unfinished_;
    begin(waiting.workload, waiting.connection, waiting.retries_left, waiting.reconnecting, timer.at);
    return;
  }
  const Outgoing& outgoing = outgoing_[static_cast<std::size_t>(timer.descriptor)];
  if (workloads_[outgoing.workload].configuration->closer == Closer::reset) {
    const linger at_once{1, 0};
    ::setsockopt(timer.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ended(timer.descriptor, false);
}

}  // namespace netlimits::live

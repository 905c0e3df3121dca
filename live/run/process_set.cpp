// Starting, ending and awaiting processes, host by host; then the programs of others, which are looked at from outside.
#include "live/run/process_set.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <variant>

#include "live/run/port_holder.hpp"
#include "live/run/server_side.hpp"
#include "live/sandbox/acting_user.hpp"
#include "live/sandbox/sock_diag.hpp"

namespace netlimits::live {
namespace {

constexpr int poll_every_us = 1000;

const Process& configuration_of(const RunPlan& plan, std::size_t p) {
  const ProcessPlan& process = plan.processes[p];
  return plan.namespaces[process.where].group->processes[process.process];
}

void set_state(WorkerRecord& record, WorkerState state) { record.state = static_cast<std::uint32_t>(state); }

}  // namespace

std::size_t ProcessSet::record_count(const Scenario& scenario, const RunPlan& plan) {
  std::size_t records = plan.processes.size();
  for (const NamespacePlan& host : plan.namespaces) records += holders_of(*host.group, false);
  const auto again = [&](const std::string& name) {
    const HostGroup& group = scenario.hosts.at(name);
    std::size_t most = holders_of(group, true);
    for (const ProcessPlan& process : plan.processes) most += plan.namespaces[process.where].group == &group ? 1 : 0;
    return most;
  };
  for (const Event& event : scenario.events) {
    if (const auto* up = std::get_if<HostUp>(&event.what)) records += again(up->host);
    if (const auto* down = std::get_if<HostDown>(&event.what)) records += again(down->host);
  }
  return records;
}

SystemResult<void> ProcessSet::start_host(std::size_t where) { return start_processes(where, std::nullopt); }

SystemResult<void> ProcessSet::start_processes(std::size_t where, std::optional<std::int64_t> resume_at) {
  const HostGroup& group = *plan_.namespaces[where].group;
  // In the order in which the model opens them: the scenario's own listeners first.
  std::vector<int> shared(plan_.listeners.size(), -1);
  {
    auto visit = Visit::to(network_.host(where));
    if (!visit) return tl::unexpected(visit.error());
    for (std::size_t i = 0; i < plan_.listeners.size(); ++i) {
      const ListenerPlan& listener = plan_.listeners[i];
      if (listener.where != where || !listener.opened_by_leader) continue;
      const ActingUser acting(group, listener.uid);
      auto opened = acting.trouble()
                        ? SystemResult<int>(tl::unexpected(*acting.trouble()))
                        : open_listener(*listener.listener, plan_.namespaces[listener.where].group->settings);
      if (!opened) return tl::unexpected(opened.error());
      shared[i] = *opened;
    }
  }
  SystemResult<void> result;
  std::optional<std::size_t> before;
  for (std::size_t p = 0; p < plan_.processes.size() && result; ++p) {
    const ProcessPlan& process = plan_.processes[p];
    if (process.where != where) continue;
    if (!process.user_program.empty()) {
      result = start_user_program(where, p);
      continue;
    }
    WorkerTask task = task_of(p, resume_at ? next_record_++ : p);
    task.before = process.part == 0 ? std::nullopt : before;
    task.resume_at = resume_at.value_or(std::numeric_limits<std::int64_t>::min());
    task.leader_listeners = shared;
    before = task.record;
    result = start(network_.host(where), where, ProcessKind::worker, task.record, [task] { return run_worker(task); });
  }
  const bool again = resume_at.has_value();
  for (std::size_t holder = 0; holder < holders_of(group, again) && result; ++holder) {
    const std::size_t record = next_record_++;
    result = start(network_.host(where), where, ProcessKind::holder, record,
                   [&, record] { return hold_share(records_.workers[record], group, holder, again); });
  }
  for (const int descriptor : shared) {
    if (descriptor >= 0) ::close(descriptor);
  }
  return result;
}

WorkerTask ProcessSet::task_of(std::size_t p, std::size_t record) const {
  records_.workers[record].plan = static_cast<std::int64_t>(p);
  return {
      .scenario = &scenario_, .plan = &plan_, .records = &records_, .process = p, .record = record, .drawn = drawn_};
}

SystemResult<void> ProcessSet::start_user_program(std::size_t where, std::size_t p) {
  WorkerRecord& record = records_.workers[p];
  record.plan = static_cast<std::int64_t>(p);
  auto program = UserProgram::start(network_.host(where), plan_.processes[p].user_program, plan_.processes[p].nofile,
                                    surroundings_);
  if (!program) return tl::unexpected(program.error());
  programs_.push_back({where, p, p, std::move(*program)});
  return {};
}

SystemResult<void> ProcessSet::start(const NetworkNamespace& in, std::size_t where, ProcessKind kind,
                                     std::size_t record, const std::function<int()>& body) {
  auto child = spawn(in, body);
  if (!child) return tl::unexpected(child.error());
  running_.push_back({where, record, kind, std::move(*child)});
  return {};
}

// A dead process takes with it what it had: the shared counts are put right for it.
void ProcessSet::end(Running& running) {
  running.process.kill();
  running.process.wait();
  records_.workers[running.record].unfinished = 0;
  for (std::size_t w = 0; w < plan_.workloads.size(); ++w) {
    ShareRecord& share = records_.share(running.record, w);
    WorkloadRecord& all = records_.workloads[w];
    all.open -= share.open;
    all.lost += share.open;
    all.connecting -= share.connecting;
    all.vanished += share.connecting;
    records_.run().underway -= static_cast<std::int64_t>(share.underway);
    share.open = share.connecting = share.underway = 0;
  }
}

SystemResult<void> ProcessSet::take_down(std::size_t where, std::int64_t at) {
  // All at one moment: none of them sees how another's connections end.
  for (Running& each : running_) {
    if (each.where == where) each.process.stop();
  }
  for (Running& each : running_) {
    if (each.where == where) end(each);
  }
  std::erase_if(running_, [&](const Running& each) { return each.where == where; });
  for (std::size_t p = 0; p < plan_.processes.size(); ++p) {
    if (plan_.processes[p].where != where || plan_.processes[p].workloads.empty()) continue;
    WorkerTask task = task_of(p, next_record_++);
    task.absent = true;
    task.resume_at = at;
    records_.workers[task.record].absent = 1;
    // It only counts; where it does so is of no meaning.
    auto here = NetworkNamespace::current();
    if (!here) return tl::unexpected(here.error());
    auto done = start(*here, where, ProcessKind::absent, task.record, [task] { return run_worker(task); });
    if (!done) return done;
  }
  return {};
}

SystemResult<void> ProcessSet::bring_up(std::size_t where, std::int64_t at) {
  for (Running& each : running_) {
    if (each.where == where) end(each);
  }
  std::erase_if(running_, [&](const Running& each) { return each.where == where; });
  if (auto started = start_processes(where, at); !started) return started;
  // In the model they listen at once.
  if (std::string said = await(WorkerState::ready, prepare_within); !said.empty())
    return tl::unexpected(SystemFailure{said, 0});
  return {};
}

bool ProcessSet::has_user_programs() const { return !programs_.empty(); }

bool ProcessSet::listens(const RunningProgram& running) const {
  const Process& process = configuration_of(plan_, running.plan);
  std::set<std::uint16_t> wanted;
  for (const Listener& listener : process.listeners) wanted.insert(listener.endpoint.port.value);
  auto visit = Visit::to(network_.host(running.where));
  if (!visit) return false;
  static_cast<void>(each_tcp_socket(state_bit(TcpState::listen),
                                    [&](const SeenSocket& seen) { wanted.erase(seen.tuple.local.port.value); }));
  return wanted.empty();
}

std::uint64_t ProcessSet::look_at_user_programs() {
  std::uint64_t mark = 0;
  for (RunningProgram& running : programs_) {
    const Process& process = configuration_of(plan_, running.plan);
    std::set<std::uint64_t> taken;
    std::uint64_t seen_here = 0;
    std::uint64_t waiting = 0;
    {
      auto visit = Visit::to(network_.host(running.where));
      if (!visit) continue;
      const std::uint32_t states = state_bit(TcpState::established) | state_bit(TcpState::listen);
      static_cast<void>(each_tcp_socket(states, [&](const SeenSocket& seen) {
        const bool to_it = std::any_of(process.listeners.begin(), process.listeners.end(), [&](const Listener& each) {
          return each.endpoint.port == seen.tuple.local.port;
        });
        ++seen_here;
        if (to_it) waiting += seen.queued;
        if (to_it && seen.state == TcpState::established && seen.inode != 0) taken.insert(seen.inode);
      }));
    }
    const UserProgram::Holding holding = running.program.holding(taken);
    WorkerRecord& record = records_.workers[running.record];
    record.accepted = std::max<std::uint64_t>(record.accepted, holding.held);
    record.holding_processes = std::max<std::uint64_t>(record.holding_processes, holding.holding_processes);
    record.descriptors_peak = std::max<std::uint64_t>(record.descriptors_peak, holding.descriptors);
    // All its descriptors are in use, and somebody waits: it was refused one, or would be.
    const bool full = holding.descriptors >= plan_.processes[running.plan].nofile;
    const std::int64_t now = monotonic_nanoseconds() - records_.run().started_at;
    if (waiting > 0 && full && record.first_refused_at < 0) record.first_refused_at = now;
    if (waiting > 0 && full && record.refused_since < 0) record.refused_since = now;
    if (waiting == 0) record.refused_since = -1;
    mark = mark * 1000003 + seen_here * 1009 + holding.held;
  }
  return mark;
}

void ProcessSet::note_program_output() {
  for (std::size_t i = 0; i < programs_.size(); ++i) records_.program_output[i].set(programs_[i].program.last_output());
}

// For a message: the last words are those that count.
std::string ProcessSet::end_of_output(const UserProgram& program) {
  constexpr std::size_t most = 300;
  std::string said = program.last_output();
  std::replace(said.begin(), said.end(), '\n', ' ');
  return said.size() <= most ? said : "..." + said.substr(said.size() - most);
}

std::string ProcessSet::trouble() {
  for (Running& each : running_) {
    const std::string host = plan_.namespaces[each.where].group->name + ": ";
    if (const std::string said = records_.workers[each.record].trouble.text(); !said.empty()) return host + said;
    if (const auto code = each.process.ended())
      return host + "a process ended by itself with code " + std::to_string(*code);
  }
  for (RunningProgram& each : programs_) {
    if (const auto code = each.program.process().ended())
      return plan_.namespaces[each.where].group->name + "/" + configuration_of(plan_, each.plan).name +
             ": the program ended with code " + std::to_string(*code) + ": " + end_of_output(each.program);
  }
  return {};
}

std::string ProcessSet::await(WorkerState wanted, std::int64_t within) {
  const std::int64_t end = monotonic_nanoseconds() + within;
  for (;;) {
    if (std::string said = trouble(); !said.empty()) return said;
    bool all = std::all_of(running_.begin(), running_.end(), [&](const Running& each) {
      if (wanted == WorkerState::measured && each.kind == ProcessKind::holder) return true;
      return records_.workers[each.record].state >= static_cast<std::uint32_t>(wanted);
    });
    for (RunningProgram& each : programs_) {
      each.listens = each.listens || listens(each);
      if (each.listens) set_state(records_.workers[each.record], WorkerState::measured);
      all = all && each.listens;
    }
    if (all) return {};
    if (monotonic_nanoseconds() > end) {
      for (const RunningProgram& each : programs_) {
        if (!each.listens)
          return configuration_of(plan_, each.plan).name +
                 ": the program does not listen where the scenario says: " + each.program.last_output();
      }
      return "its processes did not answer in time";
    }
    ::usleep(poll_every_us);
  }
}

void ProcessSet::await_beginnings_before(std::int64_t moment, std::int64_t within) {
  const std::int64_t end = monotonic_nanoseconds() + within;
  const auto begun = [&](const Running& each) {
    return each.kind == ProcessKind::holder || records_.workers[each.record].begun_before >= moment;
  };
  while (!std::all_of(running_.begin(), running_.end(), begun)) {
    if (monotonic_nanoseconds() > end || !trouble().empty()) return;
    ::usleep(poll_every_us / 2);
  }
}

ProcessSet::Standing ProcessSet::standing() const {
  Standing standing;
  for (const Running& each : running_) {
    if (each.kind == ProcessKind::holder) continue;
    const WorkerRecord& record = records_.workers[each.record];
    standing.all_answered = standing.all_answered && record.idle_in_round == records_.run().round;
    standing.unfinished += record.unfinished;
    standing.activity += record.activity;
  }
  return standing;
}

}  // namespace netlimits::live

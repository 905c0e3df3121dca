#include "live/worker.hpp"

#include <sys/fsuid.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "live/client_side.hpp"
#include "live/own_descriptors.hpp"
#include "live/server_side.hpp"

namespace netlimits::live {
namespace {

constexpr std::int64_t longest_wait = 20'000'000;  // how soon a worker notices the end of the run
constexpr int arrivals_at_a_time = 32;

int give_up(WorkerRecord& record, const std::string& why) {
  record.trouble.set(why);
  record.state = static_cast<std::uint32_t>(WorkerState::failed);
  return 1;
}

class Working {
 public:
  Working(const WorkerTask& task, int epoll, std::uint64_t held, const std::vector<int>& listeners)
      : board_(*task.board),
        record_(task.board->workers[task.record]),
        loop_(epoll, held, board_, record_),
        server_(*task.scenario, *task.plan, process_of(task), board_, record_, loop_, listeners),
        client_(*task.scenario, *task.plan, process_of(task), board_, record_, before(task), loop_),
        serves_only_(task.serves_only) {}

  void run() {
    report();
    record_.state = static_cast<std::uint32_t>(WorkerState::ready);
    RunRecord& run = board_.run();
    while (run.phase == static_cast<std::uint32_t>(Phase::building))
      wait_while(run.phase, static_cast<std::uint32_t>(Phase::building), std::chrono::milliseconds(20));
    loop_.set_start(run.started_at);
    const std::function<void()> serve = [this] { static_cast<void>(serve_events(0)); };
    while (run.phase == static_cast<std::uint32_t>(Phase::running)) {
      const std::uint32_t round = run.round;
      bool more = !serves_only_;
      for (int i = 0; i < arrivals_at_a_time && more; ++i) {
        more = client_.begin_due(serve);
        if (more) ++record_.activity;
      }
      run_timers();
      report();
      const std::size_t events = serve_events(more ? 0 : idle_time());
      report();
      if (!more && events == 0) record_.idle_in_round = round;
    }
    report();
    record_.state = static_cast<std::uint32_t>(WorkerState::measured);
    for (;;) ::pause();
  }

 private:
  static const ProcessPlan& process_of(const WorkerTask& task) { return task.plan->processes[task.process]; }

  static const WorkerRecord* before(const WorkerTask& task) {
    if (process_of(task).part == 0 || task.record != task.process) return nullptr;
    return &task.board->workers[task.record - 1];
  }

  std::size_t serve_events(std::int64_t patience) {
    const std::size_t events = loop_.wait(patience, [this](const LoopEvent& event) {
      if (event.role == Role::listener) server_.on_listener(event.descriptor);
      if (event.role == Role::accepted) server_.on_connection(event.descriptor, event.events);
      if (event.role == Role::outgoing) {
        client_.on_connection(event.descriptor, event.events);
        if (loop_.role(event.descriptor) == Role::none) server_.on_descriptor_freed();
      }
    });
    record_.activity += events;
    return events;
  }

  void run_timers() {
    while (const auto timer = loop_.due_timer(loop_.now())) {
      ++record_.activity;
      if (timer->use == TimerUse::close_accepted || timer->use == TimerUse::paced_accept) {
        server_.on_timer(*timer);
      } else {
        client_.on_timer(*timer);
        server_.on_descriptor_freed();
      }
    }
  }

  std::int64_t idle_time() {
    std::int64_t until = loop_.now() + longest_wait;
    if (const auto timer = loop_.next_timer()) until = std::min(until, *timer);
    if (const auto arrival = serves_only_ ? std::nullopt : client_.next_arrival()) until = std::min(until, *arrival);
    return std::max<std::int64_t>(0, until - loop_.now());
  }

  void report() { record_.unfinished = (serves_only_ ? 0 : client_.unfinished()) + (server_.unfinished() ? 1 : 0); }

  const Board& board_;
  WorkerRecord& record_;
  WorkerLoop loop_;
  ServerSide server_;
  ClientSide client_;
  bool serves_only_;
};

}  // namespace

int run_worker(const WorkerTask& task) {
  WorkerRecord& record = task.board->workers[task.record];
  const ProcessPlan& plan = task.plan->processes[task.process];
  const Process& configuration = task.plan->namespaces[plan.where].group->processes[plan.process];
  // A socket belongs to the file-system user id of its maker, which decides who may share a port by SO_REUSEPORT. The
  // capabilities over the network stay.
  if (configuration.uid != 0) {
    ::setfsuid(configuration.uid);
    if (::setfsuid(static_cast<uid_t>(-1)) != static_cast<int>(configuration.uid))
      return give_up(record, "user id " + std::to_string(configuration.uid) + " does not exist in the sandbox");
  }
  std::vector<int> listeners;
  for (const std::size_t index : plan.listeners) {
    if (task.plan->listeners[index].opened_by_leader) {
      listeners.push_back(task.leader_listeners[index]);
      continue;
    }
    auto opened = open_listener(*task.plan->listeners[index].listener);
    if (!opened) return give_up(record, opened.error().text());
    listeners.push_back(*opened);
  }
  auto held = hold_exactly(
      {.nofile = plan.nofile, .own_descriptors = configuration.own_descriptors, .with_epoll = true}, listeners);
  if (!held) return give_up(record, held.error().text());
  Working(task, held->epoll, configuration.own_descriptors + listeners.size(), held->kept).run();
  return 0;
}

}  // namespace netlimits::live

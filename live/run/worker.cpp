// Working sets up the client and server halves of one process and runs their common loop until the run is over.
#include "live/run/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "live/run/client_side.hpp"
#include "live/run/server_side.hpp"
#include "live/sandbox/acting_user.hpp"
#include "live/sandbox/own_descriptors.hpp"

namespace netlimits::live {
namespace {

constexpr std::int64_t longest_wait = 20'000'000;  // how soon a worker notices the end of the run
constexpr std::int64_t held_back_look = 500'000;
constexpr int arrivals_at_a_time = 32;

int give_up(WorkerRecord& record, const std::string& why) {
  record.trouble.set(why);
  record.state = static_cast<std::uint32_t>(WorkerState::failed);
  return 1;
}

class Working {
 public:
  Working(const WorkerTask& task, int epoll, std::uint64_t held, const std::vector<int>& listeners)
      : records_(*task.records),
        record_(task.records->workers[task.record]),
        loop_(epoll, held, records_, record_),
        serves_(!listeners.empty()),
        server_(task, loop_, listeners),
        client_(task, loop_, [this] { static_cast<void>(serve_events(0)); }) {}

  void run() {
    report();
    record_.state = static_cast<std::uint32_t>(WorkerState::ready);
    RunRecord& run = records_.run();
    while (run.phase == static_cast<std::uint32_t>(Phase::building))
      wait_while(run.phase, static_cast<std::uint32_t>(Phase::building), std::chrono::milliseconds(20));
    loop_.set_start(run.started_at);
    while (run.phase == static_cast<std::uint32_t>(Phase::running)) {
      const std::uint32_t round = run.round;
      barrier_ = run.barrier;
      client_.set_barrier(barrier_);
      bool more = true;
      for (int i = 0; i < arrivals_at_a_time; ++i) {
        more = client_.begin_due();
        if (!more) break;
        ++record_.activity;
        // What is over by now is over before the next one begins, at both ends where both are ours.
        run_timers();
        if (serves_) serve_events(0);
      }
      run_timers();
      report();
      const std::size_t events = serve_events(more ? 0 : idle_time());
      report();
      if (more || events > 0) continue;
      record_.idle_in_round = round;
      if (next_due().value_or(barrier_) >= barrier_) record_.begun_before = barrier_;
    }
    report();
    record_.state = static_cast<std::uint32_t>(WorkerState::measured);
    for (;;) ::pause();
  }

 private:
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
    while (const auto timer = loop_.due_timer(std::min(loop_.now(), barrier_ - 1))) {
      ++record_.activity;
      if (timer->use == TimerUse::close_accepted || timer->use == TimerUse::paced_accept) {
        server_.on_timer(*timer);
      } else {
        client_.on_timer(*timer);
        server_.on_descriptor_freed();
      }
    }
  }

  // What this worker will do next by itself.
  std::optional<std::int64_t> next_due() {
    const auto timer = loop_.next_timer();
    const auto arrival = client_.next_arrival();
    if (timer && arrival) return std::min(*timer, *arrival);
    return timer ? timer : arrival;
  }

  std::int64_t idle_time() {
    const std::int64_t now = loop_.now();
    const std::int64_t due = next_due().value_or(now + longest_wait);
    // Held back by the barrier: the leader is about to lift it.
    if (due >= barrier_ && due - now < longest_wait) return held_back_look;
    return std::clamp<std::int64_t>(due - now, 0, longest_wait);
  }

  void report() { record_.unfinished = client_.unfinished() + (server_.unfinished() ? 1 : 0); }

  const SharedRecords& records_;
  WorkerRecord& record_;
  WorkerLoop loop_;
  bool serves_;
  ServerSide server_;
  ClientSide client_;
  std::int64_t barrier_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

int run_worker(const WorkerTask& task) {
  WorkerRecord& record = task.records->workers[task.record];
  const ProcessPlan& plan = task.plan->processes[task.process];
  const Process& configuration = task.plan->namespaces[plan.where].group->processes[plan.process];
  const HostGroup& host = *task.plan->namespaces[plan.where].group;
  ActingUser acting(host, configuration.uid);
  if (acting.trouble()) return give_up(record, acting.trouble()->text());
  acting.stay();
  if (task.absent) {
    auto held = hold_exactly({.nofile = plan.nofile, .own_descriptors = 1, .with_epoll = true}, {});
    if (!held) return give_up(record, held.error().text());
    Working(task, held->epoll, 1, {}).run();
    return 0;
  }
  std::vector<int> listeners;
  for (const std::size_t index : plan.listeners) {
    if (task.plan->listeners[index].opened_by_leader) {
      listeners.push_back(task.leader_listeners[index]);
      continue;
    }
    const ListenerPlan& listener = task.plan->listeners[index];
    auto opened = open_listener(*listener.listener, task.plan->namespaces[listener.where].group->settings);
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

// The phases of a run: build, start, look and sample until nothing is left to happen, settle, measure.
#include "live/run/run_driver.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "live/run/host_network.hpp"
#include "live/run/process_set.hpp"
#include "live/run/scenario_events.hpp"
#include "live/run/socket_sampler.hpp"
#include "live/sandbox/own_descriptors.hpp"

namespace netlimits::live {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t look_every = 5 * millisecond;
constexpr std::int64_t sample_every = 10 * millisecond;
constexpr std::int64_t measure_within = 10'000 * millisecond;
// Servers that are not ours look again at a full table of descriptors every half second (nginx).
constexpr std::int64_t settled_after = 1'200 * millisecond;
constexpr std::int64_t settle_within = 20'000 * millisecond;
constexpr int settle_look_us = 50'000;

class RunDriver {
 public:
  RunDriver(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
            const RunDriverOptions& options)
      : scenario_(scenario), plan_(plan), records_(records), options_(options) {}

  void run() {
    auto network = HostNetwork::build(scenario_, plan_);
    if (!network) return give_up(network.error().text());
    network_.emplace(std::move(*network));
    sampler_.emplace(scenario_, plan_, records_, *network_);
    processes_.emplace(scenario_, plan_, records_, *network_, options_.drawn,
                       options_.surroundings != nullptr ? *options_.surroundings : ProgramSurroundings{});
    if (has_user_programs(plan_)) {
      if (!options_.sees_processes) return give_up("a program can be watched only where the sandbox has its own /proc");
      if (auto made = UserProgram::make_directory(); !made) return give_up(made.error().text());
    }
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      if (auto started = processes_->start_host(where); !started) return give_up(started.error().text());
    }
    if (std::string said = processes_->await(WorkerState::ready, prepare_within); !said.empty()) return give_up(said);
    events_.emplace(scenario_, plan_, records_, *network_, *processes_,
                    [this] { static_cast<void>(sampler_->sample(now())); });
    records_.run().started_at = monotonic_nanoseconds();
    enter(Phase::running);
    while (!over()) {
      if (std::string said = processes_->trouble(); !said.empty()) return give_up(said);
      sample();
      const std::int64_t until = next_look();
      wait_while(never_, 0, std::chrono::nanoseconds(std::max<std::int64_t>(until - now(), 0)));
    }
    records_.run().ended_at = ended_at_.value_or(now());
    if (processes_->has_user_programs()) settle();
    enter(Phase::measuring);
    if (std::string said = processes_->await(WorkerState::measured, measure_within); !said.empty()) give_up(said);
    measure();
  }

 private:
  std::int64_t now() const { return monotonic_nanoseconds() - records_.run().started_at; }
  std::int64_t end() const { return scenario_.end->time_since_epoch().count(); }

  void enter(Phase phase) {
    records_.run().phase = static_cast<std::uint32_t>(phase);
    wake_all(records_.run().phase);
  }

  void give_up(const std::string& why) {
    if (records_.run().trouble.text().empty()) records_.run().trouble.set(why);
  }

  std::int64_t next_look() const {
    std::int64_t until = now() + look_every;
    if (const auto event = events_->next()) until = std::min(until, *event);
    if (scenario_.end) until = std::min(until, end());
    return until;
  }

  bool over() {
    if (auto done = events_->happen_until(scenario_.end ? std::min(now(), end()) : now()); !done) {
      give_up(done.error().text());
      return true;
    }
    const std::int64_t time = now();
    if (scenario_.end && time >= end()) {
      processes_->await_beginnings_before(end(), begin_within);
      ended_at_ = end();
      return true;
    }
    if (time >= options_.at_most.count()) {
      records_.run().out_of_time = 1;
      return true;
    }
    if (!nothing_left(time)) return false;
    if (!scenario_.end) {
      ended_at_ = *quiet_since_;
      return true;
    }
    // Until its end the scenario has nothing but TIME_WAIT entries to wait for.
    if (auto left = sampler_->sample(time); left && *left == 0) {
      ended_at_ = end();
      return true;
    }
    return false;
  }

  // Nothing is left to do when every worker says so in two rounds of asking and none did anything between them: what
  // one does can be the other's next event.
  bool nothing_left(std::int64_t time) {
    const ProcessSet::Standing standing = processes_->standing();
    if (standing.unfinished + events_->pending() > 0) {
      quiet_since_.reset();
      return false;
    }
    const bool first = !quiet_since_;
    if (first) quiet_since_ = time;
    if (!first && !standing.all_answered) return false;
    const bool same = !first && activity_of_round_ == standing.activity;
    activity_of_round_ = first ? std::nullopt : std::optional(standing.activity);
    ++records_.run().round;
    return same;
  }

  void sample() {
    const std::int64_t time = now();
    if (time < next_sample_) return;
    static_cast<void>(sampler_->sample(time));
    if (processes_->has_user_programs()) processes_->look_at_user_programs();
    // At most a twentieth of the time is spent on looking.
    next_sample_ = now() + std::max(sample_every, 20 * (now() - time));
  }

  // Programs that are not ours do not say when they are done: until nothing changes any more.
  void settle() {
    const std::int64_t until = now() + settle_within;
    std::int64_t since = now();
    std::uint64_t last = processes_->look_at_user_programs();
    while (now() - since < settled_after && now() < until) {
      ::usleep(settle_look_us);
      const std::uint64_t mark = processes_->look_at_user_programs();
      if (mark != last) since = now();
      last = mark;
    }
    processes_->note_program_output();
  }

  void measure() {
    if (auto done = sampler_->sample(records_.run().ended_at); !done) give_up(done.error().text());
    if (!network_->balances()) return;
    auto counts = network_->back_end_counts();
    if (!counts) return give_up(counts.error().text());
    std::size_t index = 0;
    for (const auto& of_balancer : *counts) {
      for (const std::uint64_t count : of_balancer) records_.back_ends[index++].connections = count;
    }
  }

  const Scenario& scenario_;
  const RunPlan& plan_;
  const SharedRecords& records_;
  const RunDriverOptions& options_;
  std::optional<HostNetwork> network_;
  std::optional<SocketSampler> sampler_;
  std::optional<ProcessSet> processes_;
  std::optional<ScenarioEvents> events_;
  std::int64_t next_sample_ = sample_every;
  std::optional<std::int64_t> quiet_since_;
  std::optional<std::uint64_t> activity_of_round_;  // in all when the round before was answered
  std::optional<std::int64_t> ended_at_;
  std::atomic<std::uint32_t> never_{0};
};

}  // namespace

void drive_run(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
               const RunDriverOptions& options) {
  rlimit limit{hard_descriptor_limit(), hard_descriptor_limit()};
  ::setrlimit(RLIMIT_NOFILE, &limit);
  RunDriver(scenario, plan, records, options).run();
}

}  // namespace netlimits::live

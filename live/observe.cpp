#include "live/observe.hpp"

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "live/board.hpp"
#include "live/board_reading.hpp"
#include "live/cast.hpp"
#include "live/director.hpp"
#include "live/nft.hpp"
#include "live/own_descriptors.hpp"
#include "live/run_plan.hpp"
#include "live/running_kernel.hpp"
#include "live/sandbox.hpp"
#include "model/setting.hpp"

namespace netlimits::live {
namespace {

constexpr std::chrono::milliseconds progress_every{100};
// Windows of a workload that are counted; a scenario with more is counted as a whole.
constexpr std::uint64_t most_windows = 20'000;

// Why the scenario as a whole cannot be asked of this kernel.
std::optional<std::string> why_not(const Scenario& scenario) {
  for (const auto& [name, group] : scenario.hosts) {
    if (auto why = why_not_this_kernel(*group.profile, group.settings)) return name + ": " + *why;
    for (const auto& [setting, value] : group.set_by_scenario) {
      const auto info = setting_named("linux", setting);
      if (info && info->scope == SettingScope::host_wide)
        return fmt::format("{}: {} is one value for the whole machine and is not changed", name, setting);
    }
  }
  for (const Event& event : scenario.events) {
    const auto* change = std::get_if<SettingChange>(&event.what);
    if (change == nullptr) continue;
    const auto info = setting_named("linux", change->name);
    if (info && info->scope != SettingScope::per_namespace)
      return fmt::format("{}: {} is one value for the whole machine and is not changed", change->host, change->name);
  }
  if (!scenario.balancers.empty() && !nft_exists()) return "a balancer needs the program nft, which is not installed";
  return std::nullopt;
}

std::uint64_t back_ends_of(const Scenario& scenario) {
  std::uint64_t count = 0;
  for (const auto& [name, balancer] : scenario.balancers) count += balancer.back_ends.size();
  return count;
}

std::size_t windows_of(const Scenario& scenario, const ObserveOptions& options) {
  if (!scenario.window || *scenario.window <= Duration::zero()) return 0;
  const Duration span = scenario.end ? scenario.end->time_since_epoch() : options.at_most;
  const auto windows = static_cast<std::uint64_t>(span / *scenario.window) + 2;
  return windows <= most_windows ? windows : 0;
}

void wait_for(Sandbox& sandbox, const Scenario& scenario, const Board& board, const ObserveOptions& options) {
  // The leader bounds itself; this bound is for a leader that hangs.
  const std::int64_t end = monotonic_nanoseconds() + options.at_most.count() + 120'000'000'000;
  ObserveProgress progress;
  for (const auto& [name, workload] : scenario.workloads) progress.asked += workload.connections;
  while (!sandbox.wait(progress_every)) {
    if (monotonic_nanoseconds() > end) {
      board.run().trouble.set("the sandbox did not end in time");
      sandbox.kill();
    }
    if (!options.progress) continue;
    const std::int64_t started = board.run().started_at;
    progress.elapsed = Duration(started == 0 ? 0 : monotonic_nanoseconds() - started);
    progress.attempted = 0;
    for (const WorkloadRecord& each : board.workloads.all()) progress.attempted += each.attempted;
    options.progress(progress);
  }
}

}  // namespace

Observation observe(const Scenario& scenario, const ObserveOptions& options) {
  Observation observation;
  observation.kernel = kernel_release();
  const auto not_possible = [&](std::string why) {
    observation.undetermined.push_back({"", std::move(why)});
    return observation;
  };
  if (auto why = why_not(scenario)) return not_possible(std::move(*why));
  auto plan = plan_run(scenario, hard_descriptor_limit(), options.stand_ins);
  if (!plan) return not_possible(plan.error());
  observation.remarks = plan->remarks;
  auto board = Board::of({.workers = Cast::records(scenario, *plan),
                          .workloads = plan->workloads.size(),
                          .listeners = plan->listeners.size(),
                          .namespaces = plan->namespaces.size(),
                          .back_ends = back_ends_of(scenario),
                          .windows = windows_of(scenario, options),
                          .stand_ins = options.stand_ins.size()});
  if (!board) return not_possible(board.error().text());
  auto sandbox = Sandbox::start([&](const SandboxFacts& facts) {
    direct(scenario, *plan, *board,
           {.at_most = options.at_most, .sees_processes = facts.fresh_proc, .drawn = &options.drawn});
    return 0;
  });
  if (!sandbox) return not_possible(sandbox.error().why);
  wait_for(*sandbox, scenario, *board, options);
  if (const std::string trouble = board->run().trouble.text(); !trouble.empty()) return not_possible(trouble);
  if (sandbox->wait() != 0) return not_possible(fmt::format("the sandbox ended with code {}", *sandbox->wait()));
  if (board->run().out_of_time != 0)
    return not_possible(
        fmt::format("it was not over after {} s of real time", options.at_most / std::chrono::seconds(1)));
  std::istringstream remarks(board->run().remarks.text());
  for (std::string line; std::getline(remarks, line);) observation.remarks.push_back(line);
  observation.ran = true;
  read_board(scenario, *plan, *board, observation);
  return observation;
}

}  // namespace netlimits::live

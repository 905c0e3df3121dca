// A point is the scenario with its values; threads take the next one that is left, and rows are put in order at the
// end.
#include "cli/sweep/sweep_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/progress_line.hpp"
#include "report/forms/number_text.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::cli {
namespace {

using report::SweepRow;
using report::SweepTable;
using report::SweptBy;

class SweepCrew {
 public:
  SweepCrew(const SweepWork& work, SweepTable& table) : work_(work), table_(table) {
    std::set<std::size_t> there;
    for (const SweepRow& row : table.rows) there.insert(row.point);
    for (std::size_t point = 0; point < table.question.points(); ++point) {
      if (table.question.shard.has(point) && !there.contains(point)) left_.push_back(point);
    }
  }

  tl::expected<void, std::string> run() {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    const std::size_t crew = std::min(work_.jobs, std::max<std::size_t>(1, left_.size()));
    running_ = crew;
    for (std::size_t i = 0; i < crew; ++i) threads.emplace_back([this] { take_points(); });
    {
      ProgressLine line;
      std::unique_lock lock(mutex_);
      while (!ended_.wait_for(lock, std::chrono::milliseconds(100), [&] { return running_ == 0; }))
        line.show(progress(std::chrono::steady_clock::now() - begin));
    }
    for (std::thread& thread : threads) thread.join();
    if (thrown_) std::rethrow_exception(thrown_);
    if (wrong_) return tl::unexpected(wrong_->second);
    std::sort(table_.rows.begin(), table_.rows.end(),
              [](const SweepRow& a, const SweepRow& b) { return a.point < b.point; });
    return {};
  }

 private:
  // "1,200 of 10,000 points, 950 a second, 9 s left"
  std::string progress(std::chrono::steady_clock::duration spent) const {
    const auto milliseconds = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(spent).count()));
    const std::uint64_t rate = finished_ * 1000 / milliseconds;
    const std::uint64_t to_do = left_.size() - finished_;
    const std::string when = rate == 0 ? std::string("some time") : fmt::format("{} s", to_do / rate + 1);
    return fmt::format("{} of {} points, {} a second, {} left", report::grouped(finished_),
                       report::grouped(left_.size()), report::grouped(rate), when);
  }

  void take_points() {
    try {
      take_all();
    } catch (...) {
      // A defect, or no memory: told as the program's own, in the thread that waits.
      const std::lock_guard lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) ended_.notify_all();
  }

  void take_all() {
    while (const auto point = next()) {
      auto cells = cells_at(*point);
      const std::lock_guard lock(mutex_);
      ++finished_;
      if (!cells) {
        fail(*point, std::move(cells.error()));
        continue;
      }
      table_.rows.push_back({*point, std::move(*cells)});
      if (work_.done != nullptr && !work_.done->add(table_.rows.back()))
        fail(*point, "netlimits: the file of --resume cannot be written");
    }
  }

  // Points are taken in order, so that all before a wrong one have been taken, too: the first that is wrong is told,
  // whichever thread was faster.
  std::optional<std::size_t> next() {
    const std::lock_guard lock(mutex_);
    if (wrong_ || thrown_ || taken_ == left_.size()) return std::nullopt;
    return left_[taken_++];
  }
  void fail(std::size_t point, std::string why) {
    if (!wrong_ || point < wrong_->first) wrong_ = std::pair(point, std::move(why));
  }

  tl::expected<report::SweepCells, std::string> cells_at(std::size_t point) const {
    const SweepArguments& arguments = *work_.arguments;
    scenarios::LoadOptions options{.overrides = arguments.scenario.overrides, .seed = arguments.scenario.seed};
    const auto values = table_.question.values_at(point);
    std::vector<std::string> varied;
    for (std::size_t i = 0; i < values.size(); ++i)
      varied.push_back(fmt::format("{}={}", table_.question.varied[i].pointer, values[i]));
    options.overrides.insert(options.overrides.end(), varied.begin(), varied.end());
    const std::string name = display_name(arguments.scenario.files.front());
    auto scenario = scenarios::load_scenario(*work_.text, name, *work_.profiles, options);
    if (!scenario) return tl::unexpected(scenarios::text_of(scenario.error()));
    if (table_.question.by == SweptBy::capacity) return report::cells_of(analysis::capacity(*scenario));
    return runs_of(*scenario, fmt::format("{} with {}", name, fmt::join(varied, ", ")));
  }

  tl::expected<report::SweepCells, std::string> runs_of(Scenario& scenario, const std::string& name) const {
    const RunBounds& bounds = work_.arguments->bounds;
    if (const auto refused = refused_before_run(scenario, bounds, name)) return tl::unexpected(*refused);
    std::vector<RunResult> runs;
    const std::uint64_t seed = scenario.seed;
    for (std::uint64_t i = 0; i < table_.question.replications; ++i) {
      scenario.seed = seed + i;
      auto run = replay_within(scenario, bounds, name);
      if (!run) return tl::unexpected(run.error());
      runs.push_back(std::move(*run));
    }
    return report::cells_of(runs);
  }

  const SweepWork& work_;
  SweepTable& table_;
  std::vector<std::size_t> left_{};
  std::mutex mutex_{};
  std::condition_variable ended_{};
  std::size_t taken_ = 0;
  std::size_t finished_ = 0;
  std::size_t running_ = 0;
  std::exception_ptr thrown_{};
  std::optional<std::pair<std::size_t, std::string>> wrong_{};  // the first, and what to print
};

}  // namespace

tl::expected<void, std::string> work_out(const SweepWork& work, SweepTable& table) {
  return SweepCrew(work, table).run();
}

}  // namespace netlimits::cli

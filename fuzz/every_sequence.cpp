// Threads take first calls from one list and walk depth first through all that follows each; what they find is put in
// order at the end.
#include "fuzz/every_sequence.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fuzz/call_sequence.hpp"
#include "fuzz/crew.hpp"

namespace netlimits::fuzz {
namespace {

// What begins with one first call: the share of one thread at a time.
struct Task {
  std::size_t part = 0;
  CallSequence sequence;
  std::size_t calls_left = 0;  // after `sequence`
};

struct TaskResult {
  FuzzResult found;
  std::uint64_t sequences = 0;
  std::uint64_t alike = 0;
};

std::string text_of(const Script& script) {
  std::string text;
  for (const Step& step : script.steps)
    text += fmt::format("{} {} {} {} {} {} {} {};", name_of(step.call), step.as, step.socket, step.domain, step.option,
                        fmt::join(step.value, " "), step.address, step.port);
  return text;
}

class SequenceWalk {
 public:
  SequenceWalk(const SequenceOptions& options, std::span<const FuzzEngines> engines)
      : options_(options), engines_(engines) {}

  SequenceResult go() {
    result_.length = options_.length;
    for (const SequenceWorld& world : sequence_worlds())
      for (const Beginning& beginning : beginnings()) add_tasks(world, beginning);
    results_.resize(tasks_.size());
    // options.stop may leave by an exception.
    work_together(engines_, ended_, [this](const FuzzEngines& engines, bool in_front) { work(engines, in_front); });
    for (std::size_t index = 0; index < tasks_.size(); ++index) merge(tasks_[index], results_[index]);
    std::uint64_t number = 0;
    for (Disagreement& found : result_.found.disagreements) found.number = ++number;
    result_.ended_early = ended_;
    return std::move(result_);
  }

 private:
  void add_tasks(const SequenceWorld& world, const Beginning& beginning) {
    const bool from_nothing = beginning.calls.empty();
    const std::size_t length = from_nothing ? options_.length : options_.length - 1;
    result_.parts.push_back({std::string(world.name), std::string(beginning.name), length, 0, 0});
    if (length == 0) return;
    CallSequence start(world, from_nothing);
    for (const PlannedCall& call : beginning.calls) {
      start = start.with(call);
      start.note(engines_.front().model(start.script(), {}, nullptr));
    }
    for (const PlannedCall& call : start.next())
      tasks_.push_back({result_.parts.size() - 1, start.with(call), length - 1});
  }

  void work(const FuzzEngines& engines, bool in_front) {
    for (std::size_t index = next_++; index < tasks_.size() && !ended_; index = next_++) {
      const Task& task = tasks_[index];
      visit(task.sequence, task.calls_left, engines, results_[index], in_front);
    }
  }

  void visit(CallSequence sequence, std::size_t calls_left, const FuzzEngines& engines, TaskResult& result,
             bool in_front) {
    if (in_front && options_.stop && options_.stop()) ended_ = true;
    if (ended_) return;
    const Script script = sequence.script();
    if (sequence.stands_for_itself()) {
      const ComparedRuns comparison = agreeing_comparison(script, engines, result);
      ++result.sequences;
      sequences_ += 1;
      if (!comparison.ran || comparison.difference) return;
      count(comparison, result.found);
      calls_ += comparison.kernel.steps.size();
      sequence.note(comparison.kernel);
    } else {
      ++result.alike;
      sequence.note(engines.model(script, {}, nullptr));
    }
    if (in_front && options_.progress) options_.progress(sequences_, calls_);
    if (calls_left == 0 || !sequence.goes_on()) return;
    for (const PlannedCall& call : sequence.next())
      visit(sequence.with(call), calls_left - 1, engines, result, in_front);
  }

  // A comparison without a difference, or the difference has been recorded.
  ComparedRuns agreeing_comparison(const Script& script, const FuzzEngines& engines, TaskResult& result) {
    ComparedRuns comparison = compare(script, engines);
    if (!comparison.ran) {
      if (result.found.not_run++ == 0)
        result.found.why_not_run =
            comparison.kernel.not_run.empty() ? comparison.model.not_run : comparison.kernel.not_run;
      return comparison;
    }
    if (!comparison.difference) return comparison;
    if (auto found = settle(script, engines)) {
      record(std::move(*found), result);
      return comparison;
    }
    result.found.unsteady.push_back(result.sequences);  // counted within the task; merge() counts on
    constexpr int patience = 10;
    for (int i = 0; i < patience && comparison.difference; ++i) comparison = compare(script, engines);
    return comparison;
  }

  void record(Disagreement found, TaskResult& result) {
    const std::lock_guard lock(mutex_);
    if (!known_.insert(text_of(found.script)).second) return;
    result.found.disagreements.push_back(std::move(found));
    if (known_.size() >= options_.most_disagreements) ended_ = true;
  }

  void merge(const Task& task, TaskResult& result) {
    SequencePart& part = result_.parts[task.part];
    part.sequences += result.sequences;
    part.alike += result.alike;
    FuzzResult& sum = result_.found;
    for (const std::uint64_t number : result.found.unsteady) sum.unsteady.push_back(sum.cases + number);
    sum.cases += result.sequences;
    sum.calls += result.found.calls;
    sum.not_run += result.found.not_run;
    if (sum.why_not_run.empty()) sum.why_not_run = result.found.why_not_run;
    for (std::size_t rule = 0; rule < most_rules; ++rule) sum.rules[rule] += result.found.rules[rule];
    for (const auto& [name, times] : result.found.results) sum.results[name] += times;
    for (Disagreement& found : result.found.disagreements) sum.disagreements.push_back(std::move(found));
  }

  const SequenceOptions& options_;
  std::span<const FuzzEngines> engines_;
  std::vector<Task> tasks_;
  std::vector<TaskResult> results_;
  SequenceResult result_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::uint64_t> sequences_ = 0;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  std::set<std::string> known_;  // the disagreements so far
};

}  // namespace

SequenceResult every_sequence(const SequenceOptions& options, std::span<const FuzzEngines> engines) {
  return SequenceWalk(options, engines).go();
}

}  // namespace netlimits::fuzz

// Hands case numbers out to threads, and tells what they found in the order of the cases.
#include "fuzz/random_fuzz.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/crew.hpp"
#include "fuzz/port_choice_tally.hpp"

namespace netlimits::fuzz {
namespace {

// What a case leaves behind that has to wait for the cases before it.
struct Outcome {
  std::vector<PortChoice> choices{};  // of the model, which agreed
  bool unsteady = false;
  std::optional<Disagreement> found{};
};

class CaseLoop {
 public:
  CaseLoop(const FuzzOptions& options, std::span<const FuzzEngines> engines) : options_(options), engines_(engines) {
    result_.seed = options.seed;
  }

  FuzzResult go() {
    // options.stop may leave by an exception.
    work_together(engines_, ended_, [this](const FuzzEngines& engines, bool in_front) { work(engines, in_front); });
    return std::move(result_);
  }

 private:
  void work(const FuzzEngines& engines, bool in_front) {
    while (!ended_) {
      if (in_front && options_.stop && options_.stop()) {
        ended_ = true;
        return;
      }
      const std::uint64_t at = next_++;
      if (at >= options_.cases) return;
      try_case(at, engines);
      if (!in_front || !options_.progress) continue;
      const std::lock_guard lock(mutex_);
      options_.progress(result_.cases, result_.calls);
    }
  }

  void try_case(std::uint64_t at, const FuzzEngines& engines) {
    const Script script = random_script(options_.seed, options_.first_case + at, options_.generator);
    ComparedRuns comparison = compare(script, engines);
    Outcome outcome;
    if (comparison.ran && comparison.difference) {
      outcome.found = settle(script, engines);
      outcome.unsteady = !outcome.found;
    }
    const std::lock_guard lock(mutex_);
    ++result_.cases;
    if (comparison.ran) {
      count(comparison, result_);
      if (!comparison.difference) outcome.choices = std::move(comparison.model.choices);
    } else if (result_.not_run++ == 0) {
      result_.why_not_run = comparison.kernel.not_run.empty() ? comparison.model.not_run : comparison.kernel.not_run;
    }
    waiting_.emplace(at, std::move(outcome));
    for (auto next = waiting_.find(told_); next != waiting_.end(); next = waiting_.find(told_)) {
      tell(std::move(next->second));
      waiting_.erase(next);
    }
  }

  // Of the case after the last one that was told.
  void tell(Outcome outcome) {
    const std::uint64_t number = options_.first_case + told_++;
    if (result_.disagreements.size() >= options_.most_disagreements) return;
    if (outcome.unsteady) result_.unsteady.push_back(number);
    for (NeverTakenPort& port : tally_.add(outcome.choices, number)) result_.never_taken.push_back(std::move(port));
    if (!outcome.found) return;
    outcome.found->number = number;
    result_.disagreements.push_back(std::move(*outcome.found));
    if (result_.disagreements.size() >= options_.most_disagreements) ended_ = true;
  }

  const FuzzOptions& options_;
  std::span<const FuzzEngines> engines_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;  // of all below
  FuzzResult result_;
  PortChoiceTally tally_;
  std::map<std::uint64_t, Outcome> waiting_;
  std::uint64_t told_ = 0;
};

}  // namespace

FuzzResult fuzz_scripts(const FuzzOptions& options, std::span<const FuzzEngines> engines) {
  return CaseLoop(options, engines).go();
}

}  // namespace netlimits::fuzz

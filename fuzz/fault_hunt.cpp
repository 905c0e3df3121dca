// Hunt runs one case on the kernel, then on every faulty model that is still at large, and repeats what looks noticed.
#include "fuzz/fault_hunt.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/followed_run.hpp"
#include "fuzz/port_choice_tally.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::fuzz {
namespace {

// A fault that is still at large.
struct Suspect {
  std::size_t number;
  sim::ModelScriptRunner model;
  PortChoiceTally choices;
};

class Hunt {
 public:
  using Kernel = std::function<ScriptRun(const Script&)>;
  using Difference = std::function<std::optional<std::size_t>(const ScriptRun&, const ScriptRun&)>;

  Hunt(const FaultHuntOptions& options, std::span<const PlantedFault> faults, const Kernel& kernel,
       const Difference& difference)
      : options_(options), kernel_(kernel), difference_(difference), right_model_(options.right) {
    result_.seed = options.seed;
    for (const PlantedFault& fault : faults) {
      HuntedFault& hunted = result_.faults.emplace_back();
      hunted.name = fault.name;
      hunted.believes = fault.believes;
      if (fault.several_users && !options.several_users) {
        hunted.why_not_run = "the kernel gives this program one user only";
        continue;
      }
      at_large_.push_back({result_.faults.size() - 1, sim::ModelScriptRunner(fault.rules), {}});
    }
  }

  FaultHuntResult run() {
    for (std::uint64_t number = 0; number < options_.cases && !at_large_.empty(); ++number) {
      if (options_.stop && options_.stop()) break;
      run_case(number);
      if (options_.progress) options_.progress(result_.cases, at_large_.size());
    }
    return std::move(result_);
  }

 private:
  void run_case(std::uint64_t number) {
    ++result_.cases;
    const Script script = random_script(options_.seed, number, options_.generator);
    const ScriptRun seen = kernel_(script);
    if (!seen.not_run.empty()) return leave_out(seen.not_run);
    const FollowedRun right = followed(right_model_, script, seen);
    if (!right.model.not_run.empty()) return leave_out(right.model.not_run);
    if (right.difference) return leave_out("the model itself differs in case " + std::to_string(number));
    std::erase_if(at_large_, [&](Suspect& suspect) { return noticed(suspect, script, seen, number); });
  }

  FollowedRun followed(const sim::ModelScriptRunner& model, const Script& script, const ScriptRun& seen) const {
    return follow(
        seen, [&](const std::shared_ptr<GroupDraws>& draws) { return model.run(script, &seen, false, draws); },
        difference_);
  }

  void leave_out(const std::string& why) {
    if (result_.left_out++ == 0) result_.why_left_out = why;
  }

  bool noticed(Suspect& suspect, const Script& script, const ScriptRun& seen, std::uint64_t number) {
    const FollowedRun run = followed(suspect.model, script, seen);
    HuntedFault& fault = result_.faults[suspect.number];
    if (!run.difference) {
      const auto never_taken = suspect.choices.add(run.model.choices, number);
      if (never_taken.empty()) return false;
      fault.never_taken = never_taken.front();
    } else {
      if (!shows_steadily(suspect, script)) return false;
      describe(fault, suspect, script);
    }
    fault.cases = number + 1;
    return true;
  }

  void describe(HuntedFault& fault, const Suspect& suspect, const Script& script) {
    fault.drawn_steps = script.steps.size();
    fault.script = script;
    if (options_.shrink)
      fault.script = shrink(script, [&](const Script& candidate) { return shows_steadily(suspect, candidate); });
    const ScriptRun seen = kernel_(fault.script);
    const FollowedRun run = followed(suspect.model, fault.script, seen);
    const std::size_t at = run.difference.value_or(0);
    if (at < seen.steps.size()) fault.kernel = seen.steps[at].result;
    if (at < run.model.steps.size()) fault.model = run.model.steps[at].result;
  }

  // A busy machine can make any model differ once: the right one has to agree each time as well.
  bool shows_steadily(const Suspect& suspect, const Script& script) {
    constexpr int repetitions = 3;
    for (int i = 0; i < repetitions; ++i) {
      const ScriptRun seen = kernel_(script);
      if (!seen.not_run.empty()) return false;
      if (followed(right_model_, script, seen).difference) return false;
      if (!followed(suspect.model, script, seen).difference) return false;
    }
    return true;
  }

  const FaultHuntOptions& options_;
  const Kernel& kernel_;
  const Difference& difference_;
  const sim::ModelScriptRunner right_model_;
  std::vector<Suspect> at_large_;
  FaultHuntResult result_;
};

}  // namespace

FaultHuntResult hunt_faults(
    const FaultHuntOptions& options, std::span<const PlantedFault> faults,
    const std::function<ScriptRun(const Script&)>& kernel,
    const std::function<std::optional<std::size_t>(const ScriptRun&, const ScriptRun&)>& difference) {
  return Hunt(options, faults, kernel, difference).run();
}

}  // namespace netlimits::fuzz

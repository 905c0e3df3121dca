// First all cases, several at a time; then what differed, again, one after another on a machine that is quieter.
#include "fuzz/scenarios/kernel_hunt.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "fuzz/scenarios/scenario_shrinker.hpp"

namespace netlimits::fuzz {
namespace {

struct Suspect {
  std::uint64_t number = 0;
  Trial trial{};
};

std::set<std::string> figures_asked(const Trial& trial) {
  std::set<std::string> figures;
  for (const FigureThatDiffers& one : trial.differs) figures.insert(one.figure);
  return figures;
}

class Hunt {
 public:
  Hunt(const KernelHuntOptions& options, const KernelTrials& kernel) : options_(options), kernel_(kernel) {
    result_.seed = options.seed;
    result_.asked = options.cases;
    result_.shrunk = options.shrink_trials > 0;
  }

  KernelHuntResult run() {
    for (std::uint64_t begun = 0; begun < options_.cases || under_way_ > 0;) {
      const bool enough = suspects_.size() >= 4 * options_.most_findings || stopped();
      if (!enough && begun < options_.cases && under_way_ < options_.jobs) {
        const std::uint64_t number = options_.first_case + begun++;
        ++under_way_;
        kernel_.begin(number, scenario_of(number));
        continue;
      }
      if (under_way_ == 0) break;
      KernelTrials::Ended ended = kernel_.wait();
      --under_way_;
      count(ended.number, std::move(ended.trial));
    }
    std::sort(suspects_.begin(), suspects_.end(),
              [](const Suspect& a, const Suspect& b) { return a.number < b.number; });
    for (const Suspect& suspect : suspects_) {
      if (result_.findings.size() < options_.most_findings && !stopped())
        settle(suspect);
      else
        result_.not_repeated.push_back(suspect.number);
    }
    return std::move(result_);
  }

 private:
  Scenario scenario_of(std::uint64_t number) const {
    return random_scenario(options_.seed, number, options_.generator);
  }

  bool stopped() {
    stopped_ = stopped_ || (options_.stop && options_.stop());
    return stopped_;
  }

  void count(std::uint64_t number, Trial trial) {
    ++result_.cases;
    result_.checks += trial.checks;
    if (!trial.not_asked.empty()) {
      ++result_.cases_not_asked;
      trial.not_determined.emplace(trial.not_asked, 0);
    }
    if (!trial.not_determined.empty()) ++result_.cases_not_determined;
    for (const auto& [why, checks] : trial.not_determined) {
      ++result_.not_determined[why];
      result_.checks_not_determined += checks;
    }
    if (!trial.differs.empty()) suspects_.push_back({number, std::move(trial)});
    if (options_.progress) options_.progress(result_.cases, suspects_.size());
  }

  Trial again(const Scenario& scenario) {
    kernel_.begin(0, scenario);
    return kernel_.wait().trial;
  }

  void settle(const Suspect& suspect) {
    Scenario scenario = scenario_of(suspect.number);
    std::set<std::string> figures = figures_asked(suspect.trial);
    Trial last = suspect.trial;
    for (std::uint32_t i = 0; i < options_.repetitions && !figures.empty(); ++i) {
      last = again(scenario);
      const std::set<std::string> now = figures_asked(last);
      std::erase_if(figures, [&](const std::string& figure) { return !now.contains(figure); });
    }
    if (figures.empty()) {
      result_.unsteady.push_back(suspect.number);
      return;
    }
    const std::string& figure = *figures.begin();
    std::uint64_t left = options_.shrink_trials;
    // Twice: what differs now and then only would lead the shrinking astray.
    scenario = shrink(std::move(scenario), [&](const Scenario& candidate) {
      if (!kernel_.can_be_read(candidate)) return false;
      for (int times = 0; times < 2; ++times) {
        if (left == 0 || stopped()) return false;
        --left;
        Trial trial = again(candidate);
        if (!figures_asked(trial).contains(figure)) return false;
        last = std::move(trial);
      }
      return true;
    });
    result_.findings.push_back({suspect.number, std::move(scenario), std::move(last.differs)});
  }

  const KernelHuntOptions& options_;
  const KernelTrials& kernel_;
  KernelHuntResult result_;
  std::vector<Suspect> suspects_;
  std::size_t under_way_ = 0;
  bool stopped_ = false;
};

}  // namespace

KernelHuntResult hunt_on_kernel(const KernelHuntOptions& options, const KernelTrials& kernel) {
  return Hunt(options, kernel).run();
}

}  // namespace netlimits::fuzz

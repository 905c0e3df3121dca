// Random scenarios on a kernel, beside what the simulation predicts of them: what differs is tried again, and shrunk
// when it does not go away.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fuzz/scenarios/scenario_generator.hpp"

namespace netlimits::fuzz {

// A figure that the kernel showed otherwise than it was predicted.
struct FigureThatDiffers {
  std::string figure{};  // what it is, whoever it belongs to: "established", "accepted"
  std::string what{};    // whose, what was predicted and what was observed
};

// One scenario, predicted and observed once.
struct Trial {
  std::uint64_t checks = 0;
  std::vector<FigureThatDiffers> differs{};
  std::map<std::string, std::uint64_t> not_determined{};  // checks, by the reason why they tell nothing
  std::string not_asked{};                                // why the kernel could not run it at all; empty: it ran
};

// Scenarios that run on a kernel at the same time. A kernel takes its time: whoever asks has several under way.
struct KernelTrials {
  // Does the loader take it? Nothing else is begun: what shrinking tries may have names that lead nowhere.
  std::function<bool(const Scenario&)> can_be_read{};
  // The number is the caller's, to know the trial by.
  std::function<void(std::uint64_t number, const Scenario& scenario)> begin{};
  // Waits for one that is over. Requires: one is under way.
  struct Ended {
    std::uint64_t number = 0;
    Trial trial{};
  };
  std::function<Ended()> wait{};
};

struct KernelFinding {
  std::uint64_t number = 0;                  // of the case
  Scenario scenario{};                       // shrunk, as far as the trials went
  std::vector<FigureThatDiffers> differs{};  // in the last trial of the shrunk one
};

struct KernelHuntOptions {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::uint64_t cases = 1000;
  std::size_t most_findings = 10;    // stop after so many
  std::size_t jobs = 2;              // trials at the same time
  std::uint32_t repetitions = 3;     // a figure that differs in each of so many further trials is no matter of a moment
  std::uint64_t shrink_trials = 60;  // for one finding
  ScenarioOptions generator{};
  std::function<bool()> stop{};  // asked before each case; true ends the run early
  std::function<void(std::uint64_t cases, std::size_t suspects)> progress{};
};

struct KernelHuntResult {
  std::uint64_t seed = 0;
  std::uint64_t asked = 0;  // cases that were to be tried
  std::uint64_t cases = 0;  // that were: time was up, or there were findings enough
  bool shrunk = false;      // are the findings made small, or as they were drawn?
  std::uint64_t checks = 0;
  std::uint64_t checks_not_determined = 0;
  std::uint64_t cases_not_determined = 0;                 // of which the kernel told nothing, or not every figure
  std::uint64_t cases_not_asked = 0;                      // of those: nothing
  std::map<std::string, std::uint64_t> not_determined{};  // cases by the reason
  std::vector<std::uint64_t> unsteady{};      // cases that differed once, and not each time that they were repeated
  std::vector<std::uint64_t> not_repeated{};  // that differed once, and nobody tried again
  std::vector<KernelFinding> findings{};
};

KernelHuntResult hunt_on_kernel(const KernelHuntOptions& options, const KernelTrials& kernel);

}  // namespace netlimits::fuzz

// Random scripts on two executors, compared step by step; a disagreement is shrunk to a minimal script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/script.hpp"
#include "sim/script_generator.hpp"

namespace netlimits::sim {

// The executors, and how their runs are compared: sim/ knows neither the kernel nor the comparison.
struct FuzzEngines {
  std::function<ScriptRun(const Script&)> kernel{};
  std::function<ScriptRun(const Script&, const ScriptRun& kernel)> model{};  // follows the kernel's port choices
  // The first step at which they differ; nothing when they agree.
  std::function<std::optional<std::size_t>(const ScriptRun& kernel, const ScriptRun& model)> difference{};
};

struct FuzzOptions {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::uint64_t cases = 1000;
  std::size_t most_disagreements = 10;  // stop after so many
  GeneratorOptions generator{};
  // Asked before each case; true ends the run early (a time limit, an interrupt).
  std::function<bool()> stop{};
  std::function<void(std::uint64_t cases, std::uint64_t calls)> progress{};
};

struct Disagreement {
  std::uint64_t number = 0;  // of the case
  Script script{};           // shrunk
  std::size_t step = 0;
  std::string kernel{};
  std::string model{};
  std::string rule{};  // the model's
};

struct FuzzReport {
  std::uint64_t cases = 0;
  std::uint64_t calls = 0;
  std::uint64_t not_run = 0;   // cases that an executor could not run
  std::uint64_t unsteady = 0;  // differed once but not again: the machine, not the rules
  std::string why_not_run{};   // the first reason
  std::vector<Disagreement> disagreements{};
  std::map<std::string, std::uint64_t> rules{};    // reached in the model, with how often
  std::map<std::string, std::uint64_t> results{};  // "ok" and errno names, with how often
};

FuzzReport fuzz(const FuzzOptions& options, const FuzzEngines& engines);

// The shortest script found by dropping steps, settings and options of `script` that `still_differs` accepts.
// Requires: still_differs(script).
Script shrink(const Script& script, const std::function<bool(const Script&)>& still_differs);

}  // namespace netlimits::sim

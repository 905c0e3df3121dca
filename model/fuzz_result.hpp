// What a comparison of the model and a kernel on random socket scripts found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/rule.hpp"
#include "model/script.hpp"

namespace netlimits {

struct Disagreement {
  std::uint64_t number = 0;  // of the case
  Script script{};           // shrunk
  std::size_t step = 0;      // where they part
  std::string kernel{};
  std::string model{};
  std::string rule{};  // the model's
};

struct FuzzResult {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  std::uint64_t calls = 0;
  std::uint64_t not_run = 0;              // cases that an executor could not run
  std::vector<std::uint64_t> unsteady{};  // cases that differed once but not again: moments, not rules, decided
  std::string why_not_run{};              // the first reason
  std::vector<Disagreement> disagreements{};
  std::array<std::uint64_t, rule_count>
      rules{};  // by Rule: the cases in which the model says that it decided something
  std::map<std::string, std::uint64_t> results{};  // "ok" and errno names, with how often
};

}  // namespace netlimits

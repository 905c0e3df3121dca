// Do a scenario's claims hold for a result?
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

struct ExpectationResult {
  std::string name{};
  std::string pointer{};  // empty: of a limit, the capacity or a rate
  std::string limit{};    // of a limit: its name and place
  std::string place{};
  std::string relation{};  // "equals", "at_least", "at_most", "within", or the key of such a claim: "headroom_at_least"
  bool holds = false;
  std::string expected_json{};  // "28232", "\"ephemeral_ports\"", for `within` {"max":9,"min":5}
  std::string actual_json{};    // "null" when there is nothing at the pointer
  std::string why{};            // empty when it holds
};

// `run_json`: the result as run_json() prints it, or any part of it that the pointers lead into. A pointer that leads
// nowhere is a claim that does not hold. Requires: run_json is JSON. `capacity`: what claims on the capacity and on
// rates are judged by; null: those do not hold.
std::vector<ExpectationResult> evaluate(std::span<const Expectation> expectations, const std::string& run_json,
                                        const analysis::Capacity* capacity = nullptr);

}  // namespace netlimits::report

// netlimits fuzz --scenarios
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/fuzz/fuzz_command.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::cli {

// Asks no kernel. Exit 3 when a scenario breaks a law.
ExitCode fuzz_scenarios_command(const FuzzArguments& arguments);

constexpr std::uint64_t most_cases_for_a_wrong_engine = 2000;

// With --planted-faults.
ExitCode hunt_scenario_faults_command(const FuzzArguments& arguments);

}  // namespace netlimits::cli

// netlimits sweep SCENARIO --vary POINTER=RANGE [--vary POINTER=RANGE]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"
#include "report/sweep/sweep_table.hpp"

namespace netlimits::cli {

struct SweepArguments {
  ScenarioArguments scenario{};
  std::vector<std::string> varied{};
  report::SweptBy by = report::SweptBy::capacity;
  std::string figure{};  // that charts show; empty: the usual one
  std::uint64_t replications = 1;
  std::size_t jobs = 0;   // 0: as many as there are processors
  std::string shard{};    // "2/3", "auto", "auto/3"; empty: all of it
  std::string journal{};  // a file with the points that are done; empty: none
  RunBounds bounds{};
  OutputArguments output{};
};

ExitCode sweep_command(const SweepArguments& arguments);

// The forms that a sweep has.
const std::vector<Format>& sweep_formats();
// Writes the table in the form that is asked for. A figure that it has not is bad input.
ExitCode deliver_sweep(const report::SweepTable& table, const std::string& figure, const OutputArguments& output);

}  // namespace netlimits::cli

// netlimits fuzz
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

constexpr std::uint64_t usual_fuzz_cases = 1000;
constexpr std::uint64_t most_cases_for_a_fault = 20'000;
constexpr std::size_t most_fuzz_jobs = 8;

struct FuzzArguments {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::optional<std::uint64_t> cases{};
  std::optional<double> minutes{};
  std::string save_directory{};
  bool several_users = false;
  bool planted_faults = false;
  bool every = false;
  bool scenarios = false;
  bool kernel = false;  // with scenarios: the kernel is asked as well
  bool no_shrink = false;
  std::size_t length = 4;
  std::size_t jobs = 2;
  bool require_kernel = false;
  OutputArguments output{};
};

ExitCode fuzz_command(const FuzzArguments& arguments);

}  // namespace netlimits::cli

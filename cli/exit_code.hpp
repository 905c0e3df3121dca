// The exit codes of the contract, and which of two wins.
#pragma once

#include <array>

namespace netlimits::cli {

enum class ExitCode : int {
  holds = 0,          // everything asked for holds
  does_not_hold = 1,  // an expectation does not hold
  bad_input = 2,      // wrong usage, or an invalid scenario, profile, script or result file
  disagree = 3,       // the model and the kernel disagree
  no_kernel = 4,      // --require-kernel was given and the kernel could not be asked
  defect = 70,        // a defect of the program
  interrupted = 130,
};

// With several inputs the worst wins: 130, then in the order 70, 2, 3, 1, 4, 0.
inline ExitCode worse(ExitCode a, ExitCode b) {
  constexpr std::array order{ExitCode::interrupted,   ExitCode::defect,    ExitCode::bad_input, ExitCode::disagree,
                             ExitCode::does_not_hold, ExitCode::no_kernel, ExitCode::holds};
  for (const ExitCode code : order) {
    if (a == code || b == code) return code;
  }
  return ExitCode::defect;
}

}  // namespace netlimits::cli

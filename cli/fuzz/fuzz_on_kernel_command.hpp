// netlimits fuzz --scenarios --kernel
#pragma once

#include "cli/exit_code.hpp"
#include "cli/fuzz/fuzz_command.hpp"

namespace netlimits::cli {

ExitCode fuzz_on_kernel_command(const FuzzArguments& arguments);

}  // namespace netlimits::cli

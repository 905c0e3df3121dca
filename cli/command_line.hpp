// What a user may type: every command with its options, its help and its defaults.
//
// The only place that knows the library for it, which is long to read for a compiler; a command's own file has its
// arguments as a plain structure, and what it does.
#pragma once

#include "cli/exit_code.hpp"

namespace netlimits::cli {

// Does what the command line asks for. Wrong usage is said on standard error: ExitCode::bad_input.
ExitCode run_command_line(int argument_count, char** arguments);

}  // namespace netlimits::cli

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "cli/capacity_command.hpp"
#include "cli/exit_code.hpp"
#include "cli/fuzz_command.hpp"
#include "cli/probe_command.hpp"
#include "cli/profiles_command.hpp"
#include "cli/run_command.hpp"
#include "cli/schema_command.hpp"
#include "cli/script_command.hpp"
#include "cli/validate_command.hpp"
#include "live/interrupt.hpp"
#include "report/program_version.hpp"

namespace netlimits::cli {
namespace {

constexpr const char* introduction =
    "How many connections does this hold, what fails first, what fails next, and is that true on a real kernel?\n\n"
    "Example: netlimits run scenarios/outbound-exhaustion.json\n";

int run_program(int argument_count, char** arguments) {
  CLI::App app{introduction, "netlimits"};
  app.set_version_flag("--version", "netlimits " + std::string(report::program_version()));
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  ExitCode exit_code = ExitCode::holds;
  add_run_command(app, exit_code);
  add_capacity_command(app, exit_code);
  add_validate_command(app, exit_code);
  add_script_command(app, exit_code);
  add_probe_command(app, exit_code);
  add_profiles_command(app, exit_code);
  add_fuzz_command(app, exit_code);
  add_schema_command(app, exit_code);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& wrong_usage) {
    app.exit(wrong_usage, std::cout, std::cerr);
    return static_cast<int>(ExitCode::bad_input);
  }
  return static_cast<int>(exit_code);
}

}  // namespace
}  // namespace netlimits::cli

int main(int argument_count, char** arguments) {
  // Until a command has something to clean up.
  netlimits::live::exit_on_interrupts(static_cast<int>(netlimits::cli::ExitCode::interrupted));
  try {
    return netlimits::cli::run_program(argument_count, arguments);
  } catch (const netlimits::live::Interrupted&) {
    std::cerr << "netlimits: interrupted\n";
    return static_cast<int>(netlimits::cli::ExitCode::interrupted);
  } catch (const std::exception& defect) {
    std::cerr << "netlimits: defect of the program: " << defect.what() << "\n";
    return static_cast<int>(netlimits::cli::ExitCode::defect);
  }
}

// Prints the JSON schema of the scenario format.
#include "cli/schema_command.hpp"

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::cli {

ExitCode schema_command(const SchemaArguments& arguments) {
  const auto done = write_output(arguments.file, std::string(scenarios::scenario_schema()));
  if (done) return ExitCode::holds;
  complain("netlimits: " + done.error());
  return ExitCode::bad_input;
}

}  // namespace netlimits::cli

#include "cli/schema_command.hpp"

#include <iostream>
#include <memory>
#include <string>

#include "cli/files.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::cli {

void add_schema_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("schema",
                                         "The JSON Schema (draft-07) of the scenario format, for editors\n\n"
                                         "Example: netlimits schema --output scenario.schema.json");
  auto file = std::make_shared<std::string>();
  command->add_option("--output", *file, "Write the schema to this file")->type_name("FILE");
  command->callback([file, &exit_code] {
    const auto done = write_output(*file, std::string(scenarios::scenario_schema()));
    if (done) return;
    std::cerr << "netlimits: " << done.error() << "\n";
    exit_code = worse(exit_code, ExitCode::bad_input);
  });
}

}  // namespace netlimits::cli

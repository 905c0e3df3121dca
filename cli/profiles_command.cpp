#include "cli/profiles_command.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/files.hpp"
#include "cli/scenario_input.hpp"
#include "report/profile_report.hpp"

namespace netlimits::cli {
namespace {

struct Arguments {
  std::string name{};
  std::string profile_directory{};
  OutputArguments output{};
};

report::ProfileText shown(const OsProfile& profile) {
  report::ProfileText text{profile.name, profile.title, profile.based_on, {}};
  for (const scenarios::FigureText& figure : scenarios::figures_of(profile)) {
    text.figures.push_back({figure.key, figure.value, figure.provenance.source, figure.provenance.confidence});
  }
  return text;
}

ExitCode profiles(const Arguments& arguments) {
  const auto set = load_profiles(arguments.profile_directory);
  if (!set) {
    std::cerr << set.error() << "\n";
    return ExitCode::bad_input;
  }
  std::vector<report::ProfileText> texts;
  if (arguments.name.empty()) {
    for (const std::string& name : set->names()) texts.push_back(shown(*set->find(name)));
  } else {
    const auto profile = set->find(arguments.name);
    if (!profile) {
      std::cerr << "netlimits: no profile " << scenarios::in_quotes(arguments.name) << "; "
                << set->suggestion(arguments.name) << "\n";
      return ExitCode::bad_input;
    }
    texts.push_back(shown(*profile));
  }
  const bool one = !arguments.name.empty();
  const std::string written = arguments.output.format == "json" ? report::profiles_json(texts)
                              : one                             ? report::profile_text(texts.front())
                                                                : report::profile_list(texts);
  const auto done = write_output(arguments.output.file, written);
  if (done) return ExitCode::holds;
  std::cerr << "netlimits: " << done.error() << "\n";
  return ExitCode::bad_input;
}

}  // namespace

void add_profiles_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("profiles",
                         "The operating systems that a host can have, and every figure of one with its source\n\n"
                         "Example: netlimits profiles windows");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("name", arguments->name, "Profile; without it, the list");
  command->add_option("--profile-dir", arguments->profile_directory, "Directory with profiles of your own")
      ->type_name("DIR");
  add_output_arguments(*command, arguments->output, {"text", "json"});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, profiles(*arguments)); });
}

}  // namespace netlimits::cli

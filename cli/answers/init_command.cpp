// A template as it is, or a scenario around a host, which is read as a scenario before anybody gets it.
#include "cli/answers/init_command.hpp"

#include <fmt/format.h>

#include <tl/expected.hpp>

#include <utility>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/templates/templates.hpp"

namespace netlimits::cli {
namespace {

tl::expected<std::string, std::string> begun(const InitArguments& arguments) {
  if (arguments.host.empty()) {
    if (const auto text = scenarios::template_named(arguments.shape)) return std::string(*text);
    return tl::unexpected(fmt::format("netlimits: no case {}; {}", scenarios::in_quotes(arguments.shape),
                                      scenarios::suggestion(arguments.shape, scenarios::template_names())));
  }
  const auto host = read_input(arguments.host);
  if (!host) return tl::unexpected(host.error());
  auto text = scenarios::scenario_around_host(*host, display_name(arguments.host), arguments.to);
  if (!text) return tl::unexpected(scenarios::text_of(text.error()));
  const auto profiles = load_profiles(arguments.profile_directory);
  if (!profiles) return tl::unexpected(profiles.error());
  const auto scenario =
      scenarios::load_scenario(*text, fmt::format("the scenario around {}", display_name(arguments.host)), *profiles);
  if (!scenario) return tl::unexpected(scenarios::text_of(scenario.error()));
  return std::move(*text);
}

}  // namespace

ExitCode init_command(const InitArguments& arguments) {
  const auto text = begun(arguments);
  if (!text) {
    complain_of_lines(text.error());
    return ExitCode::bad_input;
  }
  const auto done = write_output(arguments.output, *text);
  if (done) return ExitCode::holds;
  complain("netlimits: " + done.error());
  return ExitCode::bad_input;
}

}  // namespace netlimits::cli

// Lists the profiles, or shows the figures of one.
#include "cli/profiles_command.hpp"

#include <fmt/format.h>

#include <string>

#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "report/profile_report.hpp"

namespace netlimits::cli {
namespace {

report::ProfileText shown(const OsProfile& profile) {
  return {profile.name, profile.title, profile.based_on, scenarios::figures_of(profile)};
}

}  // namespace

ExitCode profiles_command(const ProfilesArguments& arguments) {
  const auto set = load_profiles(arguments.profile_directory);
  if (!set) {
    complain_of_lines(set.error());
    return ExitCode::bad_input;
  }
  std::vector<report::ProfileText> texts;
  if (arguments.name.empty()) {
    for (const std::string& name : set->names()) texts.push_back(shown(*set->find(name)));
  } else {
    const auto profile = set->find(arguments.name);
    if (!profile) {
      complain(fmt::format("netlimits: no profile {}; {}", scenarios::in_quotes(arguments.name),
                           set->suggestion(arguments.name)));
      return ExitCode::bad_input;
    }
    texts.push_back(shown(*profile));
  }
  const bool one = !arguments.name.empty();
  const Forms forms{
      {Format::text, [&] { return one ? report::profile_text(texts.front()) : report::profile_list(texts); }},
      {Format::json, [&] { return report::profiles_json(texts); }}};
  return deliver(arguments.output, forms, ExitCode::holds);
}

}  // namespace netlimits::cli

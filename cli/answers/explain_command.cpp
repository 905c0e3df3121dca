// The list, or what the words name.
#include "cli/answers/explain_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "report/explanation_report.hpp"

namespace netlimits::cli {

ExitCode explain_command(const ExplainArguments& arguments) {
  const auto profiles = load_profiles(arguments.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  if (arguments.words.empty()) {
    const auto all = scenarios::explainable();
    const Forms forms{{Format::text, [&] { return report::explainable_text(all, arguments.output.style()); }},
                      {Format::json, [&] { return report::explainable_json(all); }},
                      {Format::markdown, [&] { return report::explainable_markdown(all); }}};
    return deliver(arguments.output, forms, ExitCode::holds);
  }
  // A message need not be quoted: its words are one name.
  const std::string words = fmt::format("{}", fmt::join(arguments.words, " "));
  const auto found = scenarios::explanations_of(words, *profiles);
  if (found.empty()) {
    complain(fmt::format("netlimits: {} is no limit, setting, error or rule; {}", scenarios::in_quotes(words),
                         scenarios::explainable_suggestion(words)));
    return ExitCode::bad_input;
  }
  const Forms forms{{Format::text, [&] { return report::explanations_text(found, arguments.output.style()); }},
                    {Format::json, [&] { return report::explanations_json(found); }},
                    {Format::markdown, [&] { return report::explanations_markdown(found); }}};
  return deliver(arguments.output, forms, ExitCode::holds);
}

}  // namespace netlimits::cli

// Reads both sides, answers those that are scenarios, and hands the answers to the comparison.
#include "cli/answers/diff_command.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/differences/differences.hpp"
#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/replayed.hpp"
#include "report/capacity_report.hpp"
#include "report/differences/answer_reader.hpp"
#include "report/differences/differences_report.hpp"
#include "scenarios/json/json_difference.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/json/json_override.hpp"

namespace netlimits::cli {
namespace {

using analysis::Answer;
using analysis::Engine;
using scenarios::JsonDocument;

struct Side {
  std::string file{};
  std::string text{};
  JsonDocument document{};  // with the overrides of a scenario
  ScenarioArguments arguments{};
  bool is_result = false;
};

tl::expected<Side, std::string> read_side(const std::string& file, ScenarioArguments arguments) {
  auto text = read_input(file);
  if (!text) return tl::unexpected(text.error());
  auto document = scenarios::parse_json(*text, display_name(file));
  if (!document) return tl::unexpected(scenarios::text_of(document.error()));
  const bool is_result = report::is_result(*document);
  if (is_result && (!arguments.overrides.empty() || arguments.seed))
    return tl::unexpected(
        fmt::format("{}: --set and --seed change a scenario, and this is a result that is there", display_name(file)));
  return Side{file, std::move(*text), std::move(*document), std::move(arguments), is_result};
}

// What a program reads of a result of its own cannot be wrong: that of a scenario goes the same way as one from a file.
tl::expected<Answer, std::string> answer_in(const std::string& json, const std::string& name) {
  const auto document = scenarios::parse_json(json, name);
  if (!document) return tl::unexpected(scenarios::text_of(document.error()));
  auto answer = report::read_answer(*document);
  if (!answer) return tl::unexpected(scenarios::text_of(answer.error()));
  return std::move(*answer);
}

tl::expected<Answer, std::string> answer_of(Side& side, AnsweredBy by, const RunBounds& bounds,
                                            const scenarios::ProfileSet& profiles) {
  const std::string name = display_name(side.file);
  if (side.is_result) return answer_in(side.text, name);
  const auto scenario = load_text(side.arguments, side.text, name, profiles);
  if (!scenario) return tl::unexpected(scenario.error());
  for (const std::string& override_text : side.arguments.overrides) {
    if (auto applied = apply_override(side.document, override_text); !applied)
      return tl::unexpected(scenarios::text_of(applied.error()));
  }
  std::optional<Answer> answer;
  if (by != AnsweredBy::run) {
    const auto report = report::make_capacity_report(*scenario, analysis::capacity(*scenario));
    auto read = answer_in(report::capacity_json(report), name);
    if (!read) return read;
    answer = std::move(*read);
  }
  if (by == AnsweredBy::capacity) return std::move(*answer);
  if (const auto refused = refused_before_run(*scenario, bounds, name))
    return tl::unexpected(*refused + "\n" + name + ": --by capacity compares without running");
  const auto report = replayed(*scenario, bounds, name);
  if (!report) return tl::unexpected(report.error());
  auto read = answer_in(report::run_json(*report), name);
  if (!read || !answer) return read;
  return together(std::move(*answer), std::move(*read));
}

std::vector<analysis::InputChange> changes_between(const JsonDocument& before, const JsonDocument& after) {
  std::vector<analysis::InputChange> changes;
  for (scenarios::JsonChange& change : scenarios::json_difference(before.root, after.root))
    changes.push_back({std::move(change.pointer), std::move(change.before), std::move(change.after)});
  return changes;
}

ExitCode refused(const std::string& lines) {
  complain_of_lines(lines);
  return ExitCode::bad_input;
}

}  // namespace

ExitCode diff_command(const DiffArguments& arguments) {
  const std::string& first = arguments.scenario.files.front();
  const std::string& second = arguments.scenario.files.back();
  if (first == "-" && second == "-") return refused("netlimits: standard input can be one of the two, not both");
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) return refused(profiles.error());

  ScenarioArguments unchanged = arguments.scenario;
  unchanged.overrides.clear();
  unchanged.seed.reset();
  auto before = read_side(first, unchanged);
  if (!before) return refused(before.error());
  auto after = read_side(second, arguments.scenario);
  if (!after) return refused(after.error());

  std::array<Side*, 2> sides{&*before, &*after};
  std::array<std::optional<Answer>, 2> answers;
  AnsweredBy by = arguments.by;
  // Results first: a scenario beside one is answered as that one was.
  for (const bool results : {true, false}) {
    for (std::size_t i = 0; i < sides.size(); ++i) {
      if (sides[i]->is_result != results) continue;
      auto answer = answer_of(*sides[i], by, arguments.bounds, *profiles);
      if (!answer) return refused(answer.error());
      if (results) by = answer->by.front() == Engine::run ? AnsweredBy::run : AnsweredBy::capacity;
      answers[i] = std::move(*answer);
    }
  }
  if (answers[0]->by != answers[1]->by)
    return refused(fmt::format("netlimits: {} is a result of {}, and {} is none: they have different figures",
                               display_name(first), answers[0]->by.front() == Engine::run ? "run" : "capacity",
                               display_name(second)));
  std::optional<std::vector<analysis::InputChange>> input;
  if (!before->is_result && !after->is_result) input = changes_between(before->document, after->document);
  const auto report = report::make_differences_report(
      analysis::differences(std::move(*answers[0]), std::move(*answers[1]), std::move(input)));
  const Forms forms{{Format::text, [&] { return report::differences_text(report, arguments.output.style()); }},
                    {Format::json, [&] { return report::differences_json(report); }},
                    {Format::markdown, [&] { return report::differences_markdown(report); }}};
  return deliver(arguments.output, forms, report.found.changed() ? ExitCode::does_not_hold : ExitCode::holds);
}

}  // namespace netlimits::cli

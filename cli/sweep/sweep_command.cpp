// Reads what is asked, works the points out, and prints the table.
#include "cli/sweep/sweep_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/sweep/journal.hpp"
#include "cli/sweep/shard.hpp"
#include "cli/sweep/sweep_points.hpp"
#include "report/sweep/sweep_forms.hpp"
#include "report/sweep/sweep_text.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/json/nearest_name.hpp"

namespace netlimits::cli {
namespace {

using report::SweepQuestion;
using report::SweepTable;

// The error is what to print.
tl::expected<SweepQuestion, std::string> question_of(const SweepArguments& arguments, const Scenario& scenario) {
  SweepQuestion question{.on = report::rests_on(scenario), .by = arguments.by, .replications = arguments.replications};
  if (arguments.varied.size() > 2)
    return tl::unexpected<std::string>("netlimits: one or two parameters are varied, --vary once or twice");
  std::size_t points = 1;
  for (const std::string& text : arguments.varied) {
    auto varied = scenarios::parse_varied(text);
    if (!varied)
      return tl::unexpected(fmt::format("netlimits: --vary {}: {}", scenarios::in_quotes(text), varied.error()));
    if (varied->values.size() > scenarios::most_sweep_points / points)
      return tl::unexpected(fmt::format("netlimits: more than {} points", scenarios::most_sweep_points));
    points *= varied->values.size();
    if (!question.varied.empty() && question.varied.front().pointer == varied->pointer)
      return tl::unexpected(fmt::format("netlimits: --vary {} is there twice", scenarios::in_quotes(varied->pointer)));
    question.varied.push_back(std::move(*varied));
  }
  const auto shard = shard_in(arguments.shard, surrounding_variable);
  if (!shard) return tl::unexpected(fmt::format("netlimits: {}", shard.error()));
  question.shard = *shard;
  return question;
}

tl::expected<SweepTable, std::string> swept(const SweepArguments& arguments, const std::string& text,
                                            const scenarios::ProfileSet& profiles, SweepQuestion question) {
  SweepTable table{std::move(question), {}};
  std::optional<Journal> journal;
  if (!arguments.journal.empty()) {
    auto opened = Journal::open(arguments.journal, table.question);
    if (!opened) return tl::unexpected(opened.error());
    journal.emplace(std::move(*opened));
    table.rows = journal->take_rows();
  }
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  SweepWork work{.arguments = &arguments,
                 .text = &text,
                 .profiles = &profiles,
                 .jobs = arguments.jobs == 0 ? processors : arguments.jobs,
                 .done = journal ? &*journal : nullptr};
  if (const auto done = work_out(work, table); !done) return tl::unexpected(done.error());
  return table;
}

}  // namespace

const std::vector<Format>& sweep_formats() {
  static const std::vector<Format> formats{Format::text, Format::json, Format::csv, Format::vega_lite,
                                           Format::markdown};
  return formats;
}

ExitCode deliver_sweep(const SweepTable& table, const std::string& asked, const OutputArguments& output) {
  const std::string figure = asked.empty() ? std::string(report::usual_figure(table.question.by)) : asked;
  if (!report::index_of_figure(table.question, figure)) {
    const auto known = report::figures_of(table.question.by, table.question.replications);
    complain(fmt::format("netlimits: --figure {}: no figure of this sweep; {}", scenarios::in_quotes(figure),
                         scenarios::suggestion(figure, known)));
    return ExitCode::bad_input;
  }
  const Forms forms{{Format::text, [&] { return report::sweep_text(table, figure, output.style()); }},
                    {Format::json, [&] { return report::sweep_json(table); }},
                    {Format::csv, [&] { return report::sweep_csv(table); }},
                    {Format::vega_lite, [&] { return report::sweep_vega_lite(table, figure); }},
                    {Format::markdown, [&] { return report::sweep_markdown(table); }}};
  return deliver(output, forms, ExitCode::holds);
}

ExitCode sweep_command(const SweepArguments& arguments) {
  const auto refuse = [](const std::string& lines) {
    complain_of_lines(lines);
    return ExitCode::bad_input;
  };
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) return refuse(profiles.error());
  const std::string& file = arguments.scenario.files.front();
  const auto text = read_input(file);
  if (!text) return refuse(text.error());
  const auto scenario = load_text(arguments.scenario, *text, display_name(file), *profiles);
  if (!scenario) return refuse(scenario.error());
  if (arguments.replications > 1 && arguments.by == report::SweptBy::capacity)
    return refuse("netlimits: --replications is for --by run: capacity has no chance in it");
  auto question = question_of(arguments, *scenario);
  if (!question) return refuse(question.error());
  auto table = swept(arguments, *text, *profiles, std::move(*question));
  if (!table) return refuse(table.error());
  return deliver_sweep(*table, arguments.figure, arguments.output);
}

}  // namespace netlimits::cli

// Reads what was seen, and hands it to the book of causes.
#include "cli/answers/diagnose_command.hpp"

#include <fmt/format.h>

#include <utility>

#include <tl/expected.hpp>

#include "analysis/headroom/headroom.hpp"
#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "model/machine/machine_host.hpp"
#include "report/diagnosis_report.hpp"
#include "scenarios/collected/directory.hpp"
#include "scenarios/collected/machine_reader.hpp"

namespace netlimits::cli {
namespace {

using scenarios::Complaint;

// The error is what to print.
tl::expected<void, std::string> take_machine(const DiagnoseArguments& arguments, const scenarios::ProfileSet& profiles,
                                             Complaint& complaint) {
  auto files = scenarios::collect_directory(arguments.directory);
  if (!files) return tl::unexpected(scenarios::text_of(files.error()));
  for (const std::string& note : files->notes) complain(fmt::format("netlimits: {}", note));
  const auto machine = scenarios::read_machine(files->collected, profiles, {.profile = arguments.profile});
  if (!machine) return tl::unexpected(scenarios::text_of(machine.error()));
  const HostGroup host = host_of(*machine);
  complaint.os = machine->profile->name;
  complaint.machine = scenarios::SeenFigures{.settings = host.settings,
                                             .nofile_soft = machine->process.nofile_soft,
                                             .nofile_hard = machine->process.nofile_hard,
                                             .conntrack_max = machine->conntrack_max};
  for (const analysis::HeadroomRow& row : analysis::headroom(*machine, host, std::nullopt).rows) {
    if (row.capacity && row.used) complaint.use.push_back({row.limit, row.where(), *row.capacity, *row.used});
  }
  return {};
}

tl::expected<scenarios::ToldCount, std::string> number_in(const char* option, const std::string& text,
                                                          const char* expected) {
  if (const auto told = scenarios::parse_count(text)) return *told;
  return tl::unexpected(fmt::format("netlimits: {} {}: expected {}", option, scenarios::in_quotes(text), expected));
}

tl::expected<Complaint, std::string> complaint_of(const DiagnoseArguments& arguments,
                                                  const scenarios::ProfileSet& profiles) {
  Complaint complaint{.during = arguments.during, .os = arguments.profile};
  if (arguments.count.empty() && arguments.rate.empty() && arguments.error.empty() && arguments.directory.empty())
    return tl::unexpected<std::string>(
        "netlimits: nothing to explain; say what was seen: --count 28232, --error EADDRNOTAVAIL, --rate 500/s, or "
        "--from DIR");
  if (!arguments.profile.empty() && !profiles.find(arguments.profile))
    return tl::unexpected(fmt::format("netlimits: --os {}: no such profile; {}",
                                      scenarios::in_quotes(arguments.profile), profiles.suggestion(arguments.profile)));
  if (!arguments.count.empty()) {
    auto told = number_in("--count", arguments.count, "a number such as 28232, 28k, ~28000 or 20000..30000");
    if (!told) return tl::unexpected(told.error());
    complaint.count = std::move(*told);
  }
  if (!arguments.rate.empty()) {
    const std::string number = arguments.rate.substr(0, arguments.rate.find("/s"));
    auto told = number_in("--rate", number, "connections a second, such as 500/s or ~470/s");
    if (!told) return tl::unexpected(told.error());
    complaint.rate = std::move(*told);
  }
  if (!arguments.error.empty()) {
    complaint.error = scenarios::understand_error(arguments.error, scenarios::cause_book());
    // Not known, and nothing else to go by.
    if (!complaint.error->understood() && !complaint.count && !complaint.rate && arguments.directory.empty())
      return tl::unexpected(
          fmt::format("netlimits: --error {}: not known; give the name of an error (EMFILE, 10055), the message as it "
                      "stands in the log, or \"silence\", and the number that was seen (--count)",
                      scenarios::in_quotes(arguments.error)));
    // A message often names its limit.
    if (!complaint.count && complaint.error->figure)
      complaint.count = scenarios::parse_count(fmt::format("{}", *complaint.error->figure));
  }
  return complaint;
}

}  // namespace

ExitCode diagnose_command(const DiagnoseArguments& arguments) {
  const auto profiles = load_profiles(arguments.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  auto complaint = complaint_of(arguments, *profiles);
  if (!complaint) {
    complain(complaint.error());
    return ExitCode::bad_input;
  }
  if (!arguments.directory.empty()) {
    if (const auto taken = take_machine(arguments, *profiles, *complaint); !taken) {
      complain_of_lines(taken.error());
      return ExitCode::bad_input;
    }
  }
  report::DiagnosisReport report{std::move(*complaint), {}};
  report.causes = scenarios::diagnose(report.asked, *profiles, scenarios::cause_book());
  const Forms forms{{Format::text, [&] { return report::diagnosis_text(report, arguments.output.style()); }},
                    {Format::json, [&] { return report::diagnosis_json(report); }},
                    {Format::markdown, [&] { return report::diagnosis_markdown(report); }}};
  return deliver(arguments.output, forms, ExitCode::holds);
}

}  // namespace netlimits::cli

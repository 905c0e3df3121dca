// Options that only say how many and how fast; all else of a scenario is for --set and for files.
#include "cli/line/one_line.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {
namespace {

constexpr const char* group = "Without a file";
constexpr std::uint64_t most_servers = 10'000;  // each is a destination of the workload
constexpr std::uint64_t most_numbers = 10'000'000;

}  // namespace

void add_one_line(CLI::App& command, OneLineArguments& arguments) {
  scenarios::OneLine& options = arguments.options;
  const auto declare = [&](CLI::Option* option, const char* type) {
    option->group(group)->type_name(type);
    arguments.declared.push_back(option);
    return option;
  };
  declare(command.add_option("--clients", options.clients, "So many client hosts, an address each: 1"), "N")
      ->check(CLI::Range(std::uint64_t{1}, most_numbers));
  declare(command.add_option("--to", options.servers, "To so many server hosts, an address each: 1"), "N")
      ->check(CLI::Range(std::uint64_t{1}, most_servers));
  declare(command.add_option("--port", options.port, "The port of the servers: 443"), "PORT")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{65535}));
  declare(command.add_option("--connections", options.connections,
                             "How many in all: 100000, or with --rate as many as come in two minutes"),
          "N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
  declare(command.add_option("--rate", options.rate, "How often one comes; without it, all at once"), "500/s");
  declare(command.add_option("--hold", options.hold, "How long one is kept; without it, for ever"), "2s");
  declare(command.add_option("--nofile", options.nofile, "The descriptor limit at both ends: the profile's"), "N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{2'147'483'584}));
  declare(command.add_option("--backlog", options.backlog, "The servers' backlog: 511"), "N")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{2'147'483'647}));
  declare(command.add_option("--rtt", options.round_trip, "The round-trip time: none"), "TIME");
  declare(command.add_option("--range", options.ports, "The clients' net.ipv4.ip_local_port_range"), "\"LOW HIGH\"");
  declare(command.add_option("--os", options.profile, "The profile of all hosts: linux"), "PROFILE");
  command.add_flag("--print", arguments.print, "Write the scenario that these options make, and do not answer it")
      ->group(group);
}

void take_one_line(const CLI::App& command, const OneLineArguments& arguments, ScenarioArguments& scenario) {
  std::string line = fmt::format("netlimits {}", command.get_name());
  bool given = false;
  for (const CLI::Option* option : arguments.declared) {
    if (option->count() == 0) continue;
    given = true;
    const std::string value = option->results().front();
    const bool blank = value.find(' ') != std::string::npos;
    line += fmt::format(" {} {}{}{}", option->get_name(), blank ? "'" : "", value, blank ? "'" : "");
  }
  if (given && !scenario.files.empty())
    throw CLI::ValidationError("a scenario file and options that make one",
                               "either names a file or makes a scenario; --set changes a file's");
  if (!given && scenario.files.empty())
    throw CLI::RequiredError("a scenario file, or options that make one (--clients, --to, --connections ...)");
  if (!given && arguments.print)
    throw CLI::ValidationError("--print", "writes the scenario that options make; a file has one");
  if (!given) return;
  scenario.made = scenarios::scenario_text(arguments.options, line);
  scenario.files = {"options"};
}

ExitCode print_one_line(const ScenarioArguments& scenario, const OutputArguments& output) {
  const auto profiles = load_profiles(scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  const auto loaded = load(scenario, scenario.files.front(), *profiles);
  if (!loaded) {
    complain_of_lines(loaded.error());
    return ExitCode::bad_input;
  }
  const bool changed = !scenario.overrides.empty() || scenario.seed.has_value();
  const auto done = write_output(output.file, changed ? scenarios::scenario_text(*loaded) : scenario.made);
  if (done) return ExitCode::holds;
  complain("netlimits: " + done.error());
  return ExitCode::bad_input;
}

}  // namespace netlimits::cli

// A function for each command that declares its options to CLI11, and the parsing of them all.
#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/answers/diff_command.hpp"
#include "cli/answers/explain_command.hpp"
#include "cli/answers/init_command.hpp"
#include "cli/answers/shell_command.hpp"
#include "cli/capacity_command.hpp"
#include "cli/files.hpp"
#include "cli/fuzz/fuzz_command.hpp"
#include "cli/line/answer_commands.hpp"
#include "cli/line/claim_options.hpp"
#include "cli/line/command_words.hpp"
#include "cli/line/one_line.hpp"
#include "cli/line/options.hpp"
#include "cli/line/sweep_commands.hpp"
#include "cli/messages.hpp"
#include "cli/plan/plan_options.hpp"
#include "cli/probe_command.hpp"
#include "cli/profiles_command.hpp"
#include "cli/run_command.hpp"
#include "cli/schema_command.hpp"
#include "cli/script_command.hpp"
#include "cli/shell/help_page.hpp"
#include "cli/validate_command.hpp"
#include "report/program_version.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/templates/templates.hpp"

namespace netlimits::cli {
namespace {

constexpr const char* introduction =
    "How many connections does this hold, what fails first, what fails next, and is that true on a real kernel?\n\n"
    "Example: netlimits run scenarios/outbound-exhaustion.json\n";

void add_run(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("run",
                         "Replay scenarios: what happens, what fails first, do the expectations hold?\n\n"
                         "Example: netlimits run scenarios/outbound-exhaustion.json --format json\n"
                         "         netlimits run --clients 3 --to 2 --nofile 65535 --rate 500/s --hold 2s");
  auto arguments = std::make_shared<RunArguments>();
  add_scenario_arguments(*command, arguments->scenario, true)->required(false);
  add_bounds(*command, arguments->bounds);
  add_output_arguments(*command, arguments->output, every_format());
  auto one_line = std::make_shared<OneLineArguments>();
  add_one_line(*command, *one_line);
  command->add_flag("--strict", arguments->strict,
                    "End with 1 also when something breaks in a scenario that expects nothing");
  command->callback([=, &exit_code] {
    take_one_line(*command, *one_line, arguments->scenario);
    exit_code = worse(
        exit_code, one_line->print ? print_one_line(arguments->scenario, arguments->output) : run_command(*arguments));
  });
}

void add_capacity(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "capacity",
      "Without running: how many does it hold, which limit binds, and the ladder of what binds next\n\n"
      "Example: netlimits capacity scenarios/server-descriptors-2048.json\n"
      "         netlimits capacity --clients 3 --to 2 --port 443 --nofile 65535 --rate 500/s --hold 2s\n"
      "         netlimits capacity service.json --at-least 30000 --headroom 20%");
  auto arguments = std::make_shared<CapacityArguments>();
  add_scenario_arguments(*command, arguments->scenario, true)->required(false);
  add_claims(*command, arguments->claims);
  add_output_arguments(*command, arguments->output, every_format());
  auto one_line = std::make_shared<OneLineArguments>();
  add_one_line(*command, *one_line);
  command->callback([=, &exit_code] {
    take_one_line(*command, *one_line, arguments->scenario);
    exit_code = worse(exit_code, one_line->print ? print_one_line(arguments->scenario, arguments->output)
                                                 : capacity_command(*arguments));
  });
}

void add_diff(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "diff",
      "What changed from one answer to another: two results of run or capacity (--format json), or two scenarios\n\n"
      "Example: netlimits diff before.json after.json --format markdown\n"
      "         netlimits diff service.json service.json --set /hosts/server/processes/web/nofile=65536\n"
      "Ends with 1 where anything changed, with 0 where nothing did.");
  auto arguments = std::make_shared<DiffArguments>();
  command
      ->add_option("files", arguments->scenario.files,
                   "Before and after: a result or a scenario each, or - for standard input")
      ->required()
      ->expected(2)
      ->type_name("FILE");
  add_scenario_changes(*command, arguments->scenario);
  command->get_option("--set")->description("Change the second scenario: POINTER=VALUE (JSON pointer, JSON value)");
  command->get_option("--seed")->description("Seed of the second scenario in place of its own");
  const std::map<std::string, AnsweredBy> engines{
      {"both", AnsweredBy::both}, {"capacity", AnsweredBy::capacity}, {"run", AnsweredBy::run}};
  command->add_option("--by", arguments->by, "What answers scenarios: both, capacity, or run")
      ->transform(CLI::CheckedTransformer(engines))
      ->default_str("both");
  add_bounds(*command, arguments->bounds);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, diff_command(*arguments)); });
}

void add_explain(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("explain",
                         "A limit, a setting, an error or a rule: what it is, its value in each profile and where that "
                         "comes from, what shows and what changes it, what people believe of it\n\n"
                         "Example: netlimits explain ephemeral_ports\n"
                         "         netlimits explain net.core.somaxconn\n"
                         "         netlimits explain EMFILE, or 10055, or Too many open files");
  auto arguments = std::make_shared<ExplainArguments>();
  command->add_option("name", arguments->words, "What is asked for; without it, the list")
      ->type_name("LIMIT|SETTING|ERROR|RULE");
  add_profile_directory(*command, arguments->profile_directory);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, explain_command(*arguments)); });
}

void add_init(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "init",
      "A scenario to begin with\n\n"
      "Example: netlimits init --case service --output service.json && netlimits run service.json\n"
      "         netlimits probe --pid 4711 --format json | netlimits init --host - --to 10.1.0.9:443");
  auto arguments = std::make_shared<InitArguments>();
  auto* shape = command
                    ->add_option("--case", arguments->shape,
                                 fmt::format("The shape: {}", fmt::join(scenarios::template_names(), ", ")))
                    ->capture_default_str()
                    ->type_name("NAME");
  auto* host =
      command
          ->add_option("--host", arguments->host,
                       "Not a template: around a host that probe --format json printed, or - for standard input")
          ->excludes(shape)
          ->type_name("FILE");
  command->add_option("--to", arguments->to, "Where that host connects to")
      ->needs(host)
      ->capture_default_str()
      ->type_name("ADDRESS:PORT");
  command
      ->add_option("--profile-dir", arguments->profile_directory,
                   "Directory with operating-system profiles of your own, which that host may have")
      ->type_name("DIR");
  command->add_option("--output", arguments->output, "Write the scenario to this file, whole or not at all")
      ->type_name("FILE");
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, init_command(*arguments)); });
}

void add_validate(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("validate",
                         "Run scenarios with real sockets on this machine's kernel: predicted, observed, verdict\n\n"
                         "Example: netlimits validate scenarios/outbound-exhaustion-small.json");
  auto arguments = std::make_shared<ValidateArguments>();
  add_scenario_arguments(*command, arguments->scenario, true);
  add_bounds(*command, arguments->bounds);
  add_output_arguments(*command, arguments->output, every_format());
  auto* full = command->add_flag("--full", arguments->full, "At the scenario's own size and pace, whatever it takes");
  command
      ->add_option("--scale", arguments->scale, "Divide everything counted by this; by default as much as needed here")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->excludes(full);
  command
      ->add_option(
          "--program", arguments->programs,
          "Let a program of yours play a process: HOST/PROCESS=COMMAND, for sh, in the foreground. It gets the "
          "process's network and descriptor limit")
      ->type_name("HOST/PROCESS=COMMAND")
      ->expected(1)
      ->take_all()
      ->check([](const std::string& text) {
        const std::size_t equals = text.find('=');
        const std::size_t slash = text.find('/');
        return equals != std::string::npos && slash < equals
                   ? std::string()
                   : "expected HOST/PROCESS=COMMAND, found " + scenarios::in_quotes(text);
      });
  command
      ->add_option("--env", arguments->environment,
                   "A variable that these programs find: as it is here, or with this value. They find no other")
      ->type_name("NAME[=VALUE]")
      ->expected(1)
      ->take_all()
      ->check([](const std::string& text) {
        return !text.empty() && text.front() != '='
                   ? std::string()
                   : "expected NAME or NAME=VALUE, found " + scenarios::in_quotes(text);
      });
  command->add_flag(
      "--program-writes", arguments->programs_write,
      "These programs may write to the file system where you may; otherwise only to their own directories "
      "in memory");
  command->add_option("--jobs", arguments->jobs, "How many scenarios at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--require-kernel", arguments->require_kernel, "Exit 4 when the kernel could not be asked");
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, validate_command(*arguments)); });
}

void add_script(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "script",
      "Run socket scripts, one call at a time, on the model, on this machine's kernel, or on both and compare them.\n\n"
      "Example: netlimits script --both tests/scripts");
  auto arguments = std::make_shared<ScriptArguments>();
  command->add_option("files", arguments->files, "Script files, directories of them, or - for standard input")
      ->required()
      ->type_name("FILE|DIR");
  command->add_flag("--model", arguments->model, "Run them on the model, in virtual time");
  command->add_flag("--kernel", arguments->kernel, "Run them on this machine's kernel, in namespaces of their own");
  command->add_flag("--both", arguments->both, "Run them on both and compare every step");
  command->add_option("--only", arguments->only, "Only the scripts with this name; * and ? stand for any text")
      ->type_name("NAME");
  command->add_flag("--skip-slow", arguments->skip_slow, "Leave out scripts that take seconds on a kernel");
  command->add_flag("--require-kernel", arguments->require_kernel,
                    "End with 4 when a script could not be given to the kernel");
  command->add_option("--jobs", arguments->jobs, "How many scripts at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  add_profile_directory(*command, arguments->profile_directory);
  add_output_arguments(*command, arguments->output, every_format());
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, script_command(*arguments)); });
}

void add_probe(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "probe",
      "This machine's limits and what of them is in use; with --format json as a host of a scenario\n\n"
      "Example: netlimits probe --to 10.1.0.9:443\n"
      "         netlimits probe --pid 4711 --format json\n"
      "         netlimits probe --from collected/     (docs/probe.md says which files)");
  auto arguments = std::make_shared<ProbeArguments>();
  auto* process = command->add_option("--pid", arguments->process, "The process whose limits, descriptors and sockets")
                      ->type_name("PID")
                      ->check(CLI::PositiveNumber);
  command->add_option("--from", arguments->directory, "Read collected files instead of this machine")
      ->type_name("DIR")
      ->excludes(process);
  command->add_option("--to", arguments->to, "How many more connections to there?")->type_name("ADDRESS:PORT");
  command->add_option("--os", arguments->profile, "The profile; by default the one that fits the kernel")
      ->type_name("PROFILE");
  add_profile_directory(*command, arguments->profile_directory);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown, Format::html});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, probe_command(*arguments)); });
}

void add_profiles(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("profiles",
                         "The operating systems that a host can have, and every figure of one with its source\n\n"
                         "Example: netlimits profiles windows");
  auto arguments = std::make_shared<ProfilesArguments>();
  command->add_option("name", arguments->name, "Profile; without it, the list");
  add_profile_directory(*command, arguments->profile_directory);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, profiles_command(*arguments)); });
}

void add_fuzz(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "fuzz",
      "Random socket scripts on the model and on this machine's kernel; a disagreement is shrunk and printed\n\n"
      "Example: netlimits fuzz --seed 1 --cases 3000");
  auto arguments = std::make_shared<FuzzArguments>();
  command->add_option("--seed", arguments->seed, "Seed of all cases")->check(is_seed)->capture_default_str();
  command->add_option(
      "--cases", arguments->cases,
      fmt::format("How many cases: {}, with --planted-faults at most {}", usual_fuzz_cases, most_cases_for_a_fault));
  command->add_option("--first-case", arguments->first_case, "Number of the first case: repeats one by its number");
  command->add_option("--minutes", arguments->minutes, "Stop after this time");
  command->add_option("--save", arguments->save_directory, "Write each disagreement as a script into this directory")
      ->type_name("DIR");
  command->add_flag("--several-users", arguments->several_users, "Also processes of another user (needs root)");
  CLI::Option* every = command->add_flag("--every", arguments->every,
                                         "Not random ones: all sequences of up to --length calls on two sockets, two "
                                         "ports and two addresses, in four small worlds");
  command->add_option("--length", arguments->length, "Calls of the longest sequences of --every")
      ->check(CLI::Range(std::size_t{1}, std::size_t{9}))
      ->needs(every)
      ->capture_default_str();
  CLI::Option* jobs = command->add_option("--jobs", arguments->jobs, "Sandboxes at work at the same time")
                          ->check(CLI::Range(std::size_t{1}, most_fuzz_jobs))
                          ->capture_default_str();
  command->add_flag(
      "--planted-faults", arguments->planted_faults,
      "Measure the fuzzer: leave rules of the model out, one at a time, and say after how many cases each "
      "is missed; exit 1 when one is not. With --scenarios: wrong engines in place of rules");
  CLI::Option* scenarios = command->add_flag(
      "--scenarios", arguments->scenarios,
      "Not socket scripts: random whole scenarios, on the simulation and the closed forms. What breaks a law (books "
      "that "
      "do not balance, run and capacity that disagree, a relative of the scenario with other figures) is shrunk and "
      "printed; exit 3");
  scenarios->excludes("--every")->excludes("--several-users");
  command
      ->add_flag("--kernel", arguments->kernel,
                 "With --scenarios: each runs with real sockets on this machine's kernel, beside its prediction. What "
                 "differs, and does so again, is shrunk and printed; exit 3")
      ->needs(scenarios)
      ->excludes("--planted-faults");
  command
      ->add_flag("--no-shrink", arguments->no_shrink,
                 "With --kernel or --planted-faults: print what differs as it was drawn; to make it small takes some "
                 "hundred runs")
      ->needs(scenarios);
  every->excludes("--planted-faults");
  jobs->excludes("--planted-faults");
  command->add_flag("--require-kernel", arguments->require_kernel, "Exit 4 when the kernel could not be asked");
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, fuzz_command(*arguments)); });
}

void add_schema(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("schema",
                                         "The JSON Schema (draft-07) of the scenario format, for editors\n\n"
                                         "Example: netlimits schema --output scenario.schema.json");
  auto arguments = std::make_shared<SchemaArguments>();
  command->add_option("--output", arguments->file, "Write the schema to this file")->type_name("FILE");
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, schema_command(*arguments)); });
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

}  // namespace

ExitCode run_command_line(int argument_count, char** arguments) {
  CLI::App app{introduction, "netlimits"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "netlimits " + std::string(report::program_version()));
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  ExitCode exit_code = ExitCode::holds;
  add_run(app, exit_code);
  add_capacity(app, exit_code);
  add_diagnose(app, exit_code);
  add_plan(app, exit_code);
  add_diff(app, exit_code);
  add_explain(app, exit_code);
  add_init(app, exit_code);
  add_validate(app, exit_code);
  add_script(app, exit_code);
  add_probe(app, exit_code);
  add_profiles(app, exit_code);
  add_fuzz(app, exit_code);
  add_schema(app, exit_code);
  add_sweep(app, exit_code);
  add_merge(app, exit_code);
  add_shell(app, exit_code);
  auto words = with_command({arguments + std::min(1, argument_count), arguments + argument_count}, commands_of(app));
  if (!words) {
    complain(words.error());
    complain("Run with --help for more information.");
    return ExitCode::bad_input;
  }
  std::reverse(words->begin(), words->end());  // as CLI11 takes them
  try {
    app.parse(std::move(*words));
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    app.exit(help_or_version, text, text);
    const auto done = write_output("", text.str());
    if (done) return ExitCode::holds;
    complain("netlimits: " + done.error());
    return ExitCode::bad_input;
  } catch (const CLI::ParseError& wrong_usage) {
    // What it says of the words that were typed, which may hold anything, and below that what to try.
    complain(wrong_usage.what());
    complain("Run with --help for more information.");
    return ExitCode::bad_input;
  }
  return exit_code;
}

}  // namespace netlimits::cli

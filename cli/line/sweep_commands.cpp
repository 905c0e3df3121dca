// A function for each command that declares its options to CLI11.
#include "cli/line/sweep_commands.hpp"

#include <map>
#include <memory>
#include <string>

#include "cli/line/options.hpp"
#include "cli/sweep/merge_command.hpp"
#include "cli/sweep/sweep_command.hpp"

namespace netlimits::cli {

void add_sweep(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "sweep",
      "The curve over one parameter of a scenario, or the map over two\n\n"
      "Example: netlimits sweep scenarios/outbound-exhaustion.json --vary /workloads/load/connections=1000..64000:x2\n"
      "         netlimits sweep service.json --by run --replications 20 --vary "
      "/workloads/load/arrivals/rate=100/s..800/s:+100\n"
      "         netlimits sweep service.json --vary /hosts/client/count=1..8 --vary /hosts/server/count=1..8 --format "
      "csv\n"
      "A range is 1000..64000:x2 (each twice the one before), 1000..5000:+1000, 1..5, or a list: 1024,4096,65536. "
      "docs/sweep.md says how it runs on several machines.");
  auto arguments = std::make_shared<SweepArguments>();
  add_scenario_arguments(*command, arguments->scenario, false);
  command
      ->add_option("--vary", arguments->varied,
                   "What is varied: a JSON pointer and the values that it takes; twice for a map")
      ->required()
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("POINTER=RANGE");
  const std::map<std::string, report::SweptBy> engines{{"capacity", report::SweptBy::capacity},
                                                       {"run", report::SweptBy::run}};
  command->add_option("--by", arguments->by, "What answers each point: capacity, or run")
      ->transform(CLI::CheckedTransformer(engines))
      ->default_str("capacity")
      ->type_name("capacity|run");
  command
      ->add_option("--replications", arguments->replications,
                   "Runs of each point, with the seeds S, S+1, ... : means with 95 % confidence intervals")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000}))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--figure", arguments->figure, "What the charts of text and vega-lite show: a column of csv")
      ->type_name("NAME");
  command->add_option("--jobs", arguments->jobs, "Threads; by default as many as there are processors")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->type_name("N");
  command
      ->add_option(
          "--shard", arguments->shard,
          "Only one part of the points, for merge: 2/3; or auto, auto/3 in an array job of Slurm or Kubernetes")
      ->type_name("I/N");
  command
      ->add_option("--resume", arguments->journal,
                   "Write each point that is done to this file, and go on with what is in it already")
      ->type_name("FILE");
  add_bounds(*command, arguments->bounds);
  add_output_arguments(*command, arguments->output, sweep_formats());
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, sweep_command(*arguments)); });
}

void add_merge(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("merge",
                                         "The shards of a sweep (--shard, --format json) as one: the same bytes as in "
                                         "one go\n\n"
                                         "Example: netlimits merge part-1.json part-2.json part-3.json --format csv");
  auto arguments = std::make_shared<MergeArguments>();
  command->add_option("files", arguments->files, "Every shard, in any order, or - for standard input")
      ->required()
      ->type_name("FILE");
  command->add_option("--figure", arguments->figure, "What the charts of text and vega-lite show: a column of csv")
      ->type_name("NAME");
  add_output_arguments(*command, arguments->output, sweep_formats());
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, merge_command(*arguments)); });
}

}  // namespace netlimits::cli

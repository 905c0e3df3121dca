// A function for each command that declares its options to CLI11.
#include "cli/line/answer_commands.hpp"

#include <map>
#include <memory>
#include <string>

#include "cli/answers/diagnose_command.hpp"
#include "cli/line/options.hpp"

namespace netlimits::cli {

void add_diagnose(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "diagnose",
      "Backwards: which limits give this number and this error, how likely each and why, what tells them apart on the "
      "machine, and what helps\n\n"
      "Example: netlimits diagnose --count 28232 --error EADDRNOTAVAIL\n"
      "         netlimits diagnose --error '768 worker_connections are not enough'\n"
      "         netlimits diagnose --count ~16000 --os windows --during load");
  auto arguments = std::make_shared<DiagnoseArguments>();
  command
      ->add_option("--count", arguments->count,
                   "The number of connections at which it stopped: 28232; ~28000, 28k, 20000..30000 for a rough one")
      ->type_name("N");
  command->add_option("--rate", arguments->rate, "The connections a second at which it stopped: 500/s")
      ->type_name("RATE");
  command
      ->add_option("--error", arguments->error,
                   "What was seen: the name or the number of an error, a message as it stands in a log, or silence, "
                   "slow, refused, reset")
      ->type_name("NAME|MESSAGE");
  command->add_option("--os", arguments->profile, "The system's profile; without it, all are looked at")
      ->type_name("PROFILE");
  command
      ->add_option("--from", arguments->directory, "Files collected from the machine (docs/probe.md): its own figures")
      ->type_name("DIR");
  const std::map<std::string, scenarios::During> moments{{"load", scenarios::During::load},
                                                         {"idle", scenarios::During::idle}};
  command->add_option("--during", arguments->during, "When it happens: load, or idle")
      ->transform(CLI::CheckedTransformer(moments))
      ->type_name("load|idle");
  add_profile_directory(*command, arguments->profile_directory);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, diagnose_command(*arguments)); });
}

}  // namespace netlimits::cli

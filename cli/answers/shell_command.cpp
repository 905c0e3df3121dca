// Each is written from the description of the command line.
#include "cli/answers/shell_command.hpp"

#include <memory>
#include <string>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/shell/command_tree.hpp"
#include "cli/shell/completions.hpp"
#include "cli/shell/man_page.hpp"
#include "report/program_version.hpp"
#include "scenarios/knowledge/knowledge.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {
namespace {

std::string words_for(const std::string& shell, const CommandWords& tree) {
  if (shell == "bash") return bash_completion(tree);
  if (shell == "zsh") return zsh_completion(tree);
  if (shell == "fish") return fish_completion(tree);
  return man_page(tree, std::string(report::program_version()));
}

// What `explain` and `profiles` know.
KnownNames known_names() {
  KnownNames known;
  for (const scenarios::Known& one : scenarios::knowledge()) known["explain"].push_back(one.name);
  known["profiles"] = scenarios::ProfileSet::built_in().names();
  return known;
}

struct ShellArguments {
  std::string shell{};  // "bash", "zsh" or "fish"; "man": the manual page
  std::string file{};
};

ExitCode shell_command(const ShellArguments& arguments, const CommandWords& tree) {
  const auto done = write_output(arguments.file, words_for(arguments.shell, tree));
  if (done) return ExitCode::holds;
  complain("netlimits: " + done.error());
  return ExitCode::bad_input;
}

}  // namespace

void add_shell(CLI::App& app, ExitCode& exit_code) {
  auto arguments = std::make_shared<ShellArguments>();
  const auto write = [arguments, &app, &exit_code] {
    exit_code = worse(exit_code, shell_command(*arguments, command_tree(app, known_names())));
  };
  CLI::App* completion = app.add_subcommand("completion",
                                            "The script that makes a shell complete commands, options and names\n\n"
                                            "Example: netlimits completion bash > ~/.local/share/bash-completion/"
                                            "completions/netlimits");
  completion->add_option("shell", arguments->shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->add_option("--output", arguments->file, "Write the script to this file")->type_name("FILE");
  completion->callback(write);
  CLI::App* man = app.add_subcommand("man",
                                     "The manual page\n\n"
                                     "Example: netlimits man --output netlimits.1 && man ./netlimits.1");
  man->add_option("--output", arguments->file, "Write the page to this file")->type_name("FILE");
  man->callback([arguments, write] {
    arguments->shell = "man";
    write();
  });
}

}  // namespace netlimits::cli

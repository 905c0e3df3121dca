// Help, the manual page and the completions: what they say of each command, and that a shell takes them.
#include <sstream>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;

namespace {

const std::string netlimits_itself = std::string(NETLIMITS_PROGRAM) + " ";

Said shell_said(const std::string& words) { return netlimits::tests::said_by(words + " 2>&1"); }

std::string commands_of_help() {
  std::string names;
  std::istringstream help(shell_said(netlimits_itself + "--help").text);
  bool inside = false;
  for (std::string line; std::getline(help, line);) {
    if (line == "Commands:") {
      inside = true;
    } else if (line.empty()) {
      inside = false;
    } else if (inside && line.size() > 2 && line[2] != ' ') {
      names += line.substr(2, line.find(' ', 2) - 2) + " ";
    }
  }
  return names;
}

// What bash offers for the last of these words.
std::string offered(const std::string& words) {
  const std::string asked = "bash -c 'source <(" + netlimits_itself +
                            "completion bash); compopt() { :; }; COMP_WORDS=(netlimits " + words +
                            "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _netlimits; echo \"${COMPREPLY[*]}\"'";
  return shell_said(asked).text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every command's help fits 80 columns, has an example and names the exit codes") {
  std::istringstream names("--version " + commands_of_help());
  std::string name;
  names >> name;
  std::size_t commands = 0;
  while (names >> name) {
    CAPTURE(name);
    ++commands;
    const std::string help = shell_said(netlimits_itself + name + " --help").text;
    CHECK(has(help, "Example: "));
    CHECK(has(help, "Usage: netlimits " + name));
    CHECK(has(help, "Exit codes:\n  0   everything asked for holds"));
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      // A command line of an example stays whole.
      CHECK((line.size() <= 80 || has(line, "netlimits ")));
    }
  }
  CHECK(commands >= 12);
}

TEST_CASE("the manual page has a section for each command, and its options") {
  const std::string page = shell_said(netlimits_itself + "man").text;
  std::istringstream names(commands_of_help());
  for (std::string name; names >> name;) {
    CAPTURE(name);
    CHECK(has(page, ".SS " + name + "\n"));
  }
  CHECK(has(page, "\\fB\\-\\-format\\fR text|json|junit|tap|github|markdown|html"));
  CHECK(has(page, ".SH EXIT STATUS\n.TP\n\\fB0\\fR\n"));
}

TEST_CASE("bash completes commands, options, their values and known names") {
  CHECK(has(offered("\"\""), "capacity"));
  CHECK(offered("cap") == "capacity\n");
  CHECK(offered("run --form") == "--format\n");
  CHECK(offered("run --format ju") == "junit\n");
  CHECK(has(offered("explain fd_"), "fd_per_process"));
  CHECK(has(offered("profiles linux-6."), "linux-6.18"));
  CHECK(offered("run --set \"\"") == "\n");
}

TEST_CASE("the scripts of all three shells name each command") {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = shell_said(netlimits_itself + "completion " + shell).text;
    std::istringstream names(commands_of_help());
    for (std::string name; names >> name;) {
      CAPTURE(shell, name);
      CHECK(has(script, name));
    }
  }
  CHECK(shell_said(netlimits_itself + "completion tcsh").code == 2);
}

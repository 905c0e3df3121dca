// What the pages tell a reader to type is understood, and ends as they say.
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;

namespace {

// The lines of the blocks of shell commands that begin with the program's name; those of a reader's own files are left
// out.
std::vector<std::string> commands_in(const std::string& page) {
  std::ifstream text(std::string(NETLIMITS_SOURCE_DIR) + "/docs/" + page);
  REQUIRE(text.is_open());
  std::vector<std::string> commands;
  bool in_block = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) in_block = line == "```sh";
    const bool own_files = line.find("service.json") != std::string::npos || line.find("part-") != std::string::npos;
    if (in_block && line.starts_with("netlimits ") && !own_files) commands.push_back(line.substr(10));
  }
  return commands;
}

std::string block_after(const std::string& page, const std::string& words) {
  std::ifstream text(std::string(NETLIMITS_SOURCE_DIR) + "/docs/" + page);
  std::string block;
  bool found = false;
  bool in_block = false;
  for (std::string line; std::getline(text, line);) {
    found = found || line == words;
    if (found && line == "```") {
      if (in_block) return block;
      in_block = true;
    } else if (in_block) {
      block.append(line).append("\n");
    }
  }
  return block;
}

}  // namespace

TEST_CASE("every command on the pages of diagnose and sweep answers") {
  for (const char* page : {"diagnose.md", "sweep.md"}) {
    const auto commands = commands_in(page);
    CHECK(commands.size() >= 3);
    for (const std::string& command : commands) {
      const Said said = netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" +
                                                  NETLIMITS_PROGRAM + "' " + command + " 2>&1");
      CAPTURE(command, said.text);
      CHECK(said.code == 0);
      CHECK_FALSE(said.text.empty());
    }
  }
}

TEST_CASE("the first chart of the page is what the first command prints") {
  const Said said = netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" +
                                              NETLIMITS_PROGRAM + "' " + commands_in("sweep.md").front() + " 2>&1");
  const std::string shown = block_after("sweep.md", "The first prints");
  CHECK(shown.size() > 500);
  CHECK(said.text.starts_with(shown));
}

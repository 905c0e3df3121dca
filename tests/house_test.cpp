// The house keeps its order: which folder may include which, and who may speak to the operating system.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace {

namespace fs = std::filesystem;

// The arrows of docs/design: what each folder may include besides itself.
const std::map<std::string, std::set<std::string>> arrows{
    {"model", {}},
    {"sim", {"model"}},
    {"scenarios", {"model"}},
    {"analysis", {"model"}},
    {"live", {"model"}},
    {"report", {"model", "analysis"}},
    {"cli", {"model", "sim", "scenarios", "analysis", "live", "report"}},
};

const std::set<std::string> operating_system_headers{"unistd.h", "sched.h", "signal.h", "fcntl.h", "poll.h",
                                                     "pwd.h",    "grp.h",   "dirent.h", "csignal", "termios.h"};

struct Include {
  std::string file;
  std::string header;
  bool quoted;
};

std::vector<Include> includes_of(const std::string& folder) {
  static const std::regex line_form(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".hpp" && extension != ".cpp") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (std::regex_search(line, match, line_form)) {
        found.push_back({entry.path().filename().string(), match[2].str(), match[1].str() == "\""});
      }
    }
  }
  return found;
}

bool is_operating_system_header(const std::string& header) {
  return header.starts_with("sys/") || header.starts_with("linux/") || header.starts_with("net/") ||
         header.starts_with("netinet/") || header.starts_with("arpa/") || header.starts_with("netlink/") ||
         operating_system_headers.contains(header);
}

TEST_CASE("a folder includes only what its arrows allow") {
  for (const auto& [folder, allowed] : arrows) {
    const auto includes = includes_of(folder);
    CHECK(std::any_of(includes.begin(), includes.end(), [](const Include& i) { return i.quoted; }));
    for (const Include& include : includes) {
      if (!include.quoted) continue;
      const std::string target = include.header.substr(0, include.header.find('/'));
      INFO(folder << "/" << include.file << " includes " << include.header);
      CHECK((target == folder || allowed.contains(target)));
    }
  }
}

TEST_CASE("only live/ speaks to the operating system") {
  for (const auto& [folder, allowed] : arrows) {
    if (folder == "live") continue;
    for (const Include& include : includes_of(folder)) {
      INFO(folder << "/" << include.file << " includes " << include.header);
      CHECK_FALSE(is_operating_system_header(include.header));
    }
  }
}

TEST_CASE("the model reads no clock, no file and no JSON and draws no lots") {
  const std::set<std::string> banned{"fstream", "iostream", "random", "thread", "nlohmann/json.hpp"};
  for (const Include& include : includes_of("model")) {
    INFO(include.file << " includes " << include.header);
    CHECK_FALSE(banned.contains(include.header));
    CHECK_FALSE(include.header.starts_with("boost/random"));
  }
}

TEST_CASE("no folder or file is a drawer for everything") {
  const std::set<std::string> drawers{"util", "utils", "common", "core", "helpers", "misc"};
  for (const auto& [folder, allowed] : arrows) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      INFO(entry.path());
      CHECK_FALSE(drawers.contains(entry.path().stem().string()));
    }
  }
}

}  // namespace

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

// The arrows between folders: what each may include besides itself.
const std::map<std::string, std::set<std::string>> arrows{
    {"model", {}},
    {"sim", {"model"}},
    {"fuzz", {"model", "sim"}},
    {"scenarios", {"model"}},
    {"analysis", {"model"}},
    {"live", {"model"}},
    {"report", {"model", "analysis", "fuzz", "scenarios"}},
    {"cli", {"model", "sim", "fuzz", "scenarios", "analysis", "live", "report"}},
};

// The arrows between the rooms of a folder. A room without an entry does not exist.
const std::map<std::string, std::map<std::string, std::set<std::string>>> room_arrows{
    {"model",
     {
         {"net", {}},
         {"systems", {"net"}},
         {"sockets", {"net", "systems"}},
         {"ports", {"net", "systems", "sockets"}},
         {"tcp", {"net", "systems", "sockets", "ports", "addresses"}},
         {"udp", {"net", "systems", "sockets", "ports", "addresses"}},
         {"path", {"net", "systems", "sockets"}},
         {"addresses", {"net", "systems", "sockets"}},
         {"host", {"net", "systems", "sockets", "ports", "tcp", "udp", "path", "addresses"}},
         {"scenario", {"net", "systems", "sockets", "ports", "tcp", "path", "addresses"}},
         {"script", {"net", "systems", "sockets"}},
         {"machine", {"net", "systems", "sockets", "scenario"}},
     }},
    {"live",
     {
         {"limits", {}},
         {"sandbox", {"limits"}},
         {"machine", {"sandbox"}},
         {"output", {"sandbox", "limits"}},
         {"gateways", {"sandbox"}},
         {"run", {"gateways", "sandbox"}},
         {"calls", {"sandbox"}},
     }},
};

constexpr std::size_t most_files_in_a_room = 40;
constexpr std::size_t most_lines_in_a_file = 400;
constexpr std::size_t most_lines_of_the_host = 1000;  // of the room model/host: it composes, and has no rule

const std::set<std::string> operating_system_headers{"unistd.h", "sched.h",   "signal.h",  "fcntl.h",   "poll.h",
                                                     "pwd.h",    "grp.h",     "dirent.h",  "csignal",   "termios.h",
                                                     "spawn.h",  "ifaddrs.h", "pthread.h", "ucontext.h"};

struct Include {
  std::string room;  // the folder in which the file lies, below the folder asked for; empty: directly in it
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
        found.push_back(
            {entry.path().parent_path().lexically_relative(fs::path(NETLIMITS_SOURCE_DIR) / folder).string(),
             entry.path().filename().string(), match[2].str(), match[1].str() == "\""});
      }
    }
  }
  return found;
}

std::size_t lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

// The files of the house that each file includes, at any depth.
class Closure {
 public:
  const std::set<std::string>& of(const std::string& file) {
    const auto [known, is_new] = known_.try_emplace(file);
    if (!is_new) return known->second;
    static const std::regex line_form(R"re(^\s*#\s*include\s*"([^"]+)")re");
    std::ifstream text(fs::path(NETLIMITS_SOURCE_DIR) / file);
    std::set<std::string> reached;
    for (std::string line; std::getline(text, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, line_form) || !fs::exists(fs::path(NETLIMITS_SOURCE_DIR) / match[1].str()))
        continue;
      reached.insert(match[1].str());
      const std::set<std::string>& further = of(match[1].str());
      reached.insert(further.begin(), further.end());
    }
    return known_[file] = std::move(reached);
  }

 private:
  std::map<std::string, std::set<std::string>> known_;
};

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

TEST_CASE("a room of a folder includes only what its arrows allow") {
  for (const auto& [folder, rooms] : room_arrows) {
    for (const Include& include : includes_of(folder)) {
      INFO(folder << "/" << include.room << "/" << include.file << " includes " << include.header);
      const auto room = rooms.find(include.room);
      CHECK(room != rooms.end());
      if (!include.quoted || room == rooms.end() || !include.header.starts_with(folder + "/")) continue;
      const std::string below = include.header.substr(folder.size() + 1);
      const std::string target = below.substr(0, below.find('/'));
      CHECK((target == include.room || room->second.contains(target)));
    }
  }
}

TEST_CASE("the arrows of rooms form no circle") {
  for (const auto& [folder, rooms] : room_arrows) {
    std::set<std::string> standing;  // rooms all of whose arrows end at rooms that stand already
    for (std::size_t round = 0; round < rooms.size(); ++round) {
      for (const auto& [room, allowed] : rooms) {
        if (std::includes(standing.begin(), standing.end(), allowed.begin(), allowed.end())) standing.insert(room);
      }
    }
    INFO(folder);
    CHECK(standing.size() == rooms.size());
  }
}

TEST_CASE("no room is overfull and no file is everybody's") {
  for (const auto& [folder, allowed] : arrows) {
    std::map<fs::path, std::size_t> files;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".hpp" && extension != ".cpp") continue;
      ++files[entry.path().parent_path()];
      INFO(entry.path());
      CHECK(lines_of(entry.path()) <= most_lines_in_a_file);
    }
    for (const auto& [room, count] : files) {
      INFO(room);
      CHECK(count <= most_files_in_a_room);
    }
  }
}

TEST_CASE("no test and no bench is longer than a source may be") {
  for (const std::string folder : {"tests", "bench"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      INFO(entry.path());
      CHECK(lines_of(entry.path()) <= most_lines_in_a_file);
    }
  }
}

TEST_CASE("a host composes: its room stays small") {
  std::size_t lines = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / "model" / "host")) {
    if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
    lines += lines_of(entry.path());
  }
  CHECK(lines > 0);
  CHECK(lines <= most_lines_of_the_host);
}

TEST_CASE("less than a third of the sources are compiled anew when a rule or a profile gets another name") {
  Closure closure;
  std::size_t sources = 0;
  std::map<std::string, std::size_t> dependants{
      {"model/systems/rule_book.hpp", 0}, {"model/systems/rules/connect.inc", 0}, {"model/systems/os_profile.hpp", 0}};
  for (const auto& [folder, allowed] : arrows) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      ++sources;
      const auto& reached = closure.of(entry.path().lexically_relative(NETLIMITS_SOURCE_DIR).string());
      for (auto& [header, count] : dependants) count += reached.contains(header) ? 1 : 0;
    }
  }
  for (const auto& [header, count] : dependants) {
    INFO(header << " is in " << count << " of " << sources << " sources (.ci/dependants --list " << header << ")");
    CHECK(count > 0);
    CHECK(count * 3 < sources);
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

TEST_CASE("the model reads no clock, no file and no JSON and draws nothing") {
  const std::set<std::string> banned{"fstream", "iostream", "random", "thread", "nlohmann/json.hpp"};
  for (const Include& include : includes_of("model")) {
    INFO(include.file << " includes " << include.header);
    CHECK_FALSE(banned.contains(include.header));
    CHECK_FALSE(include.header.starts_with("boost/random"));
  }
}

TEST_CASE("only random streams compute with fractions: compilers and processors differ in how they round") {
  static const std::regex fraction(R"re(^[^/]*\b(double|float)\b)re");
  for (const char* folder : {"model", "sim", "analysis"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      // How long a script takes on a kernel is in no result.
      if (entry.is_directory() || entry.path().stem() == "random_stream" || entry.path().filename() == "script.hpp")
        continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        INFO(entry.path() << ": " << line);
        CHECK_FALSE(std::regex_search(line, fraction));
      }
    }
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

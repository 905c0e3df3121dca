// Known words first, then what is there as a file or can only be meant as one, then what is spelt alike.
#include "cli/line/command_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "scenarios/json/input_error.hpp"
#include "scenarios/json/nearest_name.hpp"

namespace netlimits::cli {
namespace {

// A name with a folder or an ending is one of a file, also where it is not there: no command is named like that.
bool means_file(const std::string& word) {
  if (word == "-" || word.find_first_of("./") != std::string::npos) return true;
  std::error_code error;
  return std::filesystem::exists(word, error);
}

}  // namespace

tl::expected<std::vector<std::string>, std::string> with_command(std::vector<std::string> words,
                                                                 const std::vector<std::string>& commands) {
  if (words.empty()) return words;
  const std::string& first = words.front();
  if (std::find(commands.begin(), commands.end(), first) != commands.end()) return words;
  if (first.starts_with('-') && first != "-") return words;
  if (!means_file(first)) {
    return tl::unexpected(fmt::format("netlimits: no command and no file {}; {}", scenarios::in_quotes(first),
                                      scenarios::suggestion(first, commands)));
  }
  words.insert(words.begin(), "run");
  return words;
}

}  // namespace netlimits::cli

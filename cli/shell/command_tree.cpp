// Read from CLI11's own description. Descriptions are a paragraph, an empty line, then examples.
#include "cli/shell/command_tree.hpp"

#include <sstream>
#include <utility>

namespace netlimits::cli {
namespace {

// "TEXT:{text,json}" is a choice of two; "SIZE:SIZE [b, kb(=1024b), ...]" says more than a reader of help needs.
void read_type(const std::string& type, OptionWords& words) {
  const std::size_t colon = type.find(':');
  words.value = type.substr(0, colon);
  if (colon == std::string::npos) return;
  const std::string check = type.substr(colon + 1);
  if (check.size() > 2 && check.front() == '{' && check.back() == '}') {
    std::istringstream list(check.substr(1, check.size() - 2));
    for (std::string one; std::getline(list, one, ',');) words.choices.push_back(one);
  }
}

OptionWords option_words(const CLI::Option& option) {
  OptionWords words{.about = option.get_description(), .group = option.get_group()};
  if (option.get_positional()) {
    words.names = {option.get_single_name()};
  } else {
    for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  }
  if (option.get_type_size() > 0) {
    read_type(option.get_type_name(), words);
    words.usual = option.get_default_str();
  }
  words.repeats = option.get_expected_max() > 1;
  return words;
}

// The paragraph, and what follows it without its first word.
void read_description(const std::string& description, CommandWords& words) {
  const std::size_t gap = description.find("\n\n");
  words.about = description.substr(0, gap);
  if (gap == std::string::npos) return;
  std::istringstream rest(description.substr(gap));
  for (std::string line; std::getline(rest, line);) {
    const std::size_t from = line.find_first_not_of(' ');
    if (from == std::string::npos) continue;
    line.erase(0, from);
    constexpr std::string_view example = "Example: ";
    if (line.starts_with(example)) line.erase(0, example.size());
    words.examples.push_back(line);
  }
}

}  // namespace

CommandWords command_tree(const CLI::App& app, const KnownNames& known) {
  CommandWords words{.name = app.get_name()};
  read_description(app.get_description(), words);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? words.arguments : words.options).push_back(option_words(*option));
  }
  const auto names = known.find(words.name);
  if (names != known.end() && !words.arguments.empty()) words.arguments.front().choices = names->second;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    words.commands.push_back(command_tree(*command, known));
  return words;
}

std::vector<std::string> exit_code_lines() {
  return {"0   everything asked for holds",
          "1   an expectation does not hold, or diff found a difference",
          "2   wrong usage, or an invalid scenario, profile, script or result",
          "3   the model and the kernel disagree",
          "4   with --require-kernel: the kernel could not be asked",
          "70  a defect of the program",
          "130 an interrupt, after cleaning up"};
}

}  // namespace netlimits::cli

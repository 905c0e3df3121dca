// The order of a page, and where its lines break.
#include "cli/shell/help_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::cli {
namespace {

std::string head_of(const OptionWords& option) {
  std::string head = fmt::format("{}", fmt::join(option.names, ", "));
  if (!option.choices.empty() && option.choices.size() <= 8)
    return head + fmt::format(" {}", fmt::join(option.choices, "|"));
  const bool is_argument = option.names.front().front() != '-';
  return option.value.empty() || is_argument ? head : head + fmt::format(" {}", option.value);
}

std::string lines_of(const OptionWords& option) {
  std::string about = option.about;
  if (!option.usual.empty()) about += fmt::format(" [{}]", option.usual);
  return fmt::format("{}\n{}\n", wrapped(head_of(option), 8, 2), wrapped(about, 6, 6));
}

std::string usage_of(const CommandWords& command, const std::string& path) {
  std::string usage = fmt::format("Usage: {} [OPTIONS]", path);
  for (const OptionWords& argument : command.arguments)
    usage += fmt::format(" [{}{}]", argument.names.front(), argument.repeats ? "..." : "");
  if (!command.commands.empty()) usage += " COMMAND";
  return usage + "\n";
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t indent, std::size_t first_indent) {
  std::string lines(first_indent, ' ');
  std::size_t width = first_indent;
  bool begins = true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t length = scenarios::character_count(word);
    if (!begins && width + 1 + length > help_width) {
      lines += "\n" + std::string(indent, ' ');
      width = indent;
      begins = true;
    }
    if (!begins) {
      lines += ' ';
      ++width;
    }
    lines += word;
    width += length;
    begins = false;
  }
  return lines;
}

std::string help_page(const CommandWords& command, const std::string& path) {
  std::string page = wrapped(command.about, 0, 0) + "\n\n";
  for (std::size_t i = 0; i < command.examples.size(); ++i)
    page += wrapped(command.examples[i], 11, i == 0 ? 0 : 9).insert(i == 0 ? 0 : 9, i == 0 ? "Example: " : "") + "\n";
  page += "\n" + usage_of(command, path);
  if (!command.arguments.empty()) page += "\n";
  for (const OptionWords& argument : command.arguments) page += lines_of(argument);
  std::vector<std::string> groups;
  for (const OptionWords& option : command.options) {
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
  }
  for (const std::string& group : groups) {
    page += fmt::format("\n{}:\n", group);
    for (const OptionWords& option : command.options) {
      if (option.group == group) page += lines_of(option);
    }
  }
  if (!command.commands.empty()) page += "\nCommands:\n";
  for (const CommandWords& one : command.commands)
    page += fmt::format("{}\n", wrapped(one.about, 14, 14).replace(2, one.name.size(), one.name));
  page += "\nExit codes:\n";
  for (const std::string& line : exit_code_lines()) page += fmt::format("  {}\n", line);
  return page;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string path, CLI::AppFormatMode mode) const {
  const CommandWords tree = command_tree(*app);
  std::string page = help_page(tree, path);
  if (mode != CLI::AppFormatMode::All) return page;
  for (const CommandWords& command : tree.commands)
    page += fmt::format("\n\n{0} {1}\n\n{2}", path, command.name, help_page(command, path + " " + command.name));
  return page;
}

}  // namespace netlimits::cli

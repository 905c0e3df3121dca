// roff: a text keeps its dashes and backslashes, and no line of it begins a request.
#include "cli/shell/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace netlimits::cli {
namespace {

std::string roff(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '\\') {
      made += "\\e";
    } else if (c == '-') {
      made += "\\-";
    } else if ((c == '.' || c == '\'') && (made.empty() || made.back() == '\n')) {
      made += std::string("\\&") + c;
    } else {
      made += c;
    }
  }
  return made;
}

std::string option_entry(const OptionWords& option) {
  std::string head;
  for (const std::string& name : option.names)
    head += fmt::format("{}\\fB{}\\fR", head.empty() ? "" : ", ", roff(name));
  if (!option.choices.empty() && option.choices.size() <= 8)
    head += fmt::format(" {}", roff(fmt::format("{}", fmt::join(option.choices, "|"))));
  else if (!option.value.empty())
    head += fmt::format(" \\fI{}\\fR", roff(option.value));
  std::string about = option.about;
  if (!option.usual.empty()) about += fmt::format(" Without it: {}.", option.usual);
  return fmt::format(".TP\n{}\n{}\n", head, roff(about));
}

std::string command_section(const CommandWords& command, const std::string& program) {
  std::string text = fmt::format(".SS {}\n{}\n", roff(command.name), roff(command.about));
  if (!command.examples.empty()) {
    text += ".PP\n.nf\n";
    for (const std::string& example : command.examples) text += roff(example) + "\n";
    text += ".fi\n";
  }
  text += fmt::format(".PP\n\\fB{} {}\\fR [\\fIOPTIONS\\fR]", roff(program), roff(command.name));
  for (const OptionWords& argument : command.arguments)
    text += fmt::format(" [\\fI{}\\fR{}]", roff(argument.names.front()), argument.repeats ? "..." : "");
  text += "\n";
  for (const OptionWords& argument : command.arguments) text += option_entry(argument);
  for (const OptionWords& option : command.options) text += option_entry(option);
  return text;
}

}  // namespace

std::string man_page(const CommandWords& tree, const std::string& version) {
  std::string title = tree.name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  std::string page = fmt::format(
      ".TH {} 1 \"\" \"{} {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n\\fB{}\\fR \\fICOMMAND\\fR "
      "[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.PP\n\\fB{}\\fR \\fISCENARIO\\fR\n.SH DESCRIPTION\n{}\n",
      roff(title), roff(tree.name), roff(version), roff(tree.name),
      roff("deterministic simulator of the limits of network connections"), roff(tree.name), roff(tree.name),
      roff(tree.about));
  page += ".SH OPTIONS\n";
  for (const OptionWords& option : tree.options) page += option_entry(option);
  page += ".SH COMMANDS\n";
  for (const CommandWords& command : tree.commands) page += command_section(command, tree.name);
  page += ".SH EXIT STATUS\n";
  for (const std::string& line : exit_code_lines()) {
    const std::size_t gap = line.find(' ');
    page +=
        fmt::format(".TP\n\\fB{}\\fR\n{}\n", line.substr(0, gap), roff(line.substr(line.find_first_not_of(' ', gap))));
  }
  page += ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR, \\fBTERM=dumb\\fR\nText without colours.\n";
  return page;
}

}  // namespace netlimits::cli

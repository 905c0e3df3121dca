// One function a shell. Names of commands and options are words of letters and dashes; descriptions are quoted.
#include "cli/shell/completions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace netlimits::cli {
namespace {

// In single quotes, as all three shells read them.
std::string in_quotes(const std::string& text) {
  std::string made = "'";
  for (const char c : text) made += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return made + "'";
}

// fish has escapes within single quotes.
std::string fish_quoted(const std::string& text) {
  std::string made = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') made += '\\';
    made += c;
  }
  return made + "'";
}

// What a description of _arguments minds.
std::string zsh_about(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') made += '\\';
    made += c;
  }
  return made;
}

std::vector<std::string> names_of(const std::vector<OptionWords>& options) {
  std::vector<std::string> names;
  for (const OptionWords& option : options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> names_of(const std::vector<CommandWords>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CommandWords& command : commands) names.push_back(command.name);
  return names;
}

bool is_file(const OptionWords& option) { return option.value == "FILE" || option.value == "DIR"; }

// After an option that takes a value: its choices, files, or nothing.
std::string bash_values(const CommandWords& command, const std::string& choices) {
  std::string cases;
  std::vector<std::string> others;
  for (const OptionWords& option : command.options) {
    if (option.value.empty() || is_file(option)) continue;
    if (option.choices.empty()) {
      others.insert(others.end(), option.names.begin(), option.names.end());
    } else {
      cases += fmt::format("        {}) {} {}; return ;;\n", fmt::join(option.names, "|"), choices,
                           in_quotes(fmt::format("{}", fmt::join(option.choices, " "))));
    }
  }
  if (!others.empty())
    cases += fmt::format("        {}) compopt +o bashdefault +o default; return ;;\n", fmt::join(others, "|"));
  return cases;
}

}  // namespace

std::string bash_completion(const CommandWords& tree) {
  std::string script = fmt::format(
      "# bash completion of {0}; made by: {0} completion bash\n"
      "_{0}_choices() {{ mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"); }}\n"
      "_{0}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} command= i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${{COMP_WORDS[i]}} in {1}) command=${{COMP_WORDS[i]}}; break ;; esac\n"
      "  done\n"
      "  case $command in\n",
      tree.name, fmt::join(names_of(tree.commands), "|"));
  const std::string choices = fmt::format("_{}_choices", tree.name);
  const auto begins_with_dash = [&](const std::vector<std::string>& names) {
    return fmt::format("      case $word in -*) {} {}; return ;; esac\n", choices,
                       in_quotes(fmt::format("{}", fmt::join(names, " "))));
  };
  for (const CommandWords& command : tree.commands) {
    script += fmt::format("    {})\n", command.name);
    if (const std::string values = bash_values(command, choices); !values.empty())
      script += fmt::format("      case $before in\n{}      esac\n", values);
    script += begins_with_dash(names_of(command.options));
    if (!command.arguments.empty() && !command.arguments.front().choices.empty())
      script += fmt::format("      {} {}\n", choices,
                            in_quotes(fmt::format("{}", fmt::join(command.arguments.front().choices, " "))));
    script += "      ;;\n";
  }
  script += fmt::format("    *)\n{}      {} {}\n      ;;\n  esac\n}}\ncomplete -o bashdefault -o default -F _{} {}\n",
                        begins_with_dash(names_of(tree.options)), choices,
                        in_quotes(fmt::format("{}", fmt::join(names_of(tree.commands), " "))), tree.name, tree.name);
  return script;
}

std::string zsh_completion(const CommandWords& tree) {
  std::string script = fmt::format(
      "#compdef {0}\n# zsh completion of {0}; made by: {0} completion zsh\n_{0}() {{\n"
      "  local context state line\n  typeset -A opt_args\n"
      "  _arguments -C '1: :->command' '*:: :->rest'\n  case $state in\n    command)\n      local -a commands=(\n",
      tree.name);
  for (const CommandWords& command : tree.commands)
    script += fmt::format("        {}\n", in_quotes(fmt::format("{}:{}", command.name, zsh_about(command.about))));
  script += "      )\n      _describe command commands\n      _files\n      ;;\n    rest)\n      case $line[1] in\n";
  for (const CommandWords& command : tree.commands) {
    script += fmt::format("        {})\n          _arguments", command.name);
    for (const OptionWords& option : command.options) {
      for (const std::string& name : option.names) {
        std::string spec = fmt::format("{}{}[{}]", option.repeats ? "*" : "", name, zsh_about(option.about));
        if (!option.value.empty())
          spec += fmt::format(":{}:{}", zsh_about(option.value),
                              !option.choices.empty() ? fmt::format("({})", fmt::join(option.choices, " "))
                              : is_file(option)       ? std::string("_files")
                                                      : std::string(" "));
        script += fmt::format(" \\\n            {}", in_quotes(spec));
      }
    }
    for (const OptionWords& argument : command.arguments)
      script += fmt::format(
          " \\\n            {}",
          in_quotes(fmt::format("*:{}:{}", zsh_about(argument.names.front()),
                                argument.choices.empty() ? std::string("_files")
                                                         : fmt::format("({})", fmt::join(argument.choices, " ")))));
    script += "\n          ;;\n";
  }
  return script + fmt::format("      esac\n      ;;\n  esac\n}}\n_{} \"$@\"\n", tree.name);
}

std::string fish_completion(const CommandWords& tree) {
  std::string script = fmt::format("# fish completion of {0}; made by: {0} completion fish\n", tree.name);
  for (const CommandWords& command : tree.commands) {
    script += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", tree.name, command.name,
                          fish_quoted(command.about));
    const std::string in_command =
        fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}'", tree.name, command.name);
    for (const OptionWords& option : command.options) {
      script += in_command;
      for (const std::string& name : option.names)
        script +=
            name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
      if (!option.value.empty()) script += is_file(option) ? " -r" : " -x";
      if (!option.choices.empty())
        script += fmt::format(" -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
      script += fmt::format(" -d {}\n", fish_quoted(option.about));
    }
    for (const OptionWords& argument : command.arguments) {
      if (!argument.choices.empty())
        script +=
            fmt::format("{} -f -a {}\n", in_command, fish_quoted(fmt::format("{}", fmt::join(argument.choices, " "))));
    }
  }
  return script;
}

}  // namespace netlimits::cli

// Reads the shards of a sweep and prints the whole.
#include "cli/sweep/merge_command.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/sweep/sweep_command.hpp"
#include "report/sweep/sweep_forms.hpp"

namespace netlimits::cli {

ExitCode merge_command(const MergeArguments& arguments) {
  std::vector<report::SweepTable> shards;
  std::vector<std::string> names;
  bool readable = true;
  for (const std::string& file : arguments.files) {
    const auto text = read_input(file);
    if (!text) {
      complain(text.error());
      readable = false;
      continue;
    }
    auto table = report::read_sweep(*text);
    if (!table) {
      complain(fmt::format("{}: {}", display_name(file), table.error()));
      readable = false;
      continue;
    }
    shards.push_back(std::move(*table));
    names.push_back(display_name(file));
  }
  if (!readable) return ExitCode::bad_input;
  const auto whole = report::merged(std::move(shards), names);
  if (!whole) {
    complain(fmt::format("netlimits: {}", whole.error()));
    return ExitCode::bad_input;
  }
  return deliver_sweep(*whole, arguments.figure, arguments.output);
}

}  // namespace netlimits::cli

// The points of a sweep, worked out by several threads; what comes out does not depend on how many there are.
#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

#include "cli/sweep/journal.hpp"
#include "cli/sweep/sweep_command.hpp"
#include "report/sweep/sweep_table.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {

struct SweepWork {
  const SweepArguments* arguments = nullptr;
  const std::string* text = nullptr;  // of the scenario
  const scenarios::ProfileSet* profiles = nullptr;
  std::size_t jobs = 1;
  Journal* done = nullptr;  // null: nobody writes it down
};

// Adds the rows of the shard that the table does not have, and puts all in order. The error is what to print: that of
// the first point that has one.
tl::expected<void, std::string> work_out(const SweepWork& work, report::SweepTable& table);

}  // namespace netlimits::cli

// The points of a sweep that are done, in a file, so that a sweep that was killed goes on where it was.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "report/sweep/sweep_table.hpp"

namespace netlimits::cli {

class Journal {
 public:
  // A new file, or one of the same sweep that goes on: a last line that was cut off is left out. The error is what to
  // print: the file is of another sweep, or cannot be written.
  static tl::expected<Journal, std::string> open(const std::string& file, const report::SweepQuestion& question);

  // Those that are done, in the order of their points.
  std::vector<report::SweepRow> take_rows() { return std::move(rows_); }
  // A line of its own, whole once this returns. False: it cannot be written.
  bool add(const report::SweepRow& row);

 private:
  std::ofstream file_{};
  std::vector<report::SweepRow> rows_{};
};

}  // namespace netlimits::cli

// --vary: a range, or why it is none.
#include <string>

#include "scenarios/sweep/varied.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto varied = scenarios::parse_varied(text);
  // The text stands in the error as it was typed: who prints it makes it plain.
  if (!varied) {
    if (varied.error().empty()) broken("a failure has an error");
    return;
  }
  if (varied->values.empty() || varied->values.size() > scenarios::most_sweep_points)
    broken("a sweep has points, and not too many");
}

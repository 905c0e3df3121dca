// --vary: what it makes of a range it makes of the values one by one.
#include <string>

#include "scenarios/sweep/varied.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto varied = scenarios::parse_varied(text);
  if (!varied) {
    if (varied.error().empty() || scenarios::plain_line(varied.error()) != varied.error())
      broken("an error is one line of plain text");
    return;
  }
  if (varied->values.empty() || varied->values.size() > scenarios::most_sweep_points)
    broken("a sweep has points, and not too many");
}

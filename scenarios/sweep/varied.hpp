// What a sweep varies: a place in a scenario, and the values that it takes one after another.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace netlimits::scenarios {

struct Varied {
  std::string pointer{};              // a JSON pointer: "/workloads/load/connections"
  std::vector<std::string> values{};  // as --set takes them; each once, at least one
};

// All parameters together: so many rows and their values take half a gigabyte.
inline constexpr std::size_t most_sweep_points = 1'000'000;

// "POINTER=RANGE". A range is a list of values with commas between them; "1000..64000:x2" (each so many times the one
// before, also x1.5: rounded down, and at least one more), "1000..5000:1000" or "...:+1000" (so much more) and "1..5"
// (one more) stand for several. Both ends may have the same unit behind them: "100/s..800/s:x2", "1s..10s". The last
// value is there if a step meets it. The error is a clause that says what is wrong.
tl::expected<Varied, std::string> parse_varied(std::string_view text);

}  // namespace netlimits::scenarios

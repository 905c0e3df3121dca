// Quantities with units, read exactly: no binary fraction is ever involved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/net/time.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

inline constexpr Duration longest_duration = std::chrono::hours(24 * 36500);

// "60s", "250ms", "1.5h"; units ns, us, ms, s, min, h, d. Nothing unless the text is such a quantity, is a whole number
// of nanoseconds, and is at most `longest_duration`.
std::optional<Duration> parse_duration(std::string_view text);

// How often: `thousandths` per 1000 * `per`.
struct Rate {
  std::uint64_t thousandths = 0;
  Duration per{};
};

// "500/s", "0.5/s", "30/min", "10/h": at most three decimals, at most 10^9 a second, not zero.
std::optional<Rate> parse_rate(std::string_view text);

// "20%", "2.5%": thousandths, less than all of it.
std::optional<std::uint64_t> parse_share(std::string_view text);

// The time between two, to the nearest nanosecond.
Duration interval_of(const Rate& rate);
// Thousandths of an arrival per second; nothing when that is no whole number.
std::optional<std::uint64_t> thousandths_per_second(const Rate& rate);

// The other way round, in the largest unit that is exact. rate_text(): "500/s", for an interval that interval_of()
// gave; for others the nearest rate that can be said.
std::string duration_text(Duration time);
std::string rate_text(Duration interval);
std::string rate_text(std::uint64_t thousandths_per_second);

// The same from a field: a string with a unit, or an integer (of seconds, or per second). Refuse otherwise.
std::optional<Duration> duration_of(const Field& field, Duration least = Duration::zero());
std::optional<Rate> rate_of(const Field& field);

}  // namespace netlimits::scenarios

// Grouped digits, intervals, plurals and seconds.
#include "report/forms/number_text.hpp"

#include <fmt/format.h>

namespace netlimits::report {

std::string grouped(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t left = digits.size(); left > 3; left -= 3) digits.insert(left - 3, 1, ',');
  return digits;
}

std::string grouped(const analysis::Interval& interval) {
  return interval.exact() ? grouped(interval.min) : grouped(interval.min) + " to " + grouped(interval.max);
}

std::string counted(std::uint64_t value, const char* things) {
  std::string text = grouped(value) + " " + things;
  if (value == 1) text.pop_back();
  return text;
}

std::string counted(const analysis::Interval& value, const char* things) {
  return value.exact() ? counted(value.min, things) : grouped(value) + " " + things;
}

std::string seconds_text(Duration time) {
  const std::int64_t nanoseconds = time.count();
  const auto magnitude = nanoseconds < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(nanoseconds)
                                         : static_cast<std::uint64_t>(nanoseconds);
  std::string text =
      fmt::format("{}{}.{:09}", nanoseconds < 0 ? "-" : "", magnitude / 1'000'000'000, magnitude % 1'000'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

}  // namespace netlimits::report

// Splits the list, and works each range out.
#include "scenarios/sweep/varied.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "model/scenario/json_pointer.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::uint64_t largest_in_range = 1'000'000'000'000'000'000ULL;

// "64000", "100/s": a whole number and what stands behind it.
struct WithUnit {
  std::uint64_t number = 0;
  std::string unit{};
};
std::optional<WithUnit> with_unit(std::string_view text) {
  WithUnit made;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), made.number);
  if (read.ec != std::errc{} || made.number > largest_in_range) return std::nullopt;
  made.unit = std::string(read.ptr, text.data() + text.size());
  return made;
}

// How one value comes from the one before: times / 1000, and then so much more.
struct Step {
  std::uint64_t times = 1000;
  std::uint64_t more = 0;

  // At least one more. Nothing: it would be too large.
  std::optional<std::uint64_t> after(std::uint64_t value) const {
    if (value / 1000 > largest_in_range / times) return std::nullopt;
    const std::uint64_t next = value / 1000 * times + value % 1000 * times / 1000 + more;
    return std::max(next, value + 1);
  }
};

// "x2", "x1.5"; more than one, at most three decimals.
std::optional<std::uint64_t> thousandths_in(std::string_view text) {
  std::uint64_t units = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), units);
  if (read.ec != std::errc{} || units > 1'000'000) return std::nullopt;
  std::string_view rest(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  std::uint64_t thousandths = units * 1000;
  if (rest.empty()) return thousandths;
  if (rest.front() != '.' || rest.size() < 2 || rest.size() > 4) return std::nullopt;
  std::uint64_t worth = 100;
  for (const char digit : rest.substr(1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    thousandths += static_cast<std::uint64_t>(digit - '0') * worth;
    worth /= 10;
  }
  return thousandths;
}

std::optional<Step> step_in(std::string_view text, const std::string& unit) {
  if (text.starts_with('x')) {
    const auto times = thousandths_in(text.substr(1));
    return times && *times > 1000 ? std::optional(Step{*times, 0}) : std::nullopt;
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto more = with_unit(text);
  if (!more || more->number == 0 || (!more->unit.empty() && more->unit != unit)) return std::nullopt;
  return Step{1000, more->number};
}

// A clause where it is wrong.
std::optional<std::string> add_range(std::string_view item, std::vector<std::string>& values) {
  const std::size_t dots = item.find("..");
  std::string_view end = item.substr(dots + 2);
  Step step{1000, 1};
  const auto from = with_unit(item.substr(0, dots));
  if (const std::size_t colon = end.rfind(':'); colon != std::string_view::npos && from) {
    const auto told = step_in(end.substr(colon + 1), from->unit);
    if (!told)
      return fmt::format("expected a step such as x2, x1.5 or +1000, found {}", in_quotes(end.substr(colon + 1)));
    step = *told;
    end = end.substr(0, colon);
  }
  const auto to = with_unit(end);
  if (!from || !to || from->unit != to->unit || from->number > to->number)
    return fmt::format("expected a range such as 1000..64000:x2 or 100/s..800/s:+100, found {}", in_quotes(item));
  for (std::optional<std::uint64_t> value = from->number; value && *value <= to->number; value = step.after(*value)) {
    if (values.size() == most_sweep_points) return fmt::format("more than {} values", most_sweep_points);
    values.push_back(fmt::format("{}{}", *value, from->unit));
  }
  return std::nullopt;
}

// At commas that are in no list, object or string.
std::vector<std::string_view> items_of(std::string_view text) {
  std::vector<std::string_view> items;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at == text.size() ? ',' : text[at];
    if (c == '"' && (at == 0 || text[at - 1] != '\\')) quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (at != text.size() && (c != ',' || quoted || depth > 0)) continue;
    items.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  return items;
}

}  // namespace

tl::expected<Varied, std::string> parse_varied(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return tl::unexpected<std::string>("expected POINTER=RANGE, such as /workloads/load/connections=1000..64000:x2");
  Varied varied{.pointer = std::string(text.substr(0, equals))};
  const auto steps = steps_of_pointer(varied.pointer);
  if (!steps || steps->empty())
    return tl::unexpected(fmt::format("expected a JSON pointer such as /workloads/load/connections, found {}",
                                      in_quotes(varied.pointer)));
  for (const std::string_view item : items_of(text.substr(equals + 1))) {
    if (item.empty()) return tl::unexpected<std::string>("a value is empty");
    if (item.find("..") == std::string_view::npos || item.front() == '"') {
      varied.values.emplace_back(item);
    } else if (auto wrong = add_range(item, varied.values)) {
      return tl::unexpected(std::move(*wrong));
    }
  }
  std::set<std::string_view> seen;
  for (const std::string& value : varied.values) {
    if (!seen.insert(value).second) return tl::unexpected(fmt::format("{} is there twice", in_quotes(value)));
  }
  return varied;
}

}  // namespace netlimits::scenarios

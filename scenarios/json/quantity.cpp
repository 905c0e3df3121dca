// Decimal fractions as whole numbers of nanoseconds or thousandths; then durations and rates as fields.
#include "scenarios/json/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <boost/multiprecision/cpp_int.hpp>

namespace netlimits::scenarios {
namespace {

using std::chrono::duration_cast;

// Products of two 64-bit counts.
using Wide = boost::multiprecision::uint128_t;

constexpr std::array<std::pair<std::string_view, Duration>, 8> units{{
    {"ns", std::chrono::nanoseconds(1)},
    {"us", std::chrono::microseconds(1)},
    {"\u00b5s", std::chrono::microseconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"s", std::chrono::seconds(1)},
    {"min", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
    {"d", std::chrono::hours(24)},
}};

constexpr std::string_view duration_example = "a duration such as \"60s\", \"250ms\", or a whole number of seconds";
constexpr std::string_view duration_units = "units: ns, us, ms, s, min, h, d";
constexpr std::string_view rate_example = "a rate such as \"500/s\" or \"30/min\", or a whole number a second";

std::optional<Duration> unit_named(std::string_view name) {
  for (const auto& [unit, length] : units) {
    if (unit == name) return length;
  }
  return std::nullopt;
}

// digits, then perhaps a point and digits: value / 10^decimals.
struct Decimal {
  std::uint64_t value = 0;
  std::uint64_t scale = 1;
  std::string_view rest;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 10 - 1;
  Decimal decimal;
  std::size_t at = 0;
  std::size_t digits = 0;
  bool after_point = false;
  std::size_t decimals = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !after_point && digits > 0) {
      after_point = true;
    } else if (c >= '0' && c <= '9') {
      if (decimal.value > most || decimal.scale > most) return std::nullopt;
      decimal.value = decimal.value * 10 + static_cast<std::uint64_t>(c - '0');
      ++digits;
      if (after_point) {
        decimal.scale *= 10;
        ++decimals;
      }
    } else {
      break;
    }
  }
  if (digits == 0 || (after_point && decimals == 0)) return std::nullopt;
  decimal.rest = text.substr(at);
  if (!decimal.rest.empty() && decimal.rest.front() == ' ') decimal.rest.remove_prefix(1);
  return decimal;
}

// "500", "0.5": as few decimals as it takes.
std::string thousandths_text(std::uint64_t thousandths) {
  std::string text = fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  const auto unit = unit_named(decimal->rest);
  if (!unit) return std::nullopt;
  const Wide scaled = Wide(decimal->value) * static_cast<std::uint64_t>(unit->count());
  if (scaled % decimal->scale != 0) return std::nullopt;
  const Wide nanoseconds = scaled / decimal->scale;
  if (nanoseconds > static_cast<std::uint64_t>(longest_duration.count())) return std::nullopt;
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

std::optional<Rate> parse_rate(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal || decimal->rest.empty() || decimal->rest.front() != '/') return std::nullopt;
  const auto per = unit_named(decimal->rest.substr(1));
  if (!per || decimal->scale > 1000 || decimal->value == 0) return std::nullopt;
  const std::uint64_t factor = 1000 / decimal->scale;
  // One a nanosecond is the finest that the clock can tell apart.
  const std::uint64_t most = static_cast<std::uint64_t>(per->count()) * decimal->scale;
  if (decimal->value > most || decimal->value > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
  return Rate{decimal->value * factor, *per};
}

std::optional<std::uint64_t> parse_share(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  std::uint64_t tenth = 0;
  if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
    if (point + 2 != text.size() || text[point + 1] < '0' || text[point + 1] > '9') return std::nullopt;
    tenth = static_cast<std::uint64_t>(text[point + 1] - '0');
    text.remove_suffix(2);
  }
  std::uint64_t percent = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || percent > 99) return std::nullopt;
  return percent * 10 + tenth;
}

Duration interval_of(const Rate& rate) {
  const Wide nanoseconds = Wide(rate.per.count()) * 1000U;
  return Duration(static_cast<std::int64_t>((nanoseconds + rate.thousandths / 2) / rate.thousandths));
}

std::optional<std::uint64_t> thousandths_per_second(const Rate& rate) {
  const std::uint64_t second = static_cast<std::uint64_t>(Duration(std::chrono::seconds(1)).count());
  const auto per = static_cast<std::uint64_t>(rate.per.count());
  const Wide product = Wide(rate.thousandths) * second;
  if (product % per != 0 || product / per > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(product / per);
}

std::string duration_text(Duration time) {
  for (const auto& [unit, length] :
       {std::pair("s", Duration(std::chrono::seconds(1))), std::pair("ms", Duration(std::chrono::milliseconds(1))),
        std::pair("us", Duration(std::chrono::microseconds(1)))}) {
    if (time % length == Duration::zero()) return fmt::format("{}{}", time / length, unit);
  }
  return fmt::format("{}ns", time.count());
}

std::string rate_text(Duration interval) {
  const auto between = static_cast<std::uint64_t>(std::max<std::int64_t>(1, interval.count()));
  std::string nearest;
  for (const auto& [unit, length] : units) {
    const Wide thousandths = (static_cast<Wide>(length.count()) * 1000U + between / 2) / between;
    // One a nanosecond is the finest that a rate can say.
    if (thousandths == 0 || thousandths > static_cast<Wide>(length.count()) * 1000U) continue;
    const Rate rate{static_cast<std::uint64_t>(thousandths), length};
    nearest = fmt::format("{}/{}", thousandths_text(rate.thousandths), unit);
    if (interval_of(rate) == interval) return nearest;
  }
  return nearest;
}

std::string rate_text(std::uint64_t thousandths_per_second) {
  return fmt::format("{}/s", thousandths_text(thousandths_per_second));
}

std::optional<Duration> duration_of(const Field& field, Duration least) {
  std::optional<Duration> duration;
  const JsonNode& node = field.node();
  if (node.kind == JsonKind::string) {
    duration = parse_duration(node.text);
  } else if (node.kind == JsonKind::integer && node.integer >= 0 &&
             node.integer <= duration_cast<std::chrono::seconds>(longest_duration).count()) {
    duration = std::chrono::seconds(node.integer);
  }
  if (!duration) {
    field.refuse(std::string(duration_example), std::string(duration_units));
  } else if (*duration < least) {
    field.refuse(fmt::format("a duration of at least {} ns", least.count()));
    return std::nullopt;
  }
  return duration;
}

std::optional<Rate> rate_of(const Field& field) {
  const JsonNode& node = field.node();
  if (node.kind == JsonKind::string) {
    if (const auto rate = parse_rate(node.text)) return rate;
  } else if (node.kind == JsonKind::integer && node.integer > 0 && node.integer <= 1'000'000'000) {
    return Rate{static_cast<std::uint64_t>(node.integer) * 1000, std::chrono::seconds(1)};
  }
  field.refuse(std::string(rate_example), "per ns, us, ms, s, min, h or d; at most three decimals; more than none");
  return std::nullopt;
}

}  // namespace netlimits::scenarios

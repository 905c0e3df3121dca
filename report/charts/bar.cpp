// A track and what of it is filled.
#include "report/charts/bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>

#include "report/forms/escaping.hpp"

namespace netlimits::report {

std::uint64_t per_mille_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 1000;
  return static_cast<std::uint64_t>(boost::multiprecision::uint128_t(part) * 1000 / whole);
}

namespace {

// Doublings since one, in 256ths; between two powers of two in even steps, so that every processor gives the same.
std::uint64_t doublings(std::uint64_t value) {
  if (value <= 1) return 0;
  const auto whole = static_cast<std::uint64_t>(std::bit_width(value)) - 1;
  const std::uint64_t rest = value - (std::uint64_t{1} << whole);
  const std::uint64_t steps = whole >= 8 ? rest >> (whole - 8) : rest << (8 - whole);
  return whole * 256 + steps;
}

}  // namespace

std::uint64_t per_mille_of_doublings(std::uint64_t part, std::uint64_t whole) {
  return whole <= 1 ? 0 : per_mille_of(doublings(part), doublings(whole));
}

std::string percent_text(std::uint64_t per_mille) { return fmt::format("{}.{} %", per_mille / 10, per_mille % 10); }

std::string bar_svg(std::uint64_t per_mille, BarKind kind, std::string_view title) {
  const std::uint64_t filled = std::min<std::uint64_t>(per_mille, 1000);
  return fmt::format(
      "<svg class=\"bar\" role=\"img\" width=\"100%\" height=\"14\"><title>{}</title>"
      "<rect class=\"track\" width=\"100%\" height=\"14\" rx=\"3\"/>"
      "<rect class=\"{}\" width=\"{}.{}%\" height=\"14\" rx=\"3\"/></svg>",
      html_text(title), kind == BarKind::full ? "full" : "fill", filled / 10, filled % 10);
}

}  // namespace netlimits::report

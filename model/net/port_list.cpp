#include "model/net/port_list.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "model/net/sysctl_number.hpp"

namespace netlimits {
namespace {

std::optional<Port> parse_port(std::string_view text) {
  // The bitmap's parser takes neither blanks nor a sign.
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto number = read_sysctl_number(text);
  if (!number || !number->rest.empty() || number->negative || number->magnitude > 65535) return std::nullopt;
  return Port{static_cast<std::uint16_t>(number->magnitude)};
}

std::optional<PortRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

}  // namespace

std::vector<PortRange> normalised(std::vector<PortRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<PortRange> joined;
  for (const PortRange& range : ranges) {
    if (!joined.empty() && range.first.value <= joined.back().last.value + 1U) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::optional<std::vector<PortRange>> parse_port_list(std::string_view text) {
  std::vector<PortRange> ranges;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto range = parse_range(text.substr(0, comma));
    if (!range) return std::nullopt;
    ranges.push_back(*range);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return normalised(std::move(ranges));
}

std::string port_list_text(const std::vector<PortRange>& ranges) {
  std::string text;
  for (const PortRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += range.first == range.last ? fmt::format("{}", range.first.value)
                                      : fmt::format("{}-{}", range.first.value, range.last.value);
  }
  return text;
}

}  // namespace netlimits

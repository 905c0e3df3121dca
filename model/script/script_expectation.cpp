#include "model/script/script_expectation.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace netlimits {

std::optional<Port> script_port(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (trouble != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Port{value};
}

std::optional<bool> port_meets(std::string_view expectation, Port port, PortRange automatic_range) {
  if (expectation == "even") return port.value % 2 == 0;
  if (expectation == "odd") return port.value % 2 == 1;
  if (expectation == "nonzero") return port.value != 0;
  if (expectation == "in-range") return automatic_range.contains(port);
  if (expectation.starts_with('!')) {
    const auto other = script_port(expectation.substr(1));
    if (!other) return std::nullopt;
    return port != *other;
  }
  if (const auto dash = expectation.find('-'); dash != std::string_view::npos) {
    const auto first = script_port(expectation.substr(0, dash));
    const auto last = script_port(expectation.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    return *first <= port && port <= *last;
  }
  const auto same = script_port(expectation);
  if (!same) return std::nullopt;
  return port == *same;
}

bool name_fits(std::string_view pattern, std::string_view name) {
  // Greedy with one point of return: enough for '*', because a later star can take over what an earlier one left.
  std::size_t at = 0;
  std::size_t in = 0;
  std::optional<std::pair<std::size_t, std::size_t>> star;  // the pattern after it, the name where it was tried last
  while (in < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = {++at, in};
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in])) {
      ++at;
      ++in;
    } else if (star) {
      at = star->first;
      in = ++star->second;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace netlimits

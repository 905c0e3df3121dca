#include "model/net/sysctl_number.hpp"

#include <charconv>

namespace netlimits {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r'; }

}  // namespace

std::optional<SysctlNumber> read_sysctl_number(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  SysctlNumber number;
  if (!text.empty() && text.front() == '-') {
    number.negative = true;
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number.magnitude, base);
  if (parsed.ec != std::errc{}) return std::nullopt;
  number.rest = std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (!number.rest.empty() && !is_blank(number.rest.front())) return std::nullopt;
  return number;
}

}  // namespace netlimits

// Colours for a terminal, only where the style asks for them.
#pragma once

#include <fmt/color.h>

#include <string>

#include "report/forms/text_style.hpp"

namespace netlimits::report {

inline std::string styled(const std::string& text, const fmt::text_style& look, const TextStyle& style) {
  return style.colour ? fmt::format(look, "{}", text) : text;
}
inline std::string strong(const std::string& text, const TextStyle& style) {
  return styled(text, fmt::emphasis::bold, style);
}
inline std::string faint(const std::string& text, const TextStyle& style) {
  return styled(text, fmt::emphasis::faint, style);
}
inline std::string good(const std::string& text, const TextStyle& style) {
  return styled(text, fmt::fg(fmt::terminal_color::green), style);
}
inline std::string bad(const std::string& text, const TextStyle& style) {
  return styled(text, fmt::fg(fmt::terminal_color::red), style);
}
inline std::string doubtful(const std::string& text, const TextStyle& style) {
  return styled(text, fmt::fg(fmt::terminal_color::yellow), style);
}

}  // namespace netlimits::report

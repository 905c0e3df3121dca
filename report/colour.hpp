// Colours for a terminal, only where the style asks for them.
#pragma once

#include <string>

#include "report/text_style.hpp"

namespace netlimits::report {

inline std::string coloured(const std::string& text, const char* code, const TextStyle& style) {
  return style.colour ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}
inline std::string strong(const std::string& text, const TextStyle& style) { return coloured(text, "1", style); }
inline std::string faint(const std::string& text, const TextStyle& style) { return coloured(text, "2", style); }
inline std::string good(const std::string& text, const TextStyle& style) { return coloured(text, "32", style); }
inline std::string bad(const std::string& text, const TextStyle& style) { return coloured(text, "31", style); }
inline std::string doubtful(const std::string& text, const TextStyle& style) { return coloured(text, "33", style); }

}  // namespace netlimits::report

// When the line is drawn again, and how it is wiped out at the end.
#include "cli/progress_line.hpp"

#include <iostream>

#include "live/sandbox/terminal.hpp"
#include "report/forms/escaping.hpp"

namespace netlimits::cli {

ProgressLine::ProgressLine() : enabled_(live::is_terminal(live::Stream::error)), start_(Clock::now()), last_(start_) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void ProgressLine::show(const std::string& text) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now - start_ < std::chrono::seconds(1) || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  shown_ = true;
  std::cerr << '\r' << report::text_line(text) << "\033[K" << std::flush;
}

}  // namespace netlimits::cli

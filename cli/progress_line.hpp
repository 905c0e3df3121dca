// One line on standard error that is rewritten while something takes longer than a second; on a terminal only.
#pragma once

#include <chrono>
#include <string>

namespace netlimits::cli {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shows the text at most ten times a second, and only after the first second.
  void show(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  bool enabled_;
  bool shown_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace netlimits::cli

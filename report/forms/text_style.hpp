// How text for people looks.
#pragma once

namespace netlimits::report {

struct TextStyle {
  bool colour = false;  // ANSI colours; whoever prints knows whether it is a terminal
};

}  // namespace netlimits::report

// What is known about where the output goes.
#pragma once

namespace netlimits::live {

enum class Stream { output, error };

// True when the stream is a terminal that can show colour and rewrite a line: not a pipe, not TERM=dumb.
bool is_terminal(Stream stream);
// True when colour is wanted on it: a terminal, and NO_COLOR (https://no-color.org) unset or empty.
bool wants_colour(Stream stream);

}  // namespace netlimits::live

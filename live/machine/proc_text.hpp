// Files of /proc and /sys as texts.
#pragma once

#include <string>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// The whole of it, up to 256 MiB.
SystemResult<std::string> read_text(const std::string& path);

// What a link of /proc points to: "net:[4026531840]".
SystemResult<std::string> read_link(const std::string& path);

// The open descriptors of a process as `ls -l` shows them, one "3 -> socket:[4711]" a line; `directory` is its fd
// directory. A descriptor that is closed meanwhile is left out, and so is the one that reading the directory takes.
SystemResult<std::string> read_descriptors(const std::string& directory);

}  // namespace netlimits::live

// Getting a result out.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace netlimits::live {

// Writes to standard output. The error is a sentence that names it.
tl::expected<void, std::string> write_to_standard_output(std::string_view text);

// Writes to what has this name. A device, a FIFO or an open descriptor (/dev/stdout) is written into. A file is written
// whole or not at all: under its name there is the old content or the new one at any moment, also for others who write
// to it at the same time, after a crash of the machine, and when an interrupt ends the program (then the file is the
// old one and nothing else is left). It keeps its mode, and its owner where that is allowed.
// The error is a sentence that names the file. Throws Interrupted where interrupts are remembered.
tl::expected<void, std::string> write_to(const std::string& name, std::string_view text);

}  // namespace netlimits::live

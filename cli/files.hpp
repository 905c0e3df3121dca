// Reading what the user names and writing where the user asks.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace netlimits::cli {

// The whole of a file, or of standard input for "-". The error is a sentence that names the file.
tl::expected<std::string, std::string> read_input(const std::string& name);
// "-" is shown as "<stdin>" in messages.
std::string display_name(const std::string& name);

// Writes to standard output when the name is empty, else to what has the name (live/output/written_output.hpp): a file
// whole or not at all, a device or a FIFO as it is.
tl::expected<void, std::string> write_output(const std::string& name, const std::string& text);

}  // namespace netlimits::cli

// Reads files and standard input; live/output/ knows how to write.
#include "cli/files.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

#include "live/limits/callers_limits.hpp"
#include "live/output/written_output.hpp"
#include "report/forms/escaping.hpp"
#include "scenarios/json/whole_text.hpp"

namespace netlimits::cli {
namespace fs = std::filesystem;

std::string display_name(const std::string& name) { return name == "-" ? "<stdin>" : name; }

tl::expected<std::string, std::string> read_input(const std::string& name) {
  if (name == "-") {
    return scenarios::whole_text(std::cin).map_error(
        [](scenarios::ReadFailure failure) { return "standard input: " + scenarios::text_of(failure); });
  }
  const std::string shown = report::text_line(name);
  std::error_code error;
  const fs::file_status status = fs::status(name, error);
  if (!fs::exists(status))
    return tl::unexpected(shown + ": no such file; expected a file name or - for standard input");
  if (fs::is_directory(status)) return tl::unexpected(shown + ": is a directory; expected a file");
  std::ifstream file(name, std::ios::binary);
  if (!file) return tl::unexpected(shown + ": cannot be opened for reading: " + live::error_text(errno));
  return scenarios::whole_text(file).map_error(
      [&](scenarios::ReadFailure failure) { return shown + ": " + scenarios::text_of(failure); });
}

tl::expected<void, std::string> write_output(const std::string& name, const std::string& text) {
  std::cout.flush();
  return name.empty() ? live::write_to_standard_output(text) : live::write_to(name, text);
}

}  // namespace netlimits::cli

// The names of the formats, and how a result gets out.
#include "cli/result_output.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "live/sandbox/terminal.hpp"

namespace netlimits::cli {
namespace {

constexpr std::array format_names{
    std::pair{Format::text, "text"}, std::pair{Format::json, "json"},     std::pair{Format::junit, "junit"},
    std::pair{Format::tap, "tap"},   std::pair{Format::github, "github"}, std::pair{Format::markdown, "markdown"},
    std::pair{Format::html, "html"}, std::pair{Format::csv, "csv"},       std::pair{Format::vega_lite, "vega-lite"}};

}  // namespace

std::string_view name_of(Format format) {
  for (const auto& [each, name] : format_names) {
    if (each == format) return name;
  }
  return {};
}

std::optional<Format> format_named(std::string_view name) {
  for (const auto& [format, each] : format_names) {
    if (each == name) return format;
  }
  return std::nullopt;
}

report::TextStyle OutputArguments::style() const {
  return {.colour = file.empty() && live::wants_colour(live::Stream::output)};
}

ExitCode deliver(const OutputArguments& output, const Forms& forms, ExitCode code) {
  const auto form = forms.find(output.format);
  if (form == forms.end()) {
    complain(fmt::format("netlimits: --format {}: this result has no such form", name_of(output.format)));
    return worse(code, ExitCode::bad_input);
  }
  const auto done = write_output(output.file, form->second());
  if (done) return code;
  complain("netlimits: " + done.error());
  return worse(code, ExitCode::bad_input);
}

}  // namespace netlimits::cli

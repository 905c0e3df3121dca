// What a result looks like and where it goes: the formats that --format names, and their one dispatch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::cli {

enum class Format : std::uint8_t { text, json, junit, tap, github, markdown, html, csv, vega_lite };

std::string_view name_of(Format format);
std::optional<Format> format_named(std::string_view name);

struct OutputArguments {
  Format format = Format::text;
  std::string file{};  // empty: standard output

  report::TextStyle style() const;  // with colours where a terminal shows them
};

// The formats that one result has, and how each is made.
using Forms = std::map<Format, std::function<std::string()>>;

// Makes the format that is asked for and writes it where it is asked for. Returns `code`, or what is worse when it
// cannot be written, after saying why. A format that the result has not is bad input.
ExitCode deliver(const OutputArguments& output, const Forms& forms, ExitCode code);

// The texts of several results, one after another, a line between them.
template <class Results, class Text>
std::string one_after_another(const Results& results, std::string_view between, Text&& text_of) {
  std::string all;
  for (const auto& result : results) {
    if (!all.empty()) all += between;
    all += text_of(result);
  }
  return all;
}

}  // namespace netlimits::cli

// A sweep for people: a chart in characters, or a table.
#pragma once

#include <string>
#include <string_view>

#include "report/forms/text_style.hpp"
#include "report/sweep/sweep_table.hpp"

namespace netlimits::report {

// A bar for each value of one parameter, a map of two; of many points evenly spaced ones. Requires: `figure` is one of
// its figures.
std::string sweep_text(const SweepTable& table, std::string_view figure, const TextStyle& style);
// Every point with all its figures.
std::string sweep_markdown(const SweepTable& table);

// Where the figure stands in a row. Nothing: it is no figure of it.
std::optional<std::size_t> index_of_figure(const SweepQuestion& question, std::string_view figure);

}  // namespace netlimits::report

// A sweep as data: JSON (which reads back), CSV, and a chart of Vega-Lite.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "report/sweep/sweep_table.hpp"

namespace netlimits::report {

// The format netlimits.sweep/1. Shards that are merged give the bytes of the whole.
std::string sweep_json(const SweepTable& table);
// RFC 4180, with line feeds alone as on every other output: a line of names, then a line for each point. What a
// spreadsheet takes for a formula stands behind an apostrophe.
std::string sweep_csv(const SweepTable& table);
// A specification of Vega-Lite 5 with its data: a line over one parameter, with a band where there are confidence
// intervals; a map of colours over two. Requires: `figure` is one of its figures.
std::string sweep_vega_lite(const SweepTable& table, std::string_view figure);

// What is asked, without rows: where two are equal, their rows belong together.
nlohmann::json json_of(const SweepQuestion& question);
nlohmann::json json_of(const SweepRow& row);

// A row as json_of() writes it. Nothing: it is none of this question.
std::optional<SweepRow> sweep_row_in(const nlohmann::json& row, const SweepQuestion& question);

// Reads what sweep_json() wrote. The error is a sentence.
tl::expected<SweepTable, std::string> read_sweep(std::string_view text);

// All shards of one sweep as one table. `names` are how messages call them. The error is a sentence: they belong to
// different sweeps, a point is there twice, or some are missing.
tl::expected<SweepTable, std::string> merged(std::vector<SweepTable> shards, const std::vector<std::string>& names);

}  // namespace netlimits::report

// One line of what is asked, then a line for each point.
#include "cli/sweep/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "report/sweep/sweep_forms.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::cli {
namespace {

using nlohmann::json;
using report::SweepRow;

std::string line_of(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace).append("\n");
}

// The error says what is wrong with the file.
tl::expected<std::map<std::size_t, SweepRow>, std::string> rows_in(const std::string& text,
                                                                   const report::SweepQuestion& question) {
  std::map<std::size_t, SweepRow> rows;
  const std::size_t first = text.find('\n');
  // Killed before the first line was whole.
  if (first == std::string::npos) {
    if (line_of(json_of(question)).starts_with(text)) return rows;
    return tl::unexpected<std::string>("it is no file of a sweep");
  }
  if (text.substr(0, first + 1) != line_of(json_of(question)))
    return tl::unexpected<std::string>("it is of another sweep: another scenario, version, range or shard");
  for (std::size_t begin = first + 1; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;  // cut off
    auto row = report::sweep_row_in(json::parse(text.substr(begin, end - begin), nullptr, false), question);
    if (!row) return tl::unexpected(fmt::format("no row of the sweep at byte {}", begin));
    const std::size_t point = row->point;
    rows.insert_or_assign(point, std::move(*row));
    begin = end + 1;
  }
  return rows;
}

}  // namespace

tl::expected<Journal, std::string> Journal::open(const std::string& file, const report::SweepQuestion& question) {
  const auto wrong = [&](const std::string& why) {
    return tl::unexpected(fmt::format("netlimits: --resume {}: {}", scenarios::in_quotes(file), why));
  };
  Journal journal;
  std::string text = line_of(json_of(question));
  std::error_code there;
  if (std::filesystem::exists(file, there)) {
    const auto before = read_input(file);
    if (!before) return wrong(before.error());
    auto rows = rows_in(*before, question);
    if (!rows) return wrong(rows.error());
    for (auto& [point, row] : *rows) {
      text += line_of(json_of(row));
      journal.rows_.push_back(std::move(row));
    }
  }
  // Without what was cut off.
  if (const auto written = write_output(file, text); !written) return wrong(written.error());
  journal.file_.open(file, std::ios::app | std::ios::binary);
  if (!journal.file_) return wrong("it cannot be written");
  return journal;
}

bool Journal::add(const SweepRow& row) {
  file_ << line_of(json_of(row)) << std::flush;
  return file_.good();
}

}  // namespace netlimits::cli

// Reads a sweep back, and puts shards together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "report/forms/json_text.hpp"
#include "report/sweep/sweep_forms.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

constexpr std::size_t most_missing_told = 5;

std::optional<SweepCell> cell_in(const json& cell) {
  if (cell.is_null()) return SweepCell();
  if (cell.is_number_unsigned()) return SweepCell(cell.get<std::uint64_t>());
  if (cell.is_string()) return SweepCell(cell.get<std::string>());
  return std::nullopt;
}

std::string value_text(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Throws json::exception where a key is missing or of another kind.
SweepQuestion question_in(const json& document) {
  SweepQuestion question;
  question.by = document.at("by").get<std::string>() == "run" ? SweptBy::run : SweptBy::capacity;
  question.replications = document.at("replications").get<std::uint64_t>();
  for (const json& one : document.at("vary")) {
    scenarios::Varied varied{.pointer = one.at("pointer").get<std::string>()};
    for (const json& value : one.at("values")) varied.values.push_back(value_text(value));
    question.varied.push_back(std::move(varied));
  }
  if (!document.at("shard").is_null())
    question.shard = {document.at("shard").at("index").get<std::uint64_t>(),
                      document.at("shard").at("of").get<std::uint64_t>()};
  RestsOn& on = question.on;
  on.version = document.at("version").get<std::string>();
  on.seed = document.at("seed").get<std::uint64_t>();
  const json& scenario = document.at("scenario");
  on.scenario_name = scenario.at("name").get<std::string>();
  on.basis.sha256 = scenario.at("sha256").get<std::string>();
  on.basis.effective_sha256 = scenario.at("effective_sha256").get<std::string>();
  on.basis.overrides = scenario.at("overrides").get<std::vector<std::string>>();
  for (const json& profile : document.at("profiles"))
    on.basis.profiles.push_back({profile.at("name").get<std::string>(),
                                 profile.at("kernel").is_null() ? "" : profile.at("kernel").get<std::string>(),
                                 profile.at("sha256").get<std::string>()});
  return question;
}

bool makes_sense(const SweepQuestion& question) {
  if (question.varied.empty() || question.varied.size() > 2 || question.replications == 0) return false;
  if (question.shard.of == 0 || question.shard.index == 0 || question.shard.index > question.shard.of) return false;
  std::size_t points = 1;
  for (const scenarios::Varied& one : question.varied) {
    if (one.values.empty() || one.values.size() > scenarios::most_sweep_points / points) return false;
    points *= one.values.size();
  }
  return true;
}

json without_shard(SweepQuestion question) {
  question.shard = {};
  return json_of(question);
}

}  // namespace

std::optional<SweepRow> sweep_row_in(const json& row, const SweepQuestion& question) {
  if (!row.is_object() || !row.contains("point") || !row.at("point").is_number_unsigned() || !row.contains("cells") ||
      !row.at("cells").is_array())
    return std::nullopt;
  SweepRow made{row.at("point").get<std::size_t>(), {}};
  if (made.point >= question.points() || !question.shard.has(made.point)) return std::nullopt;
  for (const json& cell : row.at("cells")) {
    auto read = cell_in(cell);
    if (!read) return std::nullopt;
    made.cells.push_back(std::move(*read));
  }
  if (made.cells.size() != figures_of(question.by, question.replications).size()) return std::nullopt;
  return made;
}

tl::expected<SweepTable, std::string> read_sweep(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("format") || document.at("format") != "netlimits.sweep/1")
    return tl::unexpected<std::string>("expected a result of netlimits sweep --format json (netlimits.sweep/1)");
  try {
    SweepTable table{.question = question_in(document)};
    if (!makes_sense(table.question)) return tl::unexpected<std::string>("no sweep is asked in it");
    const auto figures = figures_of(table.question.by, table.question.replications);
    for (const json& row : document.at("rows")) {
      json cells = json::array();
      for (const std::string& figure : figures) cells.push_back(row.at("figures").at(figure));
      auto read = sweep_row_in({{"point", row.at("point")}, {"cells", std::move(cells)}}, table.question);
      if (!read) return tl::unexpected(fmt::format("/rows/{} is no row of it", table.rows.size()));
      table.rows.push_back(std::move(*read));
    }
    return table;
  } catch (const json::exception& wrong) {
    return tl::unexpected(fmt::format("not as netlimits writes it: {}", wrong.what()));
  }
}

tl::expected<SweepTable, std::string> merged(std::vector<SweepTable> shards, const std::vector<std::string>& names) {
  SweepTable whole{.question = shards.front().question};
  whole.question.shard = {};
  const json asked = json_of(whole.question);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (without_shard(shards[i].question) != asked)
      return tl::unexpected(fmt::format("{} is of another sweep than {}", names[i], names.front()));
    std::move(shards[i].rows.begin(), shards[i].rows.end(), std::back_inserter(whole.rows));
  }
  std::stable_sort(whole.rows.begin(), whole.rows.end(),
                   [](const SweepRow& a, const SweepRow& b) { return a.point < b.point; });
  std::vector<std::size_t> missing;
  std::size_t next = 0;
  for (const SweepRow& row : whole.rows) {
    if (row.point < next) return tl::unexpected(fmt::format("point {} is there twice", row.point));
    for (; next < row.point; ++next) missing.push_back(next);
    ++next;
  }
  for (; next < whole.question.points(); ++next) missing.push_back(next);
  if (missing.empty()) return whole;
  const std::size_t told = std::min(missing.size(), most_missing_told);
  const std::span<const std::size_t> first(missing.data(), told);
  return tl::unexpected(fmt::format("{} of {} points are missing: {}{}; give every shard", missing.size(),
                                    whole.question.points(), fmt::join(first, ", "),
                                    missing.size() > told ? " ..." : ""));
}

}  // namespace netlimits::report

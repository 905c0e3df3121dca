// A cell in each form; then rows, and the question that they answer.
#include "report/sweep/sweep_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "report/forms/json_text.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

json json_of_cell(const SweepCell& cell) {
  if (const auto* number = std::get_if<std::uint64_t>(&cell)) return *number;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

// A value as --set takes it: a number where it is one.
json json_of_value(const std::string& value) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool plain = read.ec == std::errc{} && read.ptr == value.data() + value.size();
  return plain && fmt::format("{}", number) == value ? json(number) : json(value);
}

std::string csv_cell(const std::string& text) {
  // https://owasp.org/www-community/attacks/CSV_Injection
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  const std::string safe = scenarios::plain_line(formula ? fmt::format("'{}", text) : text);
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted.append(c == '"' ? 2 : 1, c);
  return quoted.append("\"");
}

std::string csv_cell(const SweepCell& cell) {
  if (const auto* number = std::get_if<std::uint64_t>(&cell)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_cell(*text);
  return {};
}

// "/workloads/load/connections" as a key of data points: Vega takes dots and brackets for paths.
std::string plain_name(std::string name) {
  for (char& c : name) {
    if (c == '.' || c == '[' || c == ']' || c == '\\' || c == '\'' || c == '"') c = '_';
  }
  return name;
}

// Numbers with a fraction are text in a table; a chart needs them as they are.
json chart_value(const SweepCell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr || text->empty() || text->find_first_not_of("0123456789.") != std::string::npos)
    return json_of_cell(cell);
  return json::parse(*text, nullptr, false);
}

json chart_data(const SweepTable& table) {
  const auto figures = figures_of(table.question.by, table.question.replications);
  json values = json::array();
  for (const SweepRow& row : table.rows) {
    json point = json::object();
    const auto at = table.question.values_at(row.point);
    for (std::size_t i = 0; i < at.size(); ++i)
      point[plain_name(table.question.varied[i].pointer)] = json_of_value(at[i]);
    for (std::size_t i = 0; i < figures.size(); ++i) point[figures[i]] = chart_value(row.cells[i]);
    values.push_back(std::move(point));
  }
  return values;
}

json axis(const scenarios::Varied& varied) {
  const bool numbers = std::all_of(varied.values.begin(), varied.values.end(),
                                   [](const std::string& value) { return json_of_value(value).is_number(); });
  json made{
      {"field", plain_name(varied.pointer)}, {"title", varied.pointer}, {"type", numbers ? "quantitative" : "ordinal"}};
  if (!numbers) made["sort"] = nullptr;
  return made;
}

}  // namespace

json json_of(const SweepQuestion& question) {
  json made{{"format", "netlimits.sweep/1"},
            {"by", name_of(question.by)},
            {"replications", question.replications},
            {"points", question.points()},
            {"figures", figures_of(question.by, question.replications)},
            {"vary", json::array()},
            {"shard", nullptr}};
  put_basis(made, question.on);
  for (const scenarios::Varied& one : question.varied) {
    json values = json::array();
    for (const std::string& value : one.values) values.push_back(json_of_value(value));
    made["vary"].push_back({{"pointer", one.pointer}, {"values", std::move(values)}});
  }
  if (question.shard.of != 1) made["shard"] = {{"index", question.shard.index}, {"of", question.shard.of}};
  return made;
}

json json_of(const SweepRow& row) {
  json cells = json::array();
  for (const SweepCell& cell : row.cells) cells.push_back(json_of_cell(cell));
  return {{"point", row.point}, {"cells", std::move(cells)}};
}

std::string sweep_json(const SweepTable& table) {
  json made = json_of(table.question);
  const auto figures = figures_of(table.question.by, table.question.replications);
  json& rows = made["rows"] = json::array();
  for (const SweepRow& row : table.rows) {
    json figures_here = json::object();
    for (std::size_t i = 0; i < figures.size(); ++i) figures_here[figures[i]] = json_of_cell(row.cells[i]);
    json values = json::array();
    for (const std::string& value : table.question.values_at(row.point)) values.push_back(json_of_value(value));
    rows.push_back({{"point", row.point}, {"values", std::move(values)}, {"figures", std::move(figures_here)}});
  }
  return json_bytes(made);
}

std::string sweep_csv(const SweepTable& table) {
  std::string text = "point";
  for (const scenarios::Varied& one : table.question.varied) text.append(",").append(csv_cell(one.pointer));
  for (const std::string& name : figures_of(table.question.by, table.question.replications))
    text.append(",").append(name);
  text += "\n";
  for (const SweepRow& row : table.rows) {
    text += fmt::format("{}", row.point);
    for (const std::string& value : table.question.values_at(row.point)) text.append(",").append(csv_cell(value));
    for (const SweepCell& cell : row.cells) text.append(",").append(csv_cell(cell));
    text += "\n";
  }
  return text;
}

std::string sweep_vega_lite(const SweepTable& table, std::string_view figure) {
  const SweepQuestion& question = table.question;
  json made{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
            {"title", fmt::format("{}: {}", question.on.scenario_name, figure)},
            {"description", basis_line(question.on, Hashes::whole)},
            {"data", {{"values", chart_data(table)}}}};
  const std::string name(figure);
  json figure_axis{{"field", name}, {"type", "quantitative"}};
  if (question.varied.size() == 2) {
    json across = axis(question.varied.back());
    json up = axis(question.varied.front());
    across["type"] = up["type"] = "ordinal";
    across["sort"] = up["sort"] = nullptr;
    made["mark"] = "rect";
    made["encoding"] = {{"x", std::move(across)}, {"y", std::move(up)}, {"color", std::move(figure_axis)}};
    return json_bytes(made);
  }
  const json across = axis(question.varied.front());
  json line{{"mark", {{"type", "line"}, {"point", true}}}, {"encoding", {{"y", figure_axis}}}};
  json layers = json::array();
  const auto figures = figures_of(question.by, question.replications);
  const std::string low = fmt::format("{}_low", figure);
  if (std::find(figures.begin(), figures.end(), low) != figures.end())
    layers.push_back({{"mark", {{"type", "area"}, {"opacity", 0.25}}},
                      {"encoding",
                       {{"y", {{"field", low}, {"type", "quantitative"}, {"title", name}}},
                        {"y2", {{"field", fmt::format("{}_high", figure)}}}}}});
  layers.push_back(std::move(line));
  layers.push_back({{"mark", "point"},
                    {"encoding", {{"y", figure_axis}, {"color", {{"field", "binding_limit"}, {"type", "nominal"}}}}}});
  made["encoding"] = {{"x", across}};
  made["layer"] = std::move(layers);
  return json_bytes(made);
}

}  // namespace netlimits::report

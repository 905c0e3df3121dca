// Bars and shades are worked out in thousandths of the figure.
#include "report/sweep/sweep_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"

namespace netlimits::report {
namespace {

constexpr std::size_t most_bars = 40;
constexpr std::size_t most_columns = 72;
constexpr std::size_t columns_with_figures = 8;
constexpr std::uint64_t bar_width = 40;
constexpr std::array shades{" ", "░", "▒", "▓", "█"};

// Billionths of a figure with a fraction, or of a whole one.
std::optional<std::uint64_t> amount_of(const SweepCell& cell) {
  constexpr std::uint64_t unit = 1'000'000'000;
  if (const auto* number = std::get_if<std::uint64_t>(&cell))
    return *number > UINT64_MAX / unit ? std::nullopt : std::optional(*number * unit);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return std::nullopt;
  std::uint64_t whole = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, whole);
  if (read.ec != std::errc{} || whole > UINT64_MAX / unit - 1) return std::nullopt;
  std::uint64_t amount = whole * unit;
  std::uint64_t worth = unit / 10;
  for (const char* at = read.ptr + 1; at < end && *at >= '0' && *at <= '9'; ++at, worth /= 10)
    amount += static_cast<std::uint64_t>(*at - '0') * worth;
  return amount;
}

std::string shown(const SweepCell& cell) {
  if (const auto* number = std::get_if<std::uint64_t>(&cell)) return grouped(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return "-";
}

// part / whole of `width`, rounded; both may be large.
std::uint64_t share_of(std::uint64_t part, std::uint64_t whole, std::uint64_t width) {
  if (whole == 0) return 0;
  if (whole > UINT64_MAX / (2 * width)) return part / (whole / width);
  return (part * width + whole / 2) / whole;
}

// Evenly spaced ones of so many, the first and the last among them.
std::vector<std::size_t> spaced(std::size_t all, std::size_t most) {
  std::vector<std::size_t> chosen;
  if (all <= most) {
    for (std::size_t i = 0; i < all; ++i) chosen.push_back(i);
    return chosen;
  }
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(i * (all - 1) / (most - 1));
  return chosen;
}

std::uint64_t largest_of(const SweepTable& table, std::size_t figure) {
  std::uint64_t largest = 0;
  for (const SweepRow& row : table.rows) largest = std::max(largest, amount_of(row.cells[figure]).value_or(0));
  return largest;
}

std::string headline_of(const SweepTable& table, std::string_view figure) {
  const SweepQuestion& question = table.question;
  std::vector<std::string> pointers;
  for (const scenarios::Varied& one : question.varied) pointers.push_back(one.pointer);
  const std::string runs =
      question.replications == 1 ? "" : fmt::format(", means of {} runs", grouped(question.replications));
  const std::string part =
      question.shard.of == 1 ? "" : fmt::format(" (shard {} of {})", question.shard.index, question.shard.of);
  return fmt::format("{}: {} over {}, {}{}{}", question.on.scenario_name, figure, fmt::join(pointers, " and "),
                     counted(table.rows.size(), "points"), part, runs);
}

std::string bars(const SweepTable& table, std::size_t figure, const TextStyle& style) {
  const auto names = figures_of(table.question.by, table.question.replications);
  const bool band = figure + 2 < names.size() && names[figure + 1] == fmt::format("{}_low", names[figure]);
  const std::size_t limit = *index_of_figure(table.question, "binding_limit");
  const std::uint64_t largest = largest_of(table, figure);
  Table chart({{table.question.varied.front().pointer, Align::right},
               {names[figure], Align::right},
               {""},
               {"then binds"},
               {band ? "95 % confidence" : ""}});
  for (const std::size_t i : spaced(table.rows.size(), most_bars)) {
    const SweepRow& row = table.rows[i];
    std::string bar;
    for (std::uint64_t n = share_of(amount_of(row.cells[figure]).value_or(0), largest, bar_width); n > 0; --n)
      bar += shades.back();
    chart.add({table.question.values_at(row.point).front(), shown(row.cells[figure]), bar, shown(row.cells[limit]),
               band ? fmt::format("{} to {}", shown(row.cells[figure + 1]), shown(row.cells[figure + 2])) : ""});
  }
  return chart.text(style);
}

std::string map_of_figures(const SweepTable& table, std::size_t figure, const TextStyle& style) {
  const SweepQuestion& question = table.question;
  const scenarios::Varied& up = question.varied.front();
  const scenarios::Varied& across = question.varied.back();
  std::map<std::size_t, const SweepRow*> rows;
  for (const SweepRow& row : table.rows) rows[row.point] = &row;
  const bool figures = across.values.size() <= columns_with_figures;
  const std::uint64_t largest = largest_of(table, figure);
  const auto columns = spaced(across.values.size(), most_columns);
  std::vector<Column> titles{{fmt::format("{} \\ {}", up.pointer, across.pointer), Align::right}};
  if (figures) {
    for (const std::string& value : across.values) titles.push_back({value, Align::right});
  } else {
    titles.push_back({fmt::format("{} to {}", across.values.front(), across.values.back())});
  }
  Table chart(titles);
  for (const std::size_t i : spaced(up.values.size(), most_bars)) {
    std::vector<std::string> cells{up.values[i]};
    std::string line;
    for (const std::size_t k : columns) {
      const auto found = rows.find(i * across.values.size() + k);
      const SweepCell cell = found == rows.end() ? SweepCell() : found->second->cells[figure];
      if (figures)
        cells.push_back(shown(cell));
      else
        line += shades.at(share_of(amount_of(cell).value_or(0), largest, shades.size() - 1));
    }
    if (!figures) cells.push_back(fmt::format("|{}|", line));
    chart.add(std::move(cells));
  }
  std::string text = chart.text(style);
  if (!figures) text += "\nshades: a quarter of the largest figure each, from none to all of it\n";
  return text;
}

}  // namespace

std::optional<std::size_t> index_of_figure(const SweepQuestion& question, std::string_view figure) {
  const auto names = figures_of(question.by, question.replications);
  const auto found = std::find(names.begin(), names.end(), figure);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::string sweep_text(const SweepTable& table, std::string_view figure, const TextStyle& style) {
  std::string text = fmt::format("{}\n\n", strong(text_line(headline_of(table, figure)), style));
  const std::size_t index = *index_of_figure(table.question, figure);
  text += table.question.varied.size() == 1 ? bars(table, index, style) : map_of_figures(table, index, style);
  if (table.question.varied.size() == 1 && table.rows.size() > most_bars)
    text +=
        fmt::format("\n{} of {} points are shown: --format csv has them all\n", most_bars, grouped(table.rows.size()));
  return text + fmt::format("\n{}\n", text_line(basis_line(table.question.on, Hashes::cut)));
}

std::string sweep_markdown(const SweepTable& table) {
  std::vector<Column> columns;
  for (const scenarios::Varied& one : table.question.varied) columns.push_back({one.pointer, Align::right});
  for (std::string& name : figures_of(table.question.by, table.question.replications))
    columns.push_back({std::move(name), Align::right});
  Table all(std::move(columns));
  for (const SweepRow& row : table.rows) {
    std::vector<std::string> cells = table.question.values_at(row.point);
    for (const SweepCell& cell : row.cells) cells.push_back(shown(cell));
    all.add(std::move(cells));
  }
  return fmt::format("### {}\n\n{}\n{}\n", markdown_text(headline_of(table, usual_figure(table.question.by))),
                     all.markdown(), markdown_text(basis_line(table.question.on, Hashes::cut)));
}

}  // namespace netlimits::report

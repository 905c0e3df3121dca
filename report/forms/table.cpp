// Column widths in characters, not bytes; then the three forms.
#include "report/forms/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "scenarios/json/plain_text.hpp"

namespace netlimits::report {
using scenarios::character_count;

std::string Table::text(const TextStyle& style) const {
  if (rows_.empty()) return {};
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(text_line(column.title));
  std::vector<std::vector<std::string>> rows = rows_;
  for (auto& row : rows) {
    for (std::string& cell : row) cell = text_line(cell);
  }
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = character_count(titles[c]);
    for (const auto& row : rows) width = std::max(width, character_count(row[c]));
    widths.push_back(width);
  }
  const auto line_of = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      const std::string blanks(widths[c] - character_count(cell), ' ');
      if (c != 0) line += "  ";
      line += columns_[c].align == Align::right ? blanks + cell : cell + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  std::string text = faint(line_of([&](std::size_t c) -> const std::string& { return titles[c]; }), style) + "\n";
  for (const auto& row : rows) text += line_of([&](std::size_t c) -> const std::string& { return row[c]; }) + "\n";
  return text;
}

std::string Table::html() const {
  if (rows_.empty()) return {};
  const auto row_of = [&](const char* tag, const auto& cell_of) {
    std::string row = "<tr>";
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const char* number = columns_[c].align == Align::right ? " class=\"number\"" : "";
      row += fmt::format("<{}{}>{}</{}>", tag, number, html_text(cell_of(c)), tag);
    }
    return row + "</tr>\n";
  };
  std::string text = "<div class=\"scroll\" tabindex=\"0\"><table>\n" +
                     row_of("th", [&](std::size_t c) -> const std::string& { return columns_[c].title; });
  for (const auto& row : rows_) text += row_of("td", [&](std::size_t c) -> const std::string& { return row[c]; });
  return text + "</table></div>\n";
}

std::string Table::markdown() const {
  if (rows_.empty()) return {};
  std::string titles = "|";
  std::string rules = "|";
  for (const Column& column : columns_) {
    titles += fmt::format(" {} |", markdown_text(column.title));
    rules += column.align == Align::right ? " ---: |" : " --- |";
  }
  std::string text = titles + "\n" + rules + "\n";
  for (const auto& row : rows_) {
    text += "|";
    for (const std::string& cell : row) text += fmt::format(" {} |", markdown_text(cell));
    text += "\n";
  }
  return text;
}

}  // namespace netlimits::report

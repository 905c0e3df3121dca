// A table for a terminal, its columns as wide as they need to be, or for a page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/forms/text_style.hpp"

namespace netlimits::report {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string title{};
  Align align = Align::left;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Requires: one cell a column.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  // Title line and rows, two blanks between columns, no blanks at the end of a line. Nothing for a table without rows.
  // Width counts code points: addresses and names of scenarios are narrow characters.
  std::string text(const TextStyle& style) const;
  // The same as a <table>. Nothing for a table without rows.
  std::string html() const;
  // The same for Markdown: what means something there is escaped.
  std::string markdown() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_{};
};

}  // namespace netlimits::report

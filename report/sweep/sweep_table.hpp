// What a sweep found: a row for each combination of values, in one order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "report/basis_words.hpp"
#include "scenarios/sweep/varied.hpp"

namespace netlimits::report {

enum class SweptBy : std::uint8_t { capacity, run };
std::string_view name_of(SweptBy by);

// One part of several that make the whole: of 1/3 the points 0, 3, 6 ...
struct Shard {
  std::uint64_t index = 1;  // from 1
  std::uint64_t of = 1;
  bool operator==(const Shard&) const = default;
  bool has(std::size_t point) const { return point % of == index - 1; }
};

struct SweepQuestion {
  RestsOn on{};  // the scenario before anything is varied
  SweptBy by = SweptBy::capacity;
  std::uint64_t replications = 1;
  std::vector<scenarios::Varied> varied{};  // one or two; the last one changes first
  Shard shard{};

  std::size_t points() const;
  // The values of a point, one for each that is varied. Requires: point < points().
  std::vector<std::string> values_at(std::size_t point) const;
};

// A figure: none, a whole number, or text; numbers with a fraction are text, in decimals.
using SweepCell = std::variant<std::monostate, std::uint64_t, std::string>;
using SweepCells = std::vector<SweepCell>;

// The names of the figures of a row.
std::vector<std::string> figures_of(SweptBy by, std::uint64_t replications);
// That the charts show unless another is asked for.
std::string_view usual_figure(SweptBy by);

SweepCells cells_of(const analysis::Capacity& capacity);
// Of one run the counts themselves; of several their means, with 95 % confidence intervals ("_low", "_high"). Requires:
// at least one.
SweepCells cells_of(std::span<const RunResult> runs);

struct SweepRow {
  std::size_t point = 0;
  SweepCells cells{};
};

struct SweepTable {
  SweepQuestion question{};
  std::vector<SweepRow> rows{};  // in the order of the points
};

}  // namespace netlimits::report

// The order of the points, and the figures of a row.
#include "report/sweep/sweep_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "analysis/estimates/mean_estimate.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::report {
namespace {

constexpr std::array counted_figures{"attempted", "established", "failed", "lost", "peak_open"};
constexpr std::uint64_t billion = 1'000'000'000;

struct RunTotals {
  std::array<std::uint64_t, counted_figures.size()> counts{};
  std::uint64_t failed_share = 0;  // in billionths of all attempts
};

RunTotals totals_of(const RunResult& run) {
  RunTotals totals;
  auto& [attempted, established, failed, lost, peak_open] = totals.counts;
  for (const auto& [name, workload] : run.workloads) {
    attempted += workload.attempted;
    established += workload.established;
    failed += workload.failed;
    lost += workload.lost;
    peak_open += workload.peak_open;
  }
  // At most 10^8 connections and 10^6 retries of each: the product fits where attempts are below 1.8 * 10^10.
  if (attempted != 0)
    totals.failed_share =
        failed > attempted / 2 && attempted > billion ? failed / (attempted / billion) : failed * billion / attempted;
  return totals;
}

SweepCell limit_cell(const std::vector<analysis::Binding>& binding) {
  if (binding.empty()) return {};
  return std::string(name_of(binding.front().limit));
}
SweepCell place_cell(const std::vector<analysis::Binding>& binding) {
  if (binding.empty()) return {};
  return binding.front().place.text();
}

// 1234567 in thousandths: "1234.567".
std::string decimal(std::uint64_t value, std::uint64_t scale, int digits) {
  return fmt::format("{}.{:0{}}", value / scale, value % scale, digits);
}

void add_estimate(SweepCells& cells, const std::vector<std::uint64_t>& samples, std::uint64_t finer,
                  std::uint64_t scale, int digits) {
  const analysis::MeanEstimate estimate = analysis::estimate_of_mean(samples, finer);
  for (const std::uint64_t value : {estimate.mean, estimate.low, estimate.high})
    cells.emplace_back(decimal(value, scale, digits));
}

// The limit that most of the runs name; the first of equals in the order of names. None where most have none.
SweepCell commonest_limit(std::span<const RunResult> runs) {
  std::map<std::string, std::size_t> times;
  for (const RunResult& run : runs) ++times[run.binding ? std::string(name_of(run.binding->limit)) : std::string()];
  const auto most =
      std::max_element(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->first.empty()) return {};
  return most->first;
}

}  // namespace

std::string_view name_of(SweptBy by) { return by == SweptBy::capacity ? "capacity" : "run"; }

std::size_t SweepQuestion::points() const {
  std::size_t all = 1;
  for (const scenarios::Varied& one : varied) all *= one.values.size();
  return all;
}

std::vector<std::string> SweepQuestion::values_at(std::size_t point) const {
  std::vector<std::string> values(varied.size());
  for (std::size_t i = varied.size(); i-- > 0;) {
    values[i] = varied[i].values[point % varied[i].values.size()];
    point /= varied[i].values.size();
  }
  return values;
}

std::vector<std::string> figures_of(SweptBy by, std::uint64_t replications) {
  if (by == SweptBy::capacity)
    return {"capacity", "capacity_max", "asked", "binding_limit", "binding_place", "next_capacity", "next_limit"};
  std::vector<std::string> names;
  std::vector<std::string> counted(counted_figures.begin(), counted_figures.end());
  counted.emplace_back("failed_share");
  for (const std::string& name : counted) {
    names.push_back(name);
    if (replications == 1) continue;
    names.push_back(fmt::format("{}_low", name));
    names.push_back(fmt::format("{}_high", name));
  }
  names.emplace_back("binding_limit");
  return names;
}

std::string_view usual_figure(SweptBy by) { return by == SweptBy::capacity ? "capacity" : "established"; }

SweepCells cells_of(const analysis::Capacity& capacity) {
  SweepCells cells{capacity.held.min, capacity.held.max, capacity.asked, limit_cell(capacity.binding),
                   place_cell(capacity.binding)};
  // The first rung above what is asked for, whether or not anything binds before.
  if (capacity.ladder.empty()) {
    cells.resize(cells.size() + 2);
  } else {
    cells.emplace_back(capacity.ladder.front().capacity.min);
    cells.push_back(limit_cell(capacity.ladder.front().binding));
  }
  return cells;
}

SweepCells cells_of(std::span<const RunResult> runs) {
  std::vector<RunTotals> totals;
  for (const RunResult& run : runs) totals.push_back(totals_of(run));
  SweepCells cells;
  std::vector<std::uint64_t> samples(totals.size());
  for (std::size_t figure = 0; figure < counted_figures.size(); ++figure) {
    for (std::size_t i = 0; i < totals.size(); ++i) samples[i] = totals[i].counts.at(figure);
    if (runs.size() == 1)
      cells.emplace_back(samples.front());
    else
      add_estimate(cells, samples, 1000, 1000, 3);
  }
  for (std::size_t i = 0; i < totals.size(); ++i) samples[i] = totals[i].failed_share;
  if (runs.size() == 1)
    cells.emplace_back(decimal(samples.front(), billion, 9));
  else
    add_estimate(cells, samples, 1, billion, 9);
  cells.push_back(commonest_limit(runs));
  return cells;
}

}  // namespace netlimits::report

// Cut by cut.
#include "analysis/growth/cut_limits.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "model/scenario/places.hpp"

namespace netlimits::analysis {

std::vector<Binding> binding_of(const std::vector<CutLimit>& bound) {
  std::vector<Binding> binding;
  for (const CutLimit& cut : bound) binding.push_back({cut.limit, cut.place, cut.capacity});
  put_in_printed_order(binding);
  return binding;
}

std::vector<CutLimit> limits_of(Limit kind, const std::vector<CutLimit>& limits) {
  std::vector<CutLimit> of_kind;
  std::copy_if(limits.begin(), limits.end(), std::back_inserter(of_kind),
               [&](const CutLimit& one) { return one.limit == kind; });
  return of_kind;
}

void put_first(const std::vector<CutLimit>& earliest, std::vector<Binding>& binding) {
  const std::set<PlacedLimit> first = placed(earliest);
  std::stable_partition(binding.begin(), binding.end(), [&](const Binding& one) {
    return first.contains({one.limit, one.place});
  });
}

bool leads_nowhere(const std::vector<CutLimit>& limits) {
  return std::all_of(limits.begin(), limits.end(), [](const CutLimit& one) {
    return one.capacity.max == 0 && is_told_at_once({one.limit, one.place});
  });
}

bool are_tables(const std::vector<CutLimit>& limits) {
  return !limits.empty() && std::all_of(limits.begin(), limits.end(),
                                        [](const CutLimit& one) { return one.limit == Limit::conntrack_entries; });
}

std::vector<CutLimit> with_those_that_refuse(std::vector<CutLimit> cut, const std::vector<CutLimit>& refusing) {
  const std::set<PlacedLimit> refuse = placed(refusing);
  const auto waits = [&](const CutLimit& one) {
    return one.limit == Limit::listen_backlog && !refuse.contains({one.limit, one.place});
  };
  const auto waiting = std::count_if(cut.begin(), cut.end(), waits);
  if (refusing.empty() || waiting == 0 || waiting == std::ssize(cut)) return cut;
  std::erase_if(cut, waits);
  const std::set<PlacedLimit> known = placed(cut);
  for (const CutLimit& one : refusing)
    if (!known.contains({one.limit, one.place})) cut.push_back(one);
  return cut;
}

}  // namespace netlimits::analysis

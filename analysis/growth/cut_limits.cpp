// Cut by cut.
#include "analysis/growth/cut_limits.hpp"

#include <algorithm>
#include <utility>

#include "model/scenario/places.hpp"

namespace netlimits::analysis {

std::vector<Binding> binding_of(const std::vector<CutLimit>& bound) {
  std::vector<Binding> binding;
  for (const CutLimit& cut : bound) binding.push_back({cut.limit, cut.place, cut.capacity});
  put_in_printed_order(binding);
  return binding;
}

bool leads_nowhere(const std::vector<CutLimit>& limits) {
  return std::all_of(limits.begin(), limits.end(),
                     [](const CutLimit& one) { return one.limit == Limit::no_listener && one.capacity.max == 0; });
}

std::vector<CutLimit> without_those_that_only_wait(std::vector<CutLimit> cut, const std::vector<Binding>& refusing) {
  const auto fails = [&](const CutLimit& one) {
    return std::any_of(refusing.begin(), refusing.end(),
                       [&](const Binding& other) { return one.limit == other.limit && one.place == other.place; });
  };
  if (std::none_of(cut.begin(), cut.end(), fails)) return cut;
  std::erase_if(cut, [&](const CutLimit& one) { return one.limit == Limit::listen_backlog && !fails(one); });
  return cut;
}

}  // namespace netlimits::analysis

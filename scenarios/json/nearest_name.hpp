// "did you mean": the known name that is nearest to one that is not known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netlimits::scenarios {

// The fewest single-character changes, swaps of neighbours included, decide; the first of equals wins. Nothing when
// even the nearest differs in more than two fifths of its characters (one change is always allowed).
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known);

// "did you mean X?", or "known: A, B, C" when nothing is near; empty when nothing is known.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

template <class Map>
std::vector<std::string> names_of(const Map& by_name) {
  std::vector<std::string> names;
  names.reserve(by_name.size());
  for (const auto& [name, unused] : by_name) names.push_back(name);
  return names;
}

// "A, B, C", or the first of many and how many more there are.
std::string first_few(const std::vector<std::string>& names);

}  // namespace netlimits::scenarios

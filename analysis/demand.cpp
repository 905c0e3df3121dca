// Arithmetic of remainders: sets of like numbers, and one program's share of a total.
#include "analysis/demand.hpp"

#include <algorithm>
#include <numeric>

namespace netlimits::analysis {

std::vector<Alike> alike(std::uint64_t total, std::uint64_t modulus, std::vector<std::uint64_t> borders) {
  borders.push_back(0);
  borders.push_back(total);
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  std::vector<Alike> sets;
  for (std::size_t i = 0; i + 1 < borders.size() && borders[i] < total; ++i) {
    const std::uint64_t begin = borders[i];
    const std::uint64_t length = std::min(borders[i + 1], total) - begin;
    for (std::uint64_t step = 0; step < std::min(modulus, length); ++step) {
      sets.push_back({begin + step, (length - step - 1) / modulus + 1});
    }
  }
  return sets;
}

std::uint64_t joint_period(std::uint64_t a, std::uint64_t b, std::uint64_t most) {
  const std::uint64_t factor = b / std::gcd(a, b);
  return a >= most || factor > most / a ? std::max<std::uint64_t>(most, 1) : a * factor;
}

std::uint64_t share_of(std::uint64_t rounds, std::uint64_t sources, std::uint64_t destinations, std::uint64_t offset,
                       std::uint64_t source, std::uint64_t destination) {
  if (rounds <= source) return 0;
  const std::uint64_t turns = (rounds - source - 1) / sources + 1;  // of this source
  const std::uint64_t until_first = (destination + destinations - offset) % destinations;
  return turns <= until_first ? 0 : (turns - until_first - 1) / destinations + 1;
}

}  // namespace netlimits::analysis

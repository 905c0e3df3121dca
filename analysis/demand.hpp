// How many connections each program asks for, from which source to which destination: model/scenario/assignment.hpp
// summed up in closed form instead of counted connection by connection.
#pragma once

#include <cstdint>
#include <vector>

namespace netlimits::analysis {

// Numbers first, first + step, ..., `count` of them, that are alike.
struct Alike {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  bool operator==(const Alike&) const = default;
};

// Splits 0 .. total-1 into sets of numbers that agree modulo `modulus` and lie between the same two `borders` (numbers
// from which on something differs). Cost follows the number of sets. Requires: modulus > 0.
std::vector<Alike> alike(std::uint64_t total, std::uint64_t modulus, std::vector<std::uint64_t> borders);

// The least common multiple, or `most` when it is no smaller.
std::uint64_t joint_period(std::uint64_t a, std::uint64_t b, std::uint64_t most);

// How many of the first `rounds` connections of a program go from `source` to `destination`, when the program begins at
// destination `offset` (model/scenario/assignment.hpp: the source changes fastest, then the destination).
// Requires: source < sources, destination and offset < destinations.
std::uint64_t share_of(std::uint64_t rounds, std::uint64_t sources, std::uint64_t destinations, std::uint64_t offset,
                       std::uint64_t source, std::uint64_t destination);

}  // namespace netlimits::analysis

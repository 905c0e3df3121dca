// The draws that a random scenario is made of, in words.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "sim/random_stream.hpp"

namespace netlimits::fuzz {

// Not more than one draw in the arguments of a call: their order would be the compiler's.
class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view name) : stream_(seed, name) {}

  std::uint32_t below(std::size_t bound) { return stream_.bits() % static_cast<std::uint32_t>(bound); }
  // Both ends included.
  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }
  bool drawn(std::uint32_t per_cent) { return below(100) < per_cent; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

 private:
  sim::RandomStream stream_;
};

}  // namespace netlimits::fuzz

// How netfilter looks for a port of its own for a connection: a bounded search, not a look at all of them.
//
// Source: net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple: from an offset that chance gives up to 128 ports
// one after the other; where that is not all of the range, half as many from another offset, down to a round of 8. So
// 248 tests at most, and a connection may find no port where some are free; a range of up to 128 is looked through
// once, whole. Measured on 6.18: ranges of 64 and 128 lose nothing until they are exactly full.
//
// In the last 32 tests of a round a port may be taken away from a connection that is over (nf_nat_used_tuple_harder:
// its entry is in TIME_WAIT or CLOSE, and the new SYN's sequence number is ahead of it). Measured on 6.18.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/net/port.hpp"

namespace netlimits {

inline constexpr std::uint32_t nat_most_tests_of_a_round = 128;
inline constexpr std::uint32_t nat_fewest_tests_of_a_round = 16;  // the round after one of so many is the last
inline constexpr std::uint32_t nat_harder_tests = 32;

enum class NatPort : std::uint8_t { free, over, taken };  // over: of a connection that may give it up to this one

// `state_of(Port)` gives a NatPort, `draw()` 32 uniform bits.
template <class StateOf, class Draw>
std::optional<Port> search_nat_port(const PortRange& range, StateOf&& state_of, Draw&& draw) {
  const std::uint32_t size = range.size().value;
  for (std::uint32_t tests = std::min(size, nat_most_tests_of_a_round);; tests /= 2) {
    const std::uint32_t offset = draw() % size;
    for (std::uint32_t i = 0; i < tests; ++i) {
      const Port port{static_cast<std::uint16_t>(range.first.value + (offset + i) % size)};
      const NatPort state = state_of(port);
      if (state == NatPort::free || (state == NatPort::over && tests - i <= nat_harder_tests)) return port;
    }
    if (tests >= size || tests < nat_fewest_tests_of_a_round) return std::nullopt;
  }
}

// How many rounds the search of a range has. Each of them fails only if the port that it begins at is taken: so a SYN
// finds none with a probability of at most (taken / size) ^ rounds, wherever those lie that are taken.
constexpr std::uint32_t nat_search_rounds(std::uint32_t size) {
  std::uint32_t rounds = 1;
  for (std::uint32_t tests = std::min(size, nat_most_tests_of_a_round);
       tests < size && tests >= nat_fewest_tests_of_a_round; tests /= 2)
    ++rounds;
  return rounds;
}

static_assert(nat_search_rounds(128) == 1);
static_assert(nat_search_rounds(129) == 5);

}  // namespace netlimits

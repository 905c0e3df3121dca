// A set of ports that finds the next port outside it quickly: one bit a port, and a summary that skips 64 full words
// at a time for each parity.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "model/net/port.hpp"

namespace netlimits {

// Ports first, first + step, first + 2 * step, ...: `count` of them. step is 1 or 2.
struct PortRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t step = 1;
  bool operator==(const PortRun&) const = default;
};

class PortSet {
 public:
  bool contains(std::uint16_t port) const { return ((words_[port / 64U] >> (port % 64U)) & 1U) != 0; }

  void insert(std::uint16_t port) {
    const std::size_t word = port / 64U;
    words_[word] |= std::uint64_t{1} << (port % 64U);
    const std::uint64_t mine = parity_mask(port);
    if ((words_[word] & mine) == mine) full_[port % 2U][word / 64U] |= std::uint64_t{1} << (word % 64U);
  }

  void erase(std::uint16_t port) {
    const std::size_t word = port / 64U;
    words_[word] &= ~(std::uint64_t{1} << (port % 64U));
    full_[port % 2U][word / 64U] &= ~(std::uint64_t{1} << (word % 64U));
  }

  void assign(std::uint16_t port, bool in) {
    if (in) {
      insert(port);
    } else {
      erase(port);
    }
  }

  void insert(const PortRange& range) {
    for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
      insert(static_cast<std::uint16_t>(port));
  }

  // How many ports of the range are not in the set.
  PortCount count_outside(const PortRange& range) const {
    std::uint32_t inside = 0;
    const std::uint32_t last_word = range.last.value / 64U;
    for (std::uint32_t word = range.first.value / 64U; word <= last_word; ++word) {
      std::uint64_t ports = words_[word];
      if (word == range.first.value / 64U) ports &= ~std::uint64_t{0} << (range.first.value % 64U);
      if (word == last_word) ports &= ~std::uint64_t{0} >> (63U - range.last.value % 64U);
      inside += static_cast<std::uint32_t>(std::popcount(ports));
    }
    return {range.size().value - inside};
  }

  // The first port of the run that is not in the set.
  std::optional<Port> first_outside(const PortRun& run) const {
    if (run.count == 0) return std::nullopt;
    const std::uint32_t last = run.first + (run.count - 1) * run.step;
    const std::uint64_t wanted = run.step == 2 ? parity_mask(run.first) : ~std::uint64_t{0};
    const std::uint32_t last_word = last / 64U;
    std::uint32_t word = run.first / 64U;
    std::uint64_t open = ~words_[word] & wanted & (~std::uint64_t{0} << (run.first % 64U));
    while (true) {
      if (word == last_word) open &= ~std::uint64_t{0} >> (63U - last % 64U);
      if (open != 0)
        return Port{static_cast<std::uint16_t>(word * 64U + static_cast<std::uint32_t>(std::countr_zero(open)))};
      if (word >= last_word) return std::nullopt;
      word = next_open_word(word + 1, last_word, run);
      if (word > last_word) return std::nullopt;
      open = ~words_[word] & wanted;
    }
  }

 private:
  static constexpr std::uint64_t parity_mask(std::uint32_t port) {
    return port % 2U == 0 ? 0x5555555555555555ULL : 0xaaaaaaaaaaaaaaaaULL;
  }

  // The first word from `word` on that is not full for the run; more than `last` if there is none.
  std::uint32_t next_open_word(std::uint32_t word, std::uint32_t last, const PortRun& run) const {
    std::uint64_t below = ~std::uint64_t{0} << (word % 64U);
    for (std::uint32_t block = word / 64U; block <= last / 64U; ++block) {
      const std::uint64_t full = run.step == 2 ? full_[run.first % 2U][block] : (full_[0][block] & full_[1][block]);
      const std::uint64_t open = ~full & below;
      if (open != 0) return block * 64U + static_cast<std::uint32_t>(std::countr_zero(open));
      below = ~std::uint64_t{0};
    }
    return last + 1;
  }

  std::array<std::uint64_t, 1024> words_{};
  std::array<std::array<std::uint64_t, 16>, 2> full_{};  // by parity: words without a port outside
};

}  // namespace netlimits

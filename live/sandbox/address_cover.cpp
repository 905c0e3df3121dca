// Sorts the addresses and takes the largest aligned block again and again.
#include "live/sandbox/address_cover.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace netlimits::live {
namespace {

// The largest aligned block at `from` that ends before or at `last` (both within one 64-bit half).
unsigned aligned_bits(std::uint64_t from, std::uint64_t last, unsigned width) {
  unsigned bits = from == 0 ? width : std::min(static_cast<unsigned>(std::countr_zero(from)), width);
  const std::uint64_t room = last - from;  // one less than how many
  while (bits > 0 && (bits >= 64 || (std::uint64_t{1} << bits) - 1 > room)) --bits;
  return bits;
}

}  // namespace

std::vector<AddressBlock> covering_blocks(std::vector<IpAddress> addresses) {
  for (IpAddress& address : addresses) address = address.unmapped();
  const auto before = [](const IpAddress& a, const IpAddress& b) {
    if (a.family() != b.family()) return a.family() == Family::inet;
    return a.high() != b.high() ? a.high() < b.high() : a.low() < b.low();
  };
  std::sort(addresses.begin(), addresses.end(), before);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::vector<AddressBlock> blocks;
  for (std::size_t i = 0; i < addresses.size();) {
    const bool v4 = addresses[i].is_v4();
    const auto value = [&](const IpAddress& address) { return v4 ? address.v4_bits() : address.low(); };
    std::size_t end = i + 1;
    while (end < addresses.size() && addresses[end].family() == addresses[i].family() &&
           addresses[end].high() == addresses[i].high() && value(addresses[end]) == value(addresses[end - 1]) + 1)
      ++end;
    const std::uint64_t last = value(addresses[end - 1]);
    for (std::uint64_t from = value(addresses[i]);;) {
      const unsigned bits = aligned_bits(from, last, v4 ? 32 : 64);
      const IpAddress start =
          v4 ? IpAddress::v4(static_cast<std::uint32_t>(from)) : IpAddress::v6(addresses[i].high(), from);
      blocks.push_back({start, static_cast<std::uint8_t>((v4 ? 32U : 128U) - bits)});
      const std::uint64_t block_last = from + ((std::uint64_t{1} << bits) - 1);
      if (block_last >= last) break;
      from = block_last + 1;
    }
    i = end;
  }
  return blocks;
}

}  // namespace netlimits::live

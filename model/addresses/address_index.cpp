// Sorted lists by address and by subnet, and over the subnets of IPv6 a tree of their least positions.
#include "model/addresses/address_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <utility>

namespace netlimits {
namespace {

constexpr AddressIndex::Position nowhere = std::numeric_limits<AddressIndex::Position>::max();

// The first and the last address that share so many bits with this one.
std::pair<AddressBits, AddressBits> range_of(AddressBits address, int bits) {
  const auto behind = [](int shared) {  // the bits of a half behind the first `shared` ones
    if (shared <= 0) return ~std::uint64_t{0};
    return shared >= 64 ? std::uint64_t{0} : ~std::uint64_t{0} >> static_cast<unsigned>(shared);
  };
  const std::uint64_t high = behind(bits);
  const std::uint64_t low = behind(bits - 64);
  return {{address.high & ~high, address.low & ~low}, {address.high | high, address.low | low}};
}

void keep_smaller(std::optional<AddressIndex::Position>& best, std::optional<AddressIndex::Position> other) {
  if (other && (!best || *other < *best)) best = other;
}

}  // namespace

int common_prefix(AddressBits a, AddressBits b) {
  if (a.high != b.high) return std::countl_zero(a.high ^ b.high);
  return 64 + std::countl_zero(a.low ^ b.low);
}

AddressIndex::AddressIndex(std::span<const AddressBlock> blocks) {
  // Sorted by their bits, and of equal ones the first: what comes after it is never asked for.
  const auto in_order = [](std::vector<Entry>& entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.bits < b.bits; });
  };
  std::map<std::uint8_t, Length, std::greater<>> v4;
  std::map<std::uint8_t, Length, std::greater<>> v6;
  by_address_.reserve(blocks.size());
  for (Position position = 0; position < blocks.size(); ++position) {
    const AddressBlock& block = blocks[position];
    const bool is_v4 = block.address.is_v4();
    std::optional<Position>& first = is_v4 ? first_v4_ : first_v6_;
    if (!first) first = position;
    const AddressBits address = AddressBits::of(block.address);
    by_address_.push_back({address, position});
    Length& length = (is_v4 ? v4 : v6)[block.length];
    length.v4 = is_v4;
    length.written = block.length;
    length.bits = static_cast<std::uint8_t>(is_v4 ? 96 + block.length : block.length);
    length.subnets.push_back({range_of(address, length.bits).first, position});
  }
  in_order(by_address_);
  for (auto* family : {&v4, &v6}) {
    for (auto& [written, length] : *family) {
      in_order(length.subnets);
      const auto same = [](const Entry& a, const Entry& b) { return a.bits == b.bits; };
      length.subnets.erase(std::unique(length.subnets.begin(), length.subnets.end(), same), length.subnets.end());
      length.subnets.shrink_to_fit();
      if (!length.v4) length.plant_tree();
      lengths_.push_back(std::move(length));
    }
  }
}

std::optional<AddressIndex::Position> AddressIndex::with(AddressBits address) const {
  const auto at = std::lower_bound(by_address_.begin(), by_address_.end(), address,
                                   [](const Entry& entry, AddressBits wanted) { return entry.bits < wanted; });
  if (at == by_address_.end() || at->bits != address) return std::nullopt;
  return at->first;
}

std::optional<AddressIndex::Position> AddressIndex::Length::find(AddressBits address) const {
  const AddressBits subnet = range_of(address, bits).first;
  const auto at = std::lower_bound(subnets.begin(), subnets.end(), subnet,
                                   [](const Entry& entry, AddressBits wanted) { return entry.bits < wanted; });
  if (at == subnets.end() || at->bits != subnet) return std::nullopt;
  return at->first;
}

std::optional<AddressIndex::Position> AddressIndex::of_subnet(std::uint8_t length, AddressBits address) const {
  for (const Length& each : lengths_)
    if (each.written == length && each.covers(address)) return each.find(address);
  return std::nullopt;
}

std::optional<AddressIndex::Position> AddressIndex::nearest(AddressBits address) const {
  for (const Length& length : lengths_) {
    if (!length.covers(address)) continue;
    if (const auto found = length.find(address)) return found;
  }
  return std::nullopt;
}

// The neighbours in the order of their bits share most.
int AddressIndex::Length::most_shared(AddressBits address) const {
  const auto behind = std::lower_bound(subnets.begin(), subnets.end(), address,
                                       [](const Entry& entry, AddressBits wanted) { return entry.bits < wanted; });
  int most = 0;
  if (behind != subnets.end()) most = common_prefix(behind->bits, address);
  if (behind != subnets.begin()) most = std::max(most, common_prefix(std::prev(behind)->bits, address));
  return std::min<int>(most, bits);
}

void AddressIndex::Length::plant_tree() {
  const std::size_t leaves = subnets.size();
  least_from.assign(2 * leaves, nowhere);
  for (std::size_t i = 0; i < leaves; ++i) least_from[leaves + i] = subnets[i].first;
  for (std::size_t i = leaves; i-- > 1;) least_from[i] = std::min(least_from[2 * i], least_from[2 * i + 1]);
}

std::optional<AddressIndex::Position> AddressIndex::Length::first_sharing(AddressBits address, int shared) const {
  const auto [low, high] = range_of(address, shared);
  const auto from = std::lower_bound(subnets.begin(), subnets.end(), low,
                                     [](const Entry& entry, AddressBits wanted) { return entry.bits < wanted; });
  const auto to = std::upper_bound(from, subnets.end(), high,
                                   [](AddressBits wanted, const Entry& entry) { return wanted < entry.bits; });
  Position least = nowhere;
  auto left = static_cast<std::size_t>(from - subnets.begin()) + subnets.size();
  auto right = static_cast<std::size_t>(to - subnets.begin()) + subnets.size();
  for (; left < right; left /= 2, right /= 2) {
    if (left % 2 == 1) least = std::min(least, least_from[left++]);
    if (right % 2 == 1) least = std::min(least, least_from[--right]);
  }
  return least == nowhere ? std::nullopt : std::optional(least);
}

std::optional<AddressIndex::Position> AddressIndex::closest_v6(AddressBits address) const {
  int most = -1;
  for (const Length& length : lengths_)
    if (!length.v4) most = std::max(most, length.most_shared(address));
  std::optional<Position> best;
  for (const Length& length : lengths_)
    if (!length.v4 && length.bits >= most && most >= 0) keep_smaller(best, length.first_sharing(address, most));
  return best;
}

}  // namespace netlimits

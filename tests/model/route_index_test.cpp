// The routes of a host with many addresses, found by an index, against those of a walk over all of them.
#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "model/addresses/own_addresses.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

using Position = AddressIndex::Position;

// Few bits vary, so that subnets overlap and addresses come twice.
AddressBlock some_block(std::mt19937& random) {
  static const std::vector<std::uint8_t> v4_lengths{0, 8, 24, 28, 30, 31, 32};
  static const std::vector<std::uint8_t> v6_lengths{0, 32, 48, 64, 120, 127, 128};
  const auto bits = static_cast<std::uint32_t>(random());
  if (random() % 2 == 0)
    return {IpAddress::v4(0x0a000000U | (bits & 0x0001013fU)), v4_lengths[random() % v4_lengths.size()]};
  const std::uint64_t high = 0x20010db800000000ULL | (std::uint64_t{bits & 0x10001U} << 8U);
  return {IpAddress::v6(high, bits >> 26U), v6_lengths[random() % v6_lengths.size()]};
}

std::vector<AddressBlock> some_blocks(std::mt19937& random, std::size_t count) {
  std::vector<AddressBlock> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(some_block(random));
  return blocks;
}

template <class Fits>
std::optional<Position> first_where(const std::vector<AddressBlock>& blocks, Fits&& fits) {
  const auto found = std::find_if(blocks.begin(), blocks.end(), fits);
  if (found == blocks.end()) return std::nullopt;
  return static_cast<Position>(found - blocks.begin());
}

// The largest of what `value` gives, where it is not negative; the first one of several.
template <class Value>
std::optional<Position> first_of_most(const std::vector<AddressBlock>& blocks, Value&& value) {
  std::optional<Position> best;
  for (Position i = 0; i < blocks.size(); ++i) {
    if (value(blocks[i]) < 0) continue;
    if (!best || value(blocks[i]) > value(blocks[*best])) best = i;
  }
  return best;
}

}  // namespace

TEST_CASE("an index of addresses answers as a walk over all of them does") {
  std::mt19937 random(1);
  for (int world = 0; world < 300; ++world) {
    const std::vector<AddressBlock> blocks = some_blocks(random, 1 + random() % 40);
    const AddressIndex index(blocks);
    for (int question = 0; question < 40; ++question) {
      const IpAddress address = some_block(random).address;
      const AddressBits bits = AddressBits::of(address);
      CAPTURE(world, address.text());
      CHECK(index.with(bits) == first_where(blocks, [&](const auto& block) { return block.address == address; }));
      const std::uint8_t length = blocks[random() % blocks.size()].length;
      CHECK(index.of_subnet(length, bits) ==
            first_where(blocks, [&](const auto& block) { return block.length == length && block.contains(address); }));
      CHECK(index.nearest(bits) ==
            first_of_most(blocks, [&](const auto& block) { return block.contains(address) ? int{block.length} : -1; }));
      CHECK(index.any_subnet(bits, [](std::uint8_t) { return true; }) ==
            first_where(blocks, [&](const auto& block) { return block.contains(address); }).has_value());
      if (address.is_v4()) continue;
      CHECK(index.closest_v6(bits) == first_of_most(blocks, [&](const auto& block) {
              if (block.address.is_v4()) return -1;
              return std::min<int>(block.length, common_prefix(AddressBits::of(block.address), bits));
            }));
    }
  }
}

TEST_CASE("a host with many addresses takes the ways of one that got them one after another") {
  std::mt19937 random(2);
  for (int world = 0; world < 100; ++world) {
    HostConfig config;
    config.addresses_on_loopback = random() % 4 == 0;
    config.default_route = random() % 4 != 0;
    HostConfig empty = config;
    config.addresses = some_blocks(random, 9 + random() % 60);
    const OwnAddresses at_once(config);
    // Nine at a time: some of them are never in an index.
    OwnAddresses by_and_by(empty);
    for (const AddressBlock& block : config.addresses) by_and_by.add(block);
    for (int question = 0; question < 60; ++question) {
      RouteWish wish;
      wish.destination = AddressBits::of(some_block(random).address);
      wish.source_bound = random() % 3 == 0;
      wish.source = AddressBits::of(some_block(random).address);
      const auto one = at_once.route(wish);
      const auto other = by_and_by.route(wish);
      REQUIRE(one.has_value() == other.has_value());
      CHECK(at_once.kind_of(wish.destination) == by_and_by.kind_of(wish.destination));
      if (!one) {
        CHECK(one.error().error == other.error().error);
        continue;
      }
      CHECK(one->source == other->source);
      CHECK(one->kind == other->kind);
      CHECK(one->by == other->by);
    }
  }
}

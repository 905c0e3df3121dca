// Which of very many addresses of a host is meant: the answers of a walk over all of them in the order of their
// assignment, in the time of a few searches.
//
// Contract: each question gives what looking at one block after another would. tests/model/route_index_test.cpp
// compares.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/net/address.hpp"
#include "model/net/address_bits.hpp"

namespace netlimits {

// Bits that two addresses share from the left.
int common_prefix(AddressBits a, AddressBits b);

class AddressIndex {
 public:
  using Position = std::uint32_t;  // in the order of assignment

  AddressIndex() = default;
  // Requires: none of them is v4-mapped in the spelling of IPv6.
  explicit AddressIndex(std::span<const AddressBlock> blocks);

  std::size_t size() const { return by_address_.size(); }
  // The first one of the family.
  std::optional<Position> first_of(Family family) const { return family == Family::inet ? first_v4_ : first_v6_; }
  // The first one with this very address.
  std::optional<Position> with(AddressBits address) const;
  // The first one with a prefix of this length in whose subnet the address is.
  std::optional<Position> of_subnet(std::uint8_t length, AddressBits address) const;
  // Of those in whose subnet the address is the one with the longest prefix; the first one of several.
  std::optional<Position> nearest(AddressBits address) const;
  // The one of IPv6 that shares most bits of its prefix with the address; the first one of several.
  std::optional<Position> closest_v6(AddressBits address) const;
  // Calls `visit(length)` for the prefix lengths of subnets that the address is in, the longest first, until it returns
  // true; whether it did.
  template <class Visit>
  bool any_subnet(AddressBits address, Visit&& visit) const {
    for (const Length& length : lengths_)
      if (length.covers(address) && length.find(address) && visit(length.written)) return true;
    return false;
  }

 private:
  struct Entry {
    AddressBits bits;
    Position first;
  };
  // The subnets of one family and one length of their prefixes.
  struct Length {
    bool v4 = false;
    std::uint8_t written = 0;            // as one writes it: 24
    std::uint8_t bits = 0;               // of AddressBits: 120
    std::vector<Entry> subnets{};        // by their bits
    std::vector<Position> least_from{};  // IPv6: a tree of the least positions, leaves last

    bool covers(AddressBits address) const { return v4 == address.is_mapped(); }
    std::optional<Position> find(AddressBits address) const;
    int most_shared(AddressBits address) const;
    std::optional<Position> first_sharing(AddressBits address, int shared) const;
    void plant_tree();
  };

  std::vector<Entry> by_address_;
  std::vector<Length> lengths_;  // the longest first
  std::optional<Position> first_v4_;
  std::optional<Position> first_v6_;
};

}  // namespace netlimits

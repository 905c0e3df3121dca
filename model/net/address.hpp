// An IPv4 or IPv6 address as one type, and blocks of them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace netlimits {

enum class Family : std::uint8_t { inet, inet6 };

// An IPv4 address is held in its v4-mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), as the kernel compares the two:
// an IPv4 socket and a v4-mapped IPv6 socket share four-tuples. `family` tells the spelling, not the identity:
// equality and order ignore nothing, so compare `bits` where 127.0.0.1 and ::ffff:127.0.0.1 must be the same.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // 0.0.0.0

  static constexpr IpAddress v4(std::uint32_t host_order) {
    return IpAddress(Family::inet, 0, 0x0000ffff00000000ULL | host_order);
  }
  static constexpr IpAddress v6(std::uint64_t high, std::uint64_t low) { return IpAddress(Family::inet6, high, low); }
  static constexpr IpAddress any(Family family) { return family == Family::inet ? v4(0) : v6(0, 0); }
  static constexpr IpAddress loopback(Family family) { return family == Family::inet ? v4(0x7f000001) : v6(0, 1); }

  // Accepts dotted quads and RFC 4291 text (with "::" and a dotted tail). Nothing else: no names, no scopes, no octal.
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr Family family() const { return family_; }
  constexpr std::uint64_t high() const { return high_; }
  constexpr std::uint64_t low() const { return low_; }
  // The 32 bits of an IPv4 or v4-mapped address, in host order. Requires: is_v4() or is_v4_mapped().
  constexpr std::uint32_t v4_bits() const { return static_cast<std::uint32_t>(low_); }

  constexpr bool is_v4() const { return family_ == Family::inet; }
  // An IPv6 spelling of an IPv4 address: ::ffff:a.b.c.d.
  constexpr bool is_v4_mapped() const {
    return family_ == Family::inet6 && high_ == 0 && (low_ >> 32U) == 0x0000ffffULL;
  }
  // The address that a packet would carry: a v4-mapped address as plain IPv4, any other unchanged.
  constexpr IpAddress unmapped() const { return is_v4_mapped() ? v4(v4_bits()) : *this; }

  constexpr bool is_wildcard() const { return family_ == Family::inet ? v4_bits() == 0 : (high_ == 0 && low_ == 0); }
  // 127.0.0.0/8 (also v4-mapped) or ::1.
  constexpr bool is_loopback() const {
    if (is_v4() || is_v4_mapped()) return (v4_bits() >> 24U) == 127;
    return high_ == 0 && low_ == 1;
  }
  // 224.0.0.0/4 or ff00::/8.
  constexpr bool is_multicast() const {
    if (is_v4() || is_v4_mapped()) return (v4_bits() >> 28U) == 0xe;
    return (high_ >> 56U) == 0xff;
  }

  // The address `steps` after this one, in the same family. Requires: the sum does not leave the family's space.
  IpAddress plus(std::uint64_t steps) const;

  // Dotted quad, or RFC 5952 text.
  std::string text() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  constexpr IpAddress(Family family, std::uint64_t high, std::uint64_t low) : high_(high), low_(low), family_(family) {}

  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0x0000ffff00000000ULL;
  Family family_ = Family::inet;
};

// A CIDR block. `length` is in bits of the address's own family (0..32 or 0..128). The address may have host bits set,
// as in an interface address 10.9.0.2/24.
struct AddressBlock {
  IpAddress address;
  std::uint8_t length = 32;

  static std::optional<AddressBlock> parse(std::string_view text);  // "10.0.0.0/8"; without a slash: one address
  static AddressBlock single(IpAddress address) {
    return {address, static_cast<std::uint8_t>(address.is_v4() ? 32 : 128)};
  }
  bool contains(IpAddress other) const;  // false for the other family; v4-mapped counts as IPv4
  std::string text() const;
  auto operator<=>(const AddressBlock&) const = default;
};

// For hash tables whose iteration order never reaches a result.
std::size_t hash_value(const IpAddress& address);

}  // namespace netlimits

template <>
struct std::hash<netlimits::IpAddress> {
  std::size_t operator()(const netlimits::IpAddress& address) const noexcept { return netlimits::hash_value(address); }
};

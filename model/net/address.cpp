#include "model/net/address.hpp"

#include <boost/container_hash/hash.hpp>
#include <charconv>
#include <cstddef>

#include <fmt/format.h>

namespace netlimits {
namespace {

std::optional<std::uint32_t> parse_quad(std::string_view text) {
  std::uint32_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    std::size_t digits = 0;
    std::uint32_t value = 0;
    while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9') {
      value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
      ++digits;
    }
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return std::nullopt;
    text.remove_prefix(digits);
    bits = bits << 8U | value;
  }
  if (!text.empty()) return std::nullopt;
  return bits;
}

// Up to eight groups; returns how many were read into `groups`, or nothing for bad text. Empty text is no group.
std::optional<std::size_t> parse_groups(std::string_view text, std::array<std::uint16_t, 8>& groups, bool allow_quad) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && allow_quad && group.find('.') != std::string_view::npos) {
      const auto quad = parse_quad(group);
      if (!quad || count > 6) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>(*quad >> 16U);
      groups[count++] = static_cast<std::uint16_t>(*quad);
      return count;
    }
    if (group.empty() || group.size() > 4 || count == 8) return std::nullopt;
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (error != std::errc() || end != group.data() + group.size()) return std::nullopt;
    groups[count++] = value;
    if (colon == std::string_view::npos) return count;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a lone trailing colon
  }
  return count;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  std::array<std::uint16_t, 8> groups{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (parse_groups(text, groups, true) != std::size_t{8}) return std::nullopt;
  } else {
    std::array<std::uint16_t, 8> tail{};
    const auto before = parse_groups(text.substr(0, gap), groups, false);
    const auto after = parse_groups(text.substr(gap + 2), tail, true);
    if (!before || !after || *before + *after > 7) return std::nullopt;
    for (std::size_t i = 0; i < *after; ++i) groups[8 - *after + i] = tail[i];
  }
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 4; ++i) high = high << 16U | groups[i];
  for (std::size_t i = 4; i < 8; ++i) low = low << 16U | groups[i];
  return IpAddress::v6(high, low);
}

std::string quad_text(std::uint32_t bits) {
  return fmt::format("{}.{}.{}.{}", bits >> 24U, bits >> 16U & 255U, bits >> 8U & 255U, bits & 255U);
}

std::string v6_text(std::uint64_t high, std::uint64_t low) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 4; ++i) {
    groups[i] = static_cast<std::uint16_t>(high >> (48U - 16U * i));
    groups[i + 4] = static_cast<std::uint16_t>(low >> (48U - 16U * i));
  }
  // RFC 5952, 4.2: the longest run of zero groups, the first of equals, and never a single one.
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = end == i ? i + 1 : end;
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto quad = parse_quad(text);
  if (!quad) return std::nullopt;
  return v4(*quad);
}

IpAddress IpAddress::plus(std::uint64_t steps) const {
  if (family_ == Family::inet) return v4(static_cast<std::uint32_t>(v4_bits() + steps));
  const std::uint64_t sum = low_ + steps;
  return v6(sum < low_ ? high_ + 1 : high_, sum);
}

std::string IpAddress::text() const {
  if (is_v4()) return quad_text(v4_bits());
  if (is_v4_mapped()) return "::ffff:" + quad_text(v4_bits());
  return v6_text(high_, low_);
}

std::size_t hash_value(const IpAddress& address) {
  std::size_t seed = static_cast<std::size_t>(address.high());
  boost::hash_combine(seed, address.low());
  return seed;
}

std::optional<AddressBlock> AddressBlock::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return single(*address);
  const std::string_view digits = text.substr(slash + 1);
  std::uint8_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (length > (address->is_v4() ? 32 : 128)) return std::nullopt;
  return AddressBlock{*address, length};
}

bool AddressBlock::contains(IpAddress other) const {
  const IpAddress mine = address.unmapped();
  const IpAddress theirs = other.unmapped();
  if (mine.family() != theirs.family()) return false;
  const auto differs = [](std::uint64_t a, std::uint64_t b, unsigned bits) {
    return bits != 0 && ((a ^ b) >> (64U - bits)) != 0;
  };
  const unsigned bits = mine.is_v4() ? 96U + length : length;
  return !differs(mine.high(), theirs.high(), bits < 64U ? bits : 64U) &&
         !differs(mine.low(), theirs.low(), bits < 64U ? 0U : bits - 64U);
}

std::string AddressBlock::text() const { return fmt::format("{}/{}", address.text(), length); }

}  // namespace netlimits

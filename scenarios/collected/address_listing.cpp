// Searches the words of `ip`'s output for those before an address.
#include "scenarios/collected/address_listing.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

bool is_link_local(const IpAddress& address) {
  if (address.is_v4()) return false;  // 169.254/16 is used by clouds as an address like any other
  return (address.high() >> 54U) == (0xfe80U >> 6U);
}

// One that a host can have, as packets carry it.
bool is_usable(const IpAddress& address) {
  return !address.is_wildcard() && !address.is_multicast() && !address.is_v4_mapped();
}

constexpr std::array no_way_answers{std::string_view("Network is unreachable"), std::string_view("No route to host")};

}  // namespace

Loaded<std::vector<AddressBlock>> read_address_listing(const CollectedText& text) {
  std::vector<AddressBlock> addresses;
  bool any = text.text.empty();  // a namespace without addresses
  for (const TextLine& line : lines_of(text.text)) {
    const std::vector<TextWord> words = line.words();
    for (std::size_t i = 0; i < words.size(); ++i) {
      any = any || words[i].text.starts_with("link/");
      if (words[i].text != "inet" && words[i].text != "inet6") continue;
      any = true;
      if (i + 1 == words.size()) return tl::unexpected(one_error(line_too_short(text.file, line, "an address")));
      const auto block = AddressBlock::parse(words[i + 1].text);
      if (!block || !is_usable(block->address)) {
        return tl::unexpected(one_error(unexpected_word(text.file, words[i + 1], "an address such as 10.0.0.5/24")));
      }
      const bool known = std::any_of(addresses.begin(), addresses.end(),
                                     [&](const AddressBlock& other) { return other.address == block->address; });
      if (!known && !block->address.is_loopback() && !is_link_local(block->address)) addresses.push_back(*block);
      break;
    }
  }
  if (any) return addresses;
  return tl::unexpected(
      one_error(error_of_file(text.file, "lines with \"inet\" and an address", "found none", "ip addr")));
}

Loaded<std::optional<IpAddress>> read_route_source(const CollectedText& text) {
  for (const TextLine& line : lines_of(text.text)) {
    const std::vector<TextWord> words = line.words();
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i].text != "src") continue;
      const auto address = IpAddress::parse(words[i + 1].text);
      if (!address || !is_usable(*address))
        return tl::unexpected(one_error(unexpected_word(text.file, words[i + 1], "an address")));
      return std::optional(*address);
    }
    const bool no_way = std::any_of(no_way_answers.begin(), no_way_answers.end(), [&](std::string_view answer) {
      return line.text.find(answer) != std::string_view::npos;
    });
    if (no_way) return std::optional<IpAddress>();
  }
  return tl::unexpected(
      one_error(error_of_file(text.file, "\"src\" and an address", "found none", "ip route get ADDRESS")));
}

}  // namespace netlimits::scenarios

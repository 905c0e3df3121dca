// Searches the words of `ip`'s output for those before an address. A reader for the answers about routes.
#include "scenarios/collected/address_listing.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

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

// The kernel's answer, which connect() gives too (fib_props of net/ipv4/fib_semantics.c, ip6_route_info_create of
// net/ipv6/route.c; measured on 6.18 for both families).
constexpr std::array refusals{std::pair{std::string_view("Network is unreachable"), Error::enetunreach},
                              std::pair{std::string_view("No route to host"), Error::ehostunreach},
                              std::pair{std::string_view("Permission denied"), Error::eacces},
                              std::pair{std::string_view("Invalid argument"), Error::einval}};

// Types of routes, before the address; older releases print those of IPv6 that refuse in place of an answer.
constexpr std::array types_of_routes{std::pair{std::string_view("unicast"), std::optional<Error>()},
                                     std::pair{std::string_view("local"), std::optional<Error>()},
                                     std::pair{std::string_view("anycast"), std::optional<Error>()},
                                     std::pair{std::string_view("broadcast"), std::optional(Error::enetunreach)},
                                     std::pair{std::string_view("multicast"), std::optional(Error::enetunreach)},
                                     std::pair{std::string_view("throw"), std::optional(Error::enetunreach)},
                                     std::pair{std::string_view("unreachable"), std::optional(Error::ehostunreach)},
                                     std::pair{std::string_view("prohibit"), std::optional(Error::eacces)},
                                     std::pair{std::string_view("blackhole"), std::optional(Error::einval)}};

constexpr const char* command_of_routes = "ip route get ADDRESS";

std::optional<Error> refusal_in(std::string_view line) {
  if (line.find("RTNETLINK answers: ") == std::string_view::npos) return std::nullopt;
  const auto found =
      std::find_if(refusals.begin(), refusals.end(), [&](const auto& one) { return line.ends_with(one.first); });
  return found == refusals.end() ? std::nullopt : std::optional(found->second);
}

class RouteReader {
 public:
  explicit RouteReader(const CollectedText& text) : text_(text) {}

  Loaded<std::vector<RouteAnswer>> read() {
    for (const TextLine& line : lines_of(text_.text)) {
      if (line.blank()) continue;
      if (auto error = read_line(line)) return tl::unexpected(one_error(std::move(*error)));
    }
    if (answers_.empty()) {
      return tl::unexpected(
          one_error(error_of_file(text_.file, "an address and \"src\"", "found none", command_of_routes)));
    }
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      if (answers_[i].source || answers_[i].refused) continue;
      return tl::unexpected(
          one_error(line_too_short(text_.file, begun_[i], "\"src\" and an address", command_of_routes)));
    }
    return std::move(answers_);
  }

 private:
  std::optional<InputError> read_line(const TextLine& line) {
    std::vector<TextWord> words = line.words();
    if (const auto refused = refusal_in(line.text)) {
      answers_.push_back({.refused = refused});
      begun_.push_back(line);
      return std::nullopt;
    }
    // What belongs to the answer before begins with blanks.
    if (answers_.empty() || (line.text.front() != ' ' && line.text.front() != '\t')) {
      if (auto error = begin_answer(words)) return error;
      begun_.push_back(line);
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i].text != "src") continue;
      const auto address = IpAddress::parse(words[i + 1].text);
      if (!address || !is_usable(*address)) return unexpected_word(text_.file, words[i + 1], "an address");
      if (!answers_.back().refused) answers_.back().source = *address;
      break;
    }
    return std::nullopt;
  }

  std::optional<InputError> begin_answer(const std::vector<TextWord>& words) {
    RouteAnswer answer;
    std::size_t at = 0;
    const auto type = std::find_if(types_of_routes.begin(), types_of_routes.end(),
                                   [&](const auto& one) { return one.first == words.front().text; });
    if (type != types_of_routes.end()) {
      answer.refused = type->second;
      ++at;
    }
    answer.towards = at < words.size() ? IpAddress::parse(words[at].text) : std::nullopt;
    if (!answer.towards) {
      return unexpected_word(text_.file, words[std::min(at, words.size() - 1)],
                             "the address that the route is to, such as 10.1.0.9", command_of_routes);
    }
    answers_.push_back(answer);
    return std::nullopt;
  }

  const CollectedText& text_;
  std::vector<RouteAnswer> answers_;
  std::vector<TextLine> begun_;  // the first line of each
};

// The first of several with one address.
std::vector<AddressBlock> each_once(const std::vector<AddressBlock>& blocks) {
  std::set<IpAddress> seen;
  std::vector<AddressBlock> kept;
  for (const AddressBlock& block : blocks)
    if (seen.insert(block.address).second) kept.push_back(block);
  return kept;
}

}  // namespace

Loaded<std::vector<AddressBlock>> read_address_listing(const CollectedText& text) {
  std::vector<AddressBlock> addresses;
  std::vector<AddressBlock> deprecated;
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
      const auto flagged = [&](std::string_view flag) {
        return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(i), words.end(),
                           [&](const TextWord& word) { return word.text == flag; });
      };
      const bool unusable = flagged("dadfailed") || (flagged("tentative") && !flagged("optimistic"));
      if (block->address.is_loopback() || is_link_local(block->address) || unusable) break;
      const bool last = !block->address.is_v4() && flagged("deprecated");
      (last ? deprecated : addresses).push_back(*block);
      break;
    }
  }
  if (any) {
    addresses.insert(addresses.end(), deprecated.begin(), deprecated.end());
    return each_once(addresses);
  }
  return tl::unexpected(
      one_error(error_of_file(text.file, "lines with \"inet\" and an address", "found none", "ip addr")));
}

Loaded<std::vector<RouteAnswer>> read_routes(const CollectedText& text) { return RouteReader(text).read(); }

}  // namespace netlimits::scenarios

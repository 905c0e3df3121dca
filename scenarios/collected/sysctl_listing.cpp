// Splits lines at the equals sign, and knows the tool's own complaints from settings.
#include "scenarios/collected/sysctl_listing.hpp"

#include <algorithm>
#include <array>

namespace netlimits::scenarios {
namespace {

constexpr std::string_view line_form = "a line such as \"net.core.somaxconn = 4096\"";

// What the tool says itself, of any version: "sysctl: permission denied on key 'fs.protected'",
// "sysctl: reading key "kernel.spl"", "error: "Success" reading key "dev.parport"", "error: permission denied on key
// 'a'".
constexpr std::array complaints{std::string_view("sysctl: "), std::string_view("error: "),
                                std::string_view("warning: ")};

bool is_complaint(std::string_view line) {
  return std::any_of(complaints.begin(), complaints.end(),
                     [&](std::string_view begin) { return line.starts_with(begin); });
}

std::string complained_about(std::string_view line) {
  constexpr std::string_view before = "key ";
  const std::size_t key = line.rfind(before);
  const std::size_t open = line.find_first_of("'\"", key == std::string_view::npos ? 0 : key + before.size());
  if (open == std::string_view::npos) return {};
  const std::size_t close = line.find_first_of("'\"", open + 1);
  return std::string(line.substr(open + 1, close == std::string_view::npos ? close : close - open - 1));
}

std::string joined_words(std::string_view text) {
  std::string joined;
  for (const TextWord& word : TextLine{text, 0}.words()) {
    if (!joined.empty()) joined += ' ';
    joined += word.text;
  }
  return joined;
}

}  // namespace

Loaded<SysctlListing> read_sysctl_listing(const CollectedText& text) {
  SysctlListing listing;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank()) continue;
    if (is_complaint(line.text)) {
      if (std::string key = complained_about(line.text); !key.empty()) listing.unreadable.push_back(std::move(key));
      continue;
    }
    const std::size_t equals = line.text.find('=');
    if (equals == std::string_view::npos) {
      return tl::unexpected(one_error(unexpected_word(text.file, line.from(0), std::string(line_form))));
    }
    const std::string_view before = line.text.substr(0, equals);
    const std::size_t name_end = before.find_last_not_of(" \t") + 1;
    const std::string_view name = before.substr(0, name_end);
    if (name.empty() || name.find_first_of(" \t") != std::string_view::npos) {
      return tl::unexpected(one_error(unexpected_word(text.file, line.from(0), std::string(line_form))));
    }
    const std::size_t value = std::min(line.text.find_first_not_of(" \t", equals + 1), line.text.size());
    const TextWord at = line.from(value);
    listing.values.insert_or_assign(std::string(name), SysctlValue{joined_words(at.text), at});
  }
  return listing;
}

}  // namespace netlimits::scenarios

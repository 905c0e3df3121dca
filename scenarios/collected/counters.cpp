// One reader for each of these files.
#include "scenarios/collected/counters.hpp"

#include <string_view>

#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

// mm/memcontrol-v1.c, PAGE_COUNTER_MAX in bytes, whatever the size of a page: some 2^63.
constexpr std::uint64_t unlimited_from = std::uint64_t{1} << 62U;

}  // namespace

Loaded<SocketCounts> read_socket_counts(const CollectedText& text) {
  SocketCounts counts;
  bool seen = false;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank()) continue;
    const std::vector<TextWord> words = line.words();
    if (!words[0].text.ends_with(':')) {
      return tl::unexpected(one_error(unexpected_word(
          text.file, words[0], "a line of /proc/net/sockstat such as \"TCP: inuse 5 orphan 0 tw 2 ...\"")));
    }
    if (words[0].text != "TCP:") continue;
    seen = true;
    for (std::size_t i = 1; i < words.size(); i += 2) {
      if (i + 1 == words.size()) return tl::unexpected(one_error(line_too_short(text.file, line, "a whole number")));
      const auto value = whole_number(words[i + 1].text);
      if (!value) return tl::unexpected(one_error(unexpected_word(text.file, words[i + 1], "a whole number")));
      if (words[i].text == "orphan") counts.orphans = *value;
      if (words[i].text == "tw") counts.time_wait = *value;
      if (words[i].text == "mem") counts.pages = *value;
    }
  }
  if (seen) return counts;
  return tl::unexpected(one_error(error_of_file(text.file, "a line \"TCP:\"", "found none", "cat /proc/net/sockstat")));
}

Loaded<std::vector<std::uint64_t>> read_figures(const CollectedText& text, std::size_t least) {
  std::vector<std::uint64_t> figures;
  for (const TextLine& line : lines_of(text.text)) {
    for (const TextWord& word : line.words()) {
      const auto value = whole_number(word.text);
      if (!value) return tl::unexpected(one_error(unexpected_word(text.file, word, "a whole number")));
      figures.push_back(*value);
    }
  }
  if (figures.size() >= least) return figures;
  return tl::unexpected(one_error(line_too_short(text.file, {"", 1}, "a whole number")));
}

Loaded<std::optional<std::uint64_t>> read_cgroup_figure(const CollectedText& text) {
  const std::vector<TextLine> lines = lines_of(text.text);
  const std::vector<TextWord> words = lines.empty() ? std::vector<TextWord>{} : lines.front().words();
  if (words.empty()) return tl::unexpected(one_error(line_too_short(text.file, {"", 1}, "a whole number or \"max\"")));
  if (words[0].text == "max") return std::optional<std::uint64_t>();
  const auto value = whole_number(words[0].text);
  if (!value) return tl::unexpected(one_error(unexpected_word(text.file, words[0], "a whole number or \"max\"")));
  return *value >= unlimited_from ? std::optional<std::uint64_t>() : value;
}

}  // namespace netlimits::scenarios

// One reader for each of these files.
#include "scenarios/collected/counters.hpp"

#include <map>
#include <string>
#include <string_view>

#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

// mm/memcontrol-v1.c, PAGE_COUNTER_MAX in bytes, whatever the size of a page: some 2^63.
constexpr std::uint64_t unlimited_from = std::uint64_t{1} << 62U;

// The figures of one line "NAME: word figure word figure ...", by their words. Nothing: there is no such line.
using FiguresByWord = std::map<std::string_view, std::uint64_t>;
Loaded<std::optional<FiguresByWord>> figures_of_line(const CollectedText& text, std::string_view name,
                                                     const std::string& such_as) {
  std::optional<FiguresByWord> found;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank()) continue;
    const std::vector<TextWord> words = line.words();
    if (!words[0].text.ends_with(':')) return tl::unexpected(one_error(unexpected_word(text.file, words[0], such_as)));
    if (words[0].text != name) continue;
    found.emplace();
    for (std::size_t i = 1; i < words.size(); i += 2) {
      if (i + 1 == words.size()) return tl::unexpected(one_error(line_too_short(text.file, line, "a whole number")));
      const auto value = whole_number(words[i + 1].text);
      if (!value) return tl::unexpected(one_error(unexpected_word(text.file, words[i + 1], "a whole number")));
      found->insert_or_assign(words[i].text, *value);
    }
  }
  return found;
}

std::optional<std::uint64_t> figure_named(const FiguresByWord& figures, std::string_view word) {
  const auto found = figures.find(word);
  return found == figures.end() ? std::nullopt : std::optional(found->second);
}

InputErrors no_such_line(const CollectedText& text, std::string_view name, const char* command) {
  return one_error(error_of_file(text.file, "a line \"" + std::string(name) + "\"", "found none", command));
}

// "timewait 5", and "timewait 5/0" of older releases.
std::optional<std::uint64_t> summary_figure(std::string_view text) {
  return whole_number(text.substr(0, text.find('/')));
}

}  // namespace

Loaded<SocketCounts> read_socket_counts(const CollectedText& text) {
  const std::string such_as = "a line of /proc/net/sockstat such as \"TCP: inuse 5 orphan 0 tw 2 ...\"";
  const auto figures = figures_of_line(text, "TCP:", such_as);
  if (!figures) return tl::unexpected(figures.error());
  if (!*figures) return tl::unexpected(no_such_line(text, "TCP:", "cat /proc/net/sockstat"));
  const auto six = figures_of_line(text, "TCP6:", such_as);
  if (!six) return tl::unexpected(six.error());
  SocketCounts counts;
  counts.orphans = figure_named(**figures, "orphan");
  counts.time_wait = figure_named(**figures, "tw");
  counts.pages = figure_named(**figures, "mem");
  counts.in_use = figure_named(**figures, "inuse");
  if (*six) counts.in_use_of_ipv6 = figure_named(**six, "inuse");
  return counts;
}

Loaded<std::uint64_t> read_ipv6_sockets_in_use(const CollectedText& text) {
  const auto figures = figures_of_line(text, "TCP6:", "a line of /proc/net/sockstat6 such as \"TCP6: inuse 3\"");
  if (!figures) return tl::unexpected(figures.error());
  const auto in_use = *figures ? figure_named(**figures, "inuse") : std::nullopt;
  if (!in_use) return tl::unexpected(no_such_line(text, "TCP6: inuse", "cat /proc/net/sockstat6"));
  return *in_use;
}

Loaded<SocketCounts> read_ss_summary(const CollectedText& text) {
  for (const TextLine& line : lines_of(text.text)) {
    const std::vector<TextWord> words = line.words();
    if (words.size() < 2 || words[0].text != "TCP:") continue;
    SocketCounts counts;
    for (std::size_t i = 2; i + 1 < words.size(); ++i) {
      std::string_view word = words[i].text;
      if (word.starts_with('(')) word.remove_prefix(1);
      std::string_view printed = words[i + 1].text;
      printed = printed.substr(0, printed.find_first_of(",)"));
      std::optional<std::uint64_t>* const into = word == "orphaned"   ? &counts.orphans
                                                 : word == "timewait" ? &counts.time_wait
                                                                      : nullptr;
      if (into == nullptr) continue;
      *into = summary_figure(printed);
      if (!*into) return tl::unexpected(one_error(unexpected_word(text.file, words[i + 1], "a whole number")));
    }
    return counts;
  }
  return tl::unexpected(no_such_line(text, "TCP:", "ss -s"));
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

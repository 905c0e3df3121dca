// One reader for each of the three files.
#include "scenarios/collected/process_files.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view open_files = "Max open files";

std::optional<std::uint64_t> limit_value(std::string_view text) {
  if (text == "unlimited") return std::numeric_limits<std::uint64_t>::max();
  return whole_number(text);
}

}  // namespace

Loaded<ProcessLimits> read_process_limits(const CollectedText& text) {
  std::optional<ProcessLimits> limits;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank() || line.text.starts_with("Limit ")) continue;
    if (!line.text.starts_with("Max ")) {
      return tl::unexpected(one_error(unexpected_word(
          text.file, line.from(0), "a line of /proc/PID/limits such as \"Max open files 1024 4096 files\"")));
    }
    if (!line.text.starts_with(open_files)) continue;
    const std::vector<TextWord> words = line.words();  // Max, open, files, soft, hard, files
    if (words.size() < 5) return tl::unexpected(one_error(line_too_short(text.file, line, "a soft and a hard limit")));
    const auto soft = limit_value(words[3].text);
    const auto hard = limit_value(words[4].text);
    if (!soft || !hard) {
      return tl::unexpected(
          one_error(unexpected_word(text.file, soft ? words[4] : words[3], "a whole number or \"unlimited\"")));
    }
    limits = ProcessLimits{*soft, *hard};
  }
  if (limits) return *limits;
  return tl::unexpected(
      one_error(error_of_file(text.file, "a line \"Max open files\"", "found none", "cat /proc/PID/limits")));
}

Loaded<ProcessStatus> read_process_status(const CollectedText& text) {
  ProcessStatus status;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank()) continue;
    const std::size_t colon = line.text.find(':');
    if (colon == std::string_view::npos) {
      return tl::unexpected(
          one_error(unexpected_word(text.file, line.from(0), "a line of /proc/PID/status such as \"Name: nginx\"")));
    }
    const std::string_view key = line.text.substr(0, colon);
    const std::vector<TextWord> words = TextLine{line.text.substr(colon + 1), line.number}.words();
    const auto number = [&](std::size_t which) -> Loaded<std::uint64_t> {
      if (which >= words.size()) return tl::unexpected(one_error(line_too_short(text.file, line, "a whole number")));
      const auto value = whole_number(words[which].text);
      if (value) return *value;
      TextWord at = words[which];
      at.column += colon + 1;
      return tl::unexpected(one_error(unexpected_word(text.file, at, "a whole number")));
    };
    if (key == "Name") {
      const std::size_t begin = std::min(line.text.find_first_not_of(" \t", colon + 1), line.text.size());
      status.name = line.text.substr(begin);
    } else if (key == "Pid") {
      const auto id = number(0);
      if (!id) return tl::unexpected(id.error());
      status.id = *id;
    } else if (key == "Uid") {  // real, effective, saved, file system
      const auto uid = number(1);
      if (!uid) return tl::unexpected(uid.error());
      status.effective_uid = static_cast<std::uint32_t>(*uid);
    } else if (key == "NSpid") {
      status.pid_namespaces = words.size();
    }
  }
  return status;
}

Loaded<ProcessDescriptors> read_process_descriptors(const CollectedText& text) {
  ProcessDescriptors found;
  for (const TextLine& line : lines_of(text.text)) {
    if (line.blank() || line.text.starts_with("total ") || line.text.starts_with("ls: ")) continue;
    const std::vector<TextWord> words = line.words();
    // Of a long listing the number stands before the arrow; of a short one every word is a number.
    const auto arrow = std::find_if(words.begin(), words.end(), [](const TextWord& word) { return word.text == "->"; });
    const bool long_form = arrow != words.end() && arrow != words.begin();
    const auto first = long_form ? arrow - 1 : words.begin();
    const auto last = long_form ? arrow : words.end();
    for (auto word = first; word != last; ++word) {
      const auto number = whole_number(word->text);
      if (!number) {
        return tl::unexpected(one_error(unexpected_word(
            text.file, *word, "the number of a descriptor, as in \"3 -> socket:[4711]\"", "ls -l /proc/PID/fd")));
      }
      found.numbers.push_back(*number);
    }
    if (!long_form) continue;
    found.targets_shown = true;
    if (arrow + 1 == words.end()) continue;
    std::string_view target = (arrow + 1)->text;
    if (!target.starts_with("socket:[") || !target.ends_with(']')) continue;
    target.remove_prefix(8);
    target.remove_suffix(1);
    if (const auto inode = whole_number(target)) found.socket_inodes.emplace(*inode, found.numbers.back());
  }
  std::sort(found.numbers.begin(), found.numbers.end());
  found.numbers.erase(std::unique(found.numbers.begin(), found.numbers.end()), found.numbers.end());
  return found;
}

}  // namespace netlimits::scenarios

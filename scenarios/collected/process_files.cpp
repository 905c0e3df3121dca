// One reader for each of the three files.
#include "scenarios/collected/process_files.hpp"

#include <algorithm>
#include <limits>
#include <set>
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
    const ProcessLimits found{*soft, *hard};
    if (limits && *limits != found) {
      return tl::unexpected(one_error(unexpected_word(text.file, words[3], "the limits of one process",
                                                      "another process's limits are in the file too")));
    }
    limits = found;
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
      if (status.id && *status.id != *id) {
        return tl::unexpected(one_error(unexpected_word(text.file, line.from(0), "the status of one process",
                                                        "another process's is in the file too")));
      }
      status.id = *id;
    } else if (key == "Uid") {  // real, effective, saved, file system
      const auto uid = number(1);
      if (!uid) return tl::unexpected(uid.error());
      if (*uid >= std::numeric_limits<std::uint32_t>::max())
        return tl::unexpected(one_error(unexpected_word(text.file, line.from(0), "the number of a user")));
      status.effective_uid = static_cast<std::uint32_t>(*uid);
    } else if (key == "NSpid") {
      status.pid_namespaces = words.size();
    }
  }
  return status;
}

namespace {

// A row of `ls -l`: a kind and nine rights, or question marks.
bool is_long_row(const std::vector<TextWord>& words) {
  constexpr std::string_view kinds = "lcbdps-?";
  constexpr std::string_view rights = "rwxsStT-?";
  const std::string_view mode = words.front().text;
  return mode.size() >= 10 && kinds.find(mode.front()) != std::string_view::npos &&
         mode.substr(1, 9).find_first_not_of(rights) == std::string_view::npos;
}

// "total 0", in any language.
bool is_total(const std::vector<TextWord>& words) {
  return words.size() == 2 && !whole_number(words[0].text) && whole_number(words[1].text);
}

class DescriptorReader {
 public:
  explicit DescriptorReader(const CollectedText& text) : text_(text) {}

  Loaded<ProcessDescriptors> read() {
    for (const TextLine& line : lines_of(text_.text)) {
      if (line.blank()) continue;
      if (line.text.starts_with("ls: ")) {
        denied_ = denied_ || line.text.ends_with("Permission denied");
        continue;
      }
      if (auto error = read_row(line, line.words())) return tl::unexpected(one_error(std::move(*error)));
    }
    // Where `ls` was not allowed to look, the row of a descriptor ends at its number. Otherwise one without a target
    // was closed between the look at the directory and the look at it.
    if (denied_) {
      found_.numbers.insert(found_.numbers.end(), without_target_.begin(), without_target_.end());
    } else {
      found_.vanished += without_target_.size();
    }
    std::sort(found_.numbers.begin(), found_.numbers.end());
    return std::move(found_);
  }

 private:
  std::optional<InputError> read_row(const TextLine& line, const std::vector<TextWord>& words) {
    const auto arrow = std::find_if(words.begin(), words.end(), [](const TextWord& word) { return word.text == "->"; });
    if (arrow != words.begin() && arrow != words.end()) {
      const auto number = whole_number((arrow - 1)->text);
      if (!number) return refused(*(arrow - 1));
      found_.targets_shown = true;
      if (arrow + 1 != words.end()) target((arrow + 1)->text, *number);
      return add(*(arrow - 1), *number, found_.numbers);
    }
    if (is_long_row(words)) {
      if (words.front().text.front() == 'd') return std::nullopt;  // "." and ".." of ls -la
      const auto number = whole_number(words.back().text);
      if (!number || words.size() < 2) return refused(words.back());
      return add(words.back(), *number, without_target_);
    }
    if (words.size() == 1 && words[0].text.ends_with(':')) return directory(line.from(0));
    if (is_total(words)) {
      if (totalled_) return of_another(words.front());
      totalled_ = true;
      return std::nullopt;
    }
    // Of a short listing every word is a number.
    for (const TextWord& word : words) {
      const auto number = whole_number(word.text);
      if (!number) return refused(word);
      if (auto error = add(word, *number, found_.numbers)) return error;
    }
    return std::nullopt;
  }

  // "/proc/7/fd:" before the rows of that directory.
  std::optional<InputError> directory(const TextWord& name) {
    if (headed_) return of_another(name);
    headed_ = true;
    return std::nullopt;
  }

  // The kernel lists each once.
  std::optional<InputError> add(const TextWord& at, std::uint64_t number, std::vector<std::uint64_t>& numbers) {
    if (!seen_.insert(number).second) return of_another(at);
    numbers.push_back(number);
    return std::nullopt;
  }

  std::optional<InputError> of_another(const TextWord& at) const {
    return unexpected_word(text_.file, at, "the descriptors of one process",
                           "those of another, or a second list, are in the file too");
  }

  void target(std::string_view target, std::uint64_t number) {
    if (!target.starts_with("socket:[") || !target.ends_with(']')) return;
    target.remove_prefix(8);
    target.remove_suffix(1);
    if (const auto inode = whole_number(target)) found_.socket_inodes.emplace(*inode, number);
  }

  std::optional<InputError> refused(const TextWord& word) const {
    return unexpected_word(text_.file, word, "the number of a descriptor, as in \"3 -> socket:[4711]\"",
                           "ls -l /proc/PID/fd");
  }

  const CollectedText& text_;
  ProcessDescriptors found_;
  std::vector<std::uint64_t> without_target_;
  std::set<std::uint64_t> seen_;
  bool headed_ = false;
  bool totalled_ = false;
  bool denied_ = false;
};

}  // namespace

Loaded<ProcessDescriptors> read_process_descriptors(const CollectedText& text) { return DescriptorReader(text).read(); }

}  // namespace netlimits::scenarios

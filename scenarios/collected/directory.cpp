// The table of known files, and which part of Collected each fills.
#include "scenarios/collected/directory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "scenarios/collected/text_lines.hpp"
#include "scenarios/json/whole_text.hpp"

namespace netlimits::scenarios {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".txt";
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 30U;

InputErrors trouble(const std::string& file, std::string message, std::string hint = {}) {
  return one_error(error_of_file(file, "", std::move(message), std::move(hint)));
}

bool is_known(std::string_view name) {
  const auto& files = collected_files();
  return std::any_of(files.begin(), files.end(), [&](const CollectedFile& file) { return file.name == name; });
}

// The figures of a control group come in pairs, and either version's names will do.
void add_cgroup(Collected& collected, const char* limit, const char* used, std::vector<CollectedCgroup>& groups) {
  const auto limit_text = collected.texts.find(limit);
  const auto used_text = collected.texts.find(used);
  if (limit_text == collected.texts.end()) return;
  if (used_text == collected.texts.end()) {
    collected.not_determined.push_back(fmt::format("what of {} is used: there is no file {}", limit, used));
    return;
  }
  groups.push_back({"", limit_text->second, used_text->second});
}

}  // namespace

const std::vector<CollectedFile>& collected_files() {
  static const std::vector<CollectedFile> files{
      {"uname", "uname -r"},
      {"sysctl", "sysctl -a"},
      {"limits", "cat /proc/PID/limits"},
      {"status", "cat /proc/PID/status"},
      {"fd", "ls -l /proc/PID/fd"},
      {"cgroup", "cat /proc/PID/cgroup"},
      {"addresses", "ip addr"},
      {"route", "ip route get ADDRESS"},
      {"ss", "ss -tanpo"},
      {"netstat", "netstat -anpoW"},
      {"tcp", "cat /proc/net/tcp"},
      {"tcp6", "cat /proc/net/tcp6"},
      {"sockstat", "cat /proc/net/sockstat"},
      {"sockstat6", "cat /proc/net/sockstat6"},
      {"ss-s", "ss -s"},
      {"file-nr", "cat /proc/sys/fs/file-nr"},
      {"nf_conntrack_buckets", "cat /proc/sys/net/netfilter/nf_conntrack_buckets"},
      {"nf_conntrack_count", "cat /proc/sys/net/netfilter/nf_conntrack_count"},
      {"nf_conntrack_max", "cat /proc/sys/net/netfilter/nf_conntrack_max"},
      {"memory.max", "cat /sys/fs/cgroup/GROUP/memory.max"},
      {"memory.current", "cat /sys/fs/cgroup/GROUP/memory.current"},
      {"memory.limit_in_bytes", "cat /sys/fs/cgroup/memory/GROUP/memory.limit_in_bytes"},
      {"memory.usage_in_bytes", "cat /sys/fs/cgroup/memory/GROUP/memory.usage_in_bytes"},
      {"pids.max", "cat /sys/fs/cgroup/GROUP/pids.max"},
      {"pids.current", "cat /sys/fs/cgroup/GROUP/pids.current"},
  };
  return files;
}

Loaded<CollectedDirectory> collect_directory(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return tl::unexpected(trouble(directory, fs::exists(directory, error) ? "is no directory" : "no such directory",
                                  "--from takes a directory of collected files"));
  }
  std::vector<fs::path> paths;
  for (auto entry = fs::directory_iterator(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    paths.push_back(entry->path());
  }
  if (error) return tl::unexpected(trouble(directory, error.message()));
  std::sort(paths.begin(), paths.end());

  CollectedDirectory found;
  found.collected.source = "collected files";
  for (const fs::path& path : paths) {
    const std::string shown = path.string();
    std::string name = path.filename().string();
    if (!is_known(name) && name.ends_with(ending)) name.resize(name.size() - ending.size());
    if (!is_known(name)) {
      found.notes.push_back(fmt::format("{} is not read: no file of that name counts", in_quotes(shown)));
      continue;
    }
    if (const auto before = found.collected.texts.find(name); before != found.collected.texts.end()) {
      return tl::unexpected(
          trouble(shown, fmt::format("{} is there already", before->second.file), "keep one of them"));
    }
    if (!fs::is_regular_file(path, error)) return tl::unexpected(trouble(shown, "is no file"));
    if (fs::file_size(path, error) > largest_file) return tl::unexpected(trouble(shown, "is larger than 1 GiB"));
    std::ifstream file(path, std::ios::binary);
    if (!file) return tl::unexpected(trouble(shown, "cannot be opened for reading"));
    auto text = whole_text(file, largest_file);
    if (!text) return tl::unexpected(trouble(shown, "cannot be read to its end"));
    found.collected.texts.emplace(name, CollectedText{shown, *std::move(text)});
  }
  if (found.collected.texts.empty()) {
    std::string names;
    for (const CollectedFile& file : collected_files())
      names += fmt::format("{}{}", names.empty() ? "" : ", ", file.name);
    return tl::unexpected(trouble(directory, "holds no file that counts", "expected some of: " + names));
  }
  Collected& collected = found.collected;
  collected.process_asked = collected.texts.contains("status") || collected.texts.contains("fd");
  add_cgroup(collected, "memory.max", "memory.current", collected.memory);
  add_cgroup(collected, "memory.limit_in_bytes", "memory.usage_in_bytes", collected.memory);
  add_cgroup(collected, "pids.max", "pids.current", collected.processes);
  return found;
}

}  // namespace netlimits::scenarios

// Looks through /proc for processes and namespaces, and through the scratch directory for files.
#include "tests/cli/traces.hpp"

#include <fcntl.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

// As far as it can be read: a process may end meanwhile, and reading then fails, which an istreambuf_iterator throws.
std::string readable_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> all;
  std::error_code trouble;
  for (fs::directory_iterator entry("/proc", trouble), end; entry != end; entry.increment(trouble)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos) all.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return all;
}

// "net:[4026532281]"; other descriptors have links of that form too ("anon_inode:[eventfd]").
bool is_namespace(const std::string& link) {
  const std::string kind = link.substr(0, link.find(":["));
  return kind != link &&
         std::set<std::string>{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}.contains(kind);
}

// The files of the namespaces that a process is in or holds by descriptor; those that may not be looked at are missing.
std::vector<fs::path> namespace_files_of(pid_t process) {
  std::vector<fs::path> found;
  const fs::path place = "/proc/" + std::to_string(process);
  for (const char* folder : {"ns", "fd"}) {
    std::error_code trouble;
    for (fs::directory_iterator entry(place / folder, trouble), end; entry != end; entry.increment(trouble)) {
      std::error_code gone;
      if (is_namespace(fs::read_symlink(entry->path(), gone))) found.push_back(entry->path());
    }
  }
  return found;
}

std::set<std::string> namespaces_of(pid_t process) {
  std::set<std::string> found;
  for (const fs::path& file : namespace_files_of(process)) {
    std::error_code gone;
    found.insert(fs::read_symlink(file, gone));
  }
  return found;
}

// "process 41 netlimits, D, in rtnl_lock": what it is, its state, and where in the kernel it waits.
std::string words_of(pid_t process) {
  const fs::path place = "/proc/" + std::to_string(process);
  const std::string state = readable_text(place / "stat");
  const std::size_t name_end = state.rfind(") ");
  std::string words = "process " + std::to_string(process) + " " + readable_text(place / "comm");
  while (!words.empty() && words.back() == '\n') words.pop_back();
  if (name_end != std::string::npos) words += std::string(", ") + state[name_end + 2];
  return words + ", in " + readable_text(place / "wchan");
}

std::string interfaces() {
  std::istringstream lines(readable_text("/proc/self/net/dev"));
  std::string names;
  for (std::string line; std::getline(lines, line);) names += line.substr(0, line.find(':')) + "\n";
  return names;
}

}  // namespace

Traces::Traces(std::string mark, fs::path scratch)
    : mark_(std::move(mark)),
      scratch_(std::move(scratch)),
      self_(static_cast<pid_t>(std::stol(fs::read_symlink("/proc/self").string()))),
      own_(namespaces_of(self_)),
      interfaces_(interfaces()),
      mounts_(readable_text("/proc/self/mountinfo")) {}

std::vector<pid_t> Traces::marked() const {
  const std::string wanted = std::string("NETLIMITS_TEST_MARK=") + mark_ + '\0';
  std::vector<pid_t> found;
  for (const pid_t process : all_processes()) {
    if (readable_text("/proc/" + std::to_string(process) + "/environ").find(wanted) != std::string::npos)
      found.push_back(process);
  }
  return found;
}

bool Traces::known(const std::string& name) const { return own_.contains(name) || namespaces_.contains(name); }

std::size_t Traces::look() {
  const std::vector<pid_t> processes = marked();
  for (const pid_t process : processes) {
    for (const fs::path& file : namespace_files_of(process)) {
      std::error_code gone;
      if (known(fs::read_symlink(file, gone))) continue;
      live::Descriptor held(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
      if (!held) continue;
      const std::string name = fs::read_symlink("/proc/self/fd/" + std::to_string(held.number()), gone);
      if (is_namespace(name) && !known(name)) namespaces_.emplace(name, std::move(held));
    }
  }
  return processes.size();
}

std::vector<std::string> Traces::left() const {
  std::vector<std::string> found;
  for (const pid_t process : marked()) found.push_back(words_of(process));
  for (const pid_t process : all_processes()) {
    if (process == self_) continue;  // holds them to know them
    for (const std::string& each : namespaces_of(process)) {
      if (namespaces_.contains(each)) found.push_back("namespace " + each + " by " + words_of(process));
    }
    // A namespace can also be kept by a mount of its file.
    std::istringstream mounts(readable_text("/proc/" + std::to_string(process) + "/mountinfo"));
    for (std::string line; std::getline(mounts, line);) {
      for (const auto& [each, held] : namespaces_) {
        if (line.find(" " + each + " ") != std::string::npos) found.push_back("mount " + line);
      }
    }
  }
  if (interfaces() != interfaces_) found.push_back("interfaces " + interfaces());
  if (readable_text("/proc/self/mountinfo") != mounts_) found.push_back("a mount of this namespace");
  for (const auto& file : fs::recursive_directory_iterator(scratch_)) found.push_back("file " + file.path().string());
  return found;
}

std::vector<std::string> Traces::left_after(std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience * NETLIMITS_SLOWER;
  for (;;) {
    std::vector<std::string> now = left();
    if (now.empty() || std::chrono::steady_clock::now() >= end) return now;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace netlimits::tests

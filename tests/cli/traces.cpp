#include "tests/cli/traces.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <utility>

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

std::string whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
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

// The namespaces that a process is in or holds by descriptor; those that may not be looked at are missing.
std::set<std::string> namespaces_of(pid_t process) {
  std::set<std::string> found;
  const fs::path place = "/proc/" + std::to_string(process);
  for (const char* folder : {"ns", "fd"}) {
    std::error_code trouble;
    for (fs::directory_iterator entry(place / folder, trouble), end; entry != end; entry.increment(trouble)) {
      std::error_code gone;
      const std::string target = fs::read_symlink(entry->path(), gone);
      if (is_namespace(target)) found.insert(target);
    }
  }
  return found;
}

std::string interfaces() {
  std::istringstream lines(whole("/proc/self/net/dev"));
  std::string names;
  for (std::string line; std::getline(lines, line);) names += line.substr(0, line.find(':')) + "\n";
  return names;
}

}  // namespace

Traces::Traces(std::string mark, fs::path scratch)
    : mark_(std::move(mark)),
      scratch_(std::move(scratch)),
      own_(namespaces_of(static_cast<pid_t>(std::stol(fs::read_symlink("/proc/self").string())))),
      interfaces_(interfaces()),
      mounts_(whole("/proc/self/mountinfo")) {}

std::vector<pid_t> Traces::marked() const {
  const std::string wanted = std::string("NETLIMITS_TEST_MARK=") + mark_ + '\0';
  std::vector<pid_t> found;
  for (const pid_t process : all_processes()) {
    if (whole("/proc/" + std::to_string(process) + "/environ").find(wanted) != std::string::npos)
      found.push_back(process);
  }
  return found;
}

std::size_t Traces::look() {
  const std::vector<pid_t> processes = marked();
  for (const pid_t process : processes) {
    for (const std::string& each : namespaces_of(process)) {
      if (!own_.contains(each)) namespaces_.insert(each);
    }
  }
  return processes.size();
}

std::vector<std::string> Traces::left() const {
  std::vector<std::string> found;
  for (const pid_t process : marked())
    found.push_back("process " + std::to_string(process) + " " + whole("/proc/" + std::to_string(process) + "/comm"));
  for (const pid_t process : all_processes()) {
    for (const std::string& each : namespaces_of(process)) {
      if (namespaces_.contains(each)) found.push_back("namespace " + each + " by process " + std::to_string(process));
    }
    // A namespace can also be kept by a mount of its file.
    std::istringstream mounts(whole("/proc/" + std::to_string(process) + "/mountinfo"));
    for (std::string line; std::getline(mounts, line);) {
      for (const std::string& each : namespaces_) {
        if (line.find(" " + each + " ") != std::string::npos) found.push_back("mount " + line);
      }
    }
  }
  if (interfaces() != interfaces_) found.push_back("interfaces " + interfaces());
  if (whole("/proc/self/mountinfo") != mounts_) found.push_back("a mount of this namespace");
  for (const auto& file : fs::recursive_directory_iterator(scratch_)) found.push_back("file " + file.path().string());
  return found;
}

std::vector<std::string> Traces::left_after(std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    std::vector<std::string> now = left();
    if (now.empty() || std::chrono::steady_clock::now() >= end) return now;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace netlimits::tests

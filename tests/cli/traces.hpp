// What a run of the program could leave behind on the machine: processes, namespaces, interfaces, mounts, files.
//
// Only what belongs to the run counts, as other runs may be under way: its processes carry a mark in their environment,
// and its namespaces are those that such a process was in or held open. This program holds those open too: the kernel
// gives the number of a namespace that is gone to the next one, which may be another run's.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "live/sandbox/descriptor.hpp"

namespace netlimits::tests {

class Traces {
 public:
  // Remembers interfaces and mounts as they are before the run.
  Traces(std::string mark, std::filesystem::path scratch);

  const std::string& mark() const { return mark_; }
  // Looks at the run's processes while they live, and remembers their namespaces. Returns how many processes there are.
  std::size_t look();
  std::size_t namespaces_seen() const { return namespaces_.size(); }

  // What is there now, in words.
  std::vector<std::string> left() const;
  // The same, after waiting until nothing is left, at most `patience`; longer where the build is slower.
  std::vector<std::string> left_after(std::chrono::milliseconds patience) const;

 private:
  std::vector<pid_t> marked() const;
  bool known(const std::string& name) const;

  std::string mark_;
  std::filesystem::path scratch_;
  pid_t self_;
  std::set<std::string> own_;                           // namespaces of this test
  std::map<std::string, live::Descriptor> namespaces_;  // of the run: "net:[4026532281]"
  std::string interfaces_;
  std::string mounts_;
};

}  // namespace netlimits::tests

// The control groups of a process, version 1 and 2: limits and use of memory and of the number of processes.
#pragma once

#include <string>
#include <vector>

#include "model/machine/collected.hpp"

namespace netlimits::live {

struct CgroupTexts {
  std::vector<CollectedCgroup> memory{};  // the process's own group first, then those above it
  std::vector<CollectedCgroup> processes{};
  std::vector<std::string> not_determined{};
};

// `memberships`: the text of /proc/PID/cgroup. A group above the process's own bounds it as well; the root has no
// limit. A group that lies outside what is mounted here is not determined.
CgroupTexts read_cgroups(const std::string& memberships);

}  // namespace netlimits::live

// Which control groups a process is in: the lines of /proc/PID/cgroup (cgroups(7)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace netlimits {

struct CgroupMembership {
  bool unified = false;                    // version 2: one hierarchy for all controllers
  std::vector<std::string> controllers{};  // version 1: "memory", "pids", "name=systemd"
  std::string path{};                      // as seen from the reader's cgroup namespace: "/system.slice/web.service"
};

// "4:memory:/a", "0::/b". The error is the number of the first line, from 1, that is no such line.
tl::expected<std::vector<CgroupMembership>, std::size_t> parse_cgroup_memberships(std::string_view text);

// What the path says about who made the group: "Docker", "Kubernetes", ...; empty when it says nothing.
std::string container_of(std::string_view cgroup_path);

}  // namespace netlimits

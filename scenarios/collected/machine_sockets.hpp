// The sockets among what was collected, from the first source that has them: netlink, ss, netstat, /proc/net.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/machine/collected.hpp"
#include "model/machine/machine.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct MachineSockets {
  std::optional<std::vector<MachineSocket>> sockets{};  // in one order; nothing: not seen
  bool owners_seen = false;
  bool bound_sockets_seen = false;
  bool listeners_in_doubt = false;
  std::vector<std::string> not_determined{};
  InputErrors errors{};
};

// `inodes`: of the sockets of the process, where its descriptors show them. `name_missing`: a source that is not there
// is named in not_determined (of a running kernel the collector has said so already).
MachineSockets machine_sockets(const Collected& collected, const MachineProcess& process,
                               const std::optional<std::map<std::uint64_t, std::uint64_t>>& inodes, bool name_missing);

}  // namespace netlimits::scenarios

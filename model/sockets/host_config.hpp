// What a host and its processes are before anything happens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/net/address.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

struct OsProfile;  // model/systems/os_profile.hpp

class GroupDraws;

struct ProcessConfig {
  std::string name{};
  std::uint64_t nofile = 1024;        // descriptors 0 .. nofile-1
  std::uint32_t own_descriptors = 3;  // open before the first socket, numbers 0 ..
  std::uint32_t uid = 0;
  bool privileged = true;  // CAP_NET_BIND_SERVICE and CAP_NET_RAW over the namespace
};

struct HostConfig {
  std::string name{};
  std::shared_ptr<const OsProfile> profile{};
  Settings settings{};                    // the profile's, changed by the scenario
  std::vector<AddressBlock> addresses{};  // loopback (127.0.0.1/8, ::1/128) is added by the host itself
  std::vector<AddressBlock> any_ip{};     // blocks under a `local` route: every address in them is the host's own
  std::vector<std::string> devices{};     // names that SO_BINDTODEVICE knows besides "lo"
  // The addresses are on the loopback device: nothing else is within reach, and a prefix shorter than /32 makes every
  // address in it the host's own.
  bool addresses_on_loopback = false;
  // Who takes a connection in a SO_REUSEPORT group; nothing: the host's own hash decides.
  std::shared_ptr<GroupDraws> group_draws{};
  // false: no default route; only the subnets of the host's own addresses are within reach (else ENETUNREACH).
  bool default_route = true;
  // When connect() gives up, and each SYN's second: as they are documented (false), or as late as the slots of a
  // kernel's timers make them, which adds up (model/tcp/timer_wheel.hpp).
  bool late_timeouts = false;
};

}  // namespace netlimits

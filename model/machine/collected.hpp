// The raw material of a Machine: texts as the kernel and its tools print them, by the names of docs/probe.md, and what
// only a running kernel tells. live/ fills one from /proc, scenarios/collected/ from the files of a directory; the same
// readers then make a Machine of either.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/machine/machine.hpp"
#include "model/net/address.hpp"
#include "model/systems/error.hpp"

namespace netlimits {

struct CollectedText {
  std::string file{};  // what errors call it: a file's name, or "/proc/7/limits"
  std::string text{};
};

// The two texts of one control group.
struct CollectedCgroup {
  std::string path{};
  CollectedText limit{};
  CollectedText used{};
};

struct Collected {
  std::string source{};                          // "this machine", "collected files"
  std::map<std::string, CollectedText> texts{};  // "sysctl", "limits", ...
  std::vector<CollectedCgroup> memory{};         // the innermost first
  std::vector<CollectedCgroup> processes{};
  // The sockets by netlink, complete and in no text; then no text of sockets is read.
  std::optional<std::vector<MachineSocket>> sockets{};
  bool bound_sockets_seen = false;
  std::optional<IpAddress> source_towards{};
  std::optional<Error> no_way{};  // routing said so
  bool process_asked = false;     // "limits", "status" and "fd" are those of a process that runs
  std::vector<std::string> surroundings{};
  std::vector<std::string> not_determined{};
};

}  // namespace netlimits

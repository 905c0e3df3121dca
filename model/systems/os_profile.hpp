// What differs between operating systems, as plain values: figures, the rules in force, settings. One profile file each
// (scenarios/profiles/), a source for every figure; a new system or kernel version is a new file, not a new branch in
// the code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/net/port.hpp"
#include "model/systems/kernel_version.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

// How sure a figure of a profile is. The words are those of docs/profiles.md.
struct Provenance {
  std::string source{};
  std::string confidence{};
  std::string note{};
};

struct OsProfile {
  std::string name{};                     // "linux", "windows"
  std::string title{};                    // "Linux 6.x, systemd 240 or later"
  std::string system{};                   // "linux", "windows", "macos", "freebsd": whose setting names it understands
  std::string based_on{};                 // the profile this one was built from, or empty
  std::optional<KernelVersion> kernel{};  // of Linux: what gave the rules that differ by version
  Settings settings{};
  Rules rules{};
  std::uint64_t nofile_soft = 1024;  // descriptor limit of a process that the scenario does not set
  std::uint64_t nofile_hard = 524288;
  std::uint32_t own_descriptors = 3;         // standard input, output, error
  std::vector<PortRange> never_automatic{};  // ports that automatic choice always skips (macOS: 55555)
  // Names that its system knows in general (model/systems/setting.hpp) and this version does not have.
  std::set<std::string, std::less<>> settings_absent{};
  std::map<std::string, Provenance> provenance{};  // by key of the profile file
};

}  // namespace netlimits

// The names under which administrators know the settings of a host, and how a value is written to each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/systems/refusal.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

enum class SettingScope : std::uint8_t {
  per_namespace,  // may be set inside a network namespace
  at_start,       // the same, before anything happens: what it takes away later does not come back with it
  host_wide,      // one value for the whole machine: a sandbox cannot set it
  fixed,          // a constant of the system that no setting changes
};

struct SettingInfo {
  std::string_view name;     // "net.ipv4.ip_local_port_range"
  std::string_view system;   // "linux", "windows", "macos", "freebsd"
  std::string_view expects;  // "two ports, low and high" : for error messages
  SettingScope scope;
};

// All names of one system, in alphabetical order.
std::vector<SettingInfo> settings_of(std::string_view system);
std::optional<SettingInfo> setting_named(std::string_view system, std::string_view name);

// Writes `text` (as one would write it to /proc/sys or pass to netsh) to the setting. Refuses with the errno that the
// kernel's own write gives (EINVAL), and leaves `settings` unchanged then. Requires: the name exists for the system.
// Legal values: for Linux those that the kernel takes (facts: net/ipv4/sysctl_net_ipv4.c; measured on 6.18).
Outcome<void> write_setting(Settings& settings, std::string_view system, std::string_view name, std::string_view text);
// Several settings at once: an order in which every single write is legal, in alphabetical order as far as that goes
// (ip_local_port_range "80 99" needs a lower ip_unprivileged_port_start first). The error is the name of one that
// cannot be written.
tl::expected<std::vector<std::pair<std::string, std::string>>, std::string> writing_order(
    Settings from, std::string_view system, const std::map<std::string, std::string>& values);
// The value as the system prints it ("32768\t60999" is printed with a space).
std::string read_setting(const Settings& settings, std::string_view system, std::string_view name);

}  // namespace netlimits

// The order in which settings are written, so that none refuses another.
#include "live/sandbox/host_settings.hpp"

#include <cerrno>

#include "live/sandbox/sysctl.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::live {

SystemResult<void> apply_settings(const Settings& settings) {
  // The range and the first unprivileged port bound each other: the latter goes out of the way first.
  if (auto done = write_sysctl("net.ipv4.ip_unprivileged_port_start", "0"); !done) return done;
  const Settings defaults;
  for (const int pass : {0, 1}) {
    for (const SettingInfo& info : settings_of("linux")) {
      if (info.scope != SettingScope::per_namespace) continue;
      const bool last = info.name == "net.ipv4.ip_unprivileged_port_start";
      if (last != (pass == 1)) continue;
      const std::string value = read_setting(settings, "linux", info.name);
      auto done = write_sysctl(info.name, value);
      if (done) continue;
      const bool absent = done.error().number == ENOENT;
      // Listeners see to it themselves (live/run/server_side.hpp), as far as it is no more than the kernel's own.
      if (absent && info.name == "net.core.somaxconn" && settings.somaxconn <= defaults.somaxconn) continue;
      // A kernel without the setting does what its usual value says, or what 0 says (tcp_syn_linear_timeouts).
      if (absent && (value == "0" || value == read_setting(defaults, "linux", info.name))) continue;
      return done;
    }
  }
  return {};
}

}  // namespace netlimits::live

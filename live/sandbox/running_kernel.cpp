// uname(2), the rules that a version of Linux follows, and their comparison with a profile's.
#include "live/sandbox/running_kernel.hpp"

#include <sys/utsname.h>

namespace netlimits::live {

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(names.release) : std::string();
}

Rules linux_rules(KernelVersion version) {
  Rules rules;
  rules.connect_prefers_low_parity = version >= KernelVersion{4, 2};
  rules.bind_avoids_low_parity = version >= KernelVersion{4, 2};
  rules.bind_no_port = version >= KernelVersion{4, 2};
  rules.socket_port_range = version >= KernelVersion{6, 3};
  rules.linear_syn_timeouts = version >= KernelVersion{6, 5};
  rules.socket_port_range_step_one = version >= KernelVersion{6, 8};
  rules.time_wait_reuse_delay_exists = version >= KernelVersion{6, 14};
  rules.syn_queue_plus_one = version >= KernelVersion{6, 15};
  rules.bucket_revival = version >= KernelVersion{6, 18};
  return rules;
}

std::optional<std::string> why_not_this_kernel(const OsProfile& profile, const Settings& settings) {
  if (profile.system != "linux") return "the profile " + profile.name + " is another system's; this kernel is Linux";
  const std::string release = kernel_release();
  const auto version = kernel_version(release);
  if (!version) return "the running kernel's release \"" + release + "\" names no version";
  if (profile.rules != linux_rules(*version))
    return "the profile " + profile.name + " has other rules than the running kernel " + release;
  if (settings.time_wait != std::chrono::seconds(60)) return "TIME_WAIT of Linux is 60 s and cannot be set";
  return std::nullopt;
}

}  // namespace netlimits::live

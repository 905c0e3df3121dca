// setfsuid(2) and CAP_NET_BIND_SERVICE of the calling thread, changed and put back.
#include "live/sandbox/acting_user.hpp"

#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace netlimits::live {
namespace {

// Whether the effective set has the right to bind low ports. glibc has no wrapper for these calls.
bool set_low_ports(bool allowed) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  const auto bit = std::uint32_t{1} << CAP_NET_BIND_SERVICE;
  if (allowed)
    sets[0].effective |= bit & sets[0].permitted;
  else
    sets[0].effective &= ~bit;
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

bool become(std::uint32_t uid) {
  ::setfsuid(uid);
  return ::setfsuid(static_cast<uid_t>(-1)) == static_cast<int>(uid);
}

bool users_share_ports(const HostGroup& host) {
  std::set<std::uint32_t> users;
  for (const Process& process : host.processes) {
    if (std::any_of(process.listeners.begin(), process.listeners.end(),
                    [](const Listener& each) { return each.reuse_port; }))
      users.insert(process.uid);
  }
  return users.size() > 1;
}

}  // namespace

ActingUser::ActingUser(const HostGroup& host, std::uint32_t uid) {
  if (uid == 0) return;
  changed_ = true;
  if (!become(uid) && users_share_ports(host)) {
    trouble_ = SystemFailure{"user id " + std::to_string(uid) +
                                 " does not exist in an ordinary user's sandbox, and several users share a port here",
                             0};
    return;
  }
  if (!set_low_ports(false)) trouble_ = system_failure("give up the right to low ports").value();
}

ActingUser::~ActingUser() {
  if (!changed_ || stays_) return;
  static_cast<void>(become(0));
  static_cast<void>(set_low_ports(true));
}

}  // namespace netlimits::live

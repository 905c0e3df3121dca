// setfsuid(2) and CAP_NET_BIND_SERVICE of the calling thread, changed and put back.
#include "live/sandbox/acting_user.hpp"

#include <sys/capability.h>
#include <sys/fsuid.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

namespace netlimits::live {
namespace {

// Whether the effective set has the right to bind low ports. A right that is not permitted stays away.
bool set_low_ports(bool allowed) {
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> sets(::cap_get_proc(), &::cap_free);
  if (!sets) return false;
  const cap_value_t low_ports = CAP_NET_BIND_SERVICE;
  cap_flag_value_t permitted = CAP_CLEAR;
  if (::cap_get_flag(sets.get(), low_ports, CAP_PERMITTED, &permitted) != 0) return false;
  const cap_flag_value_t wanted = allowed ? permitted : CAP_CLEAR;
  return ::cap_set_flag(sets.get(), CAP_EFFECTIVE, 1, &low_ports, wanted) == 0 && ::cap_set_proc(sets.get()) == 0;
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

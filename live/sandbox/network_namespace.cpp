// Opening, making and entering a namespace by descriptor.
#include "live/sandbox/network_namespace.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>
#include <utility>

#include "live/sandbox/links.hpp"

namespace netlimits::live {

SystemResult<NetworkNamespace> NetworkNamespace::current() {
  Descriptor handle(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!handle) return system_failure("open the current network namespace");
  return NetworkNamespace(std::move(handle));
}

SystemResult<NetworkNamespace> NetworkNamespace::at(const std::string& file) {
  Descriptor handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle) return system_failure("open " + file);
  return NetworkNamespace(std::move(handle));
}

SystemResult<NetworkNamespace> NetworkNamespace::create() {
  auto home = current();
  if (!home) return home;
  if (::unshare(CLONE_NEWNET) != 0) return system_failure("make a network namespace");
  auto made = current();
  SystemResult<void> up = made ? bring_loopback_up() : SystemResult<void>();
  if (auto back = home->enter(); !back) return tl::unexpected(back.error());
  if (!up) return tl::unexpected(up.error());
  return made;
}

SystemResult<void> NetworkNamespace::enter() const {
  if (::setns(handle_.number(), CLONE_NEWNET) != 0) return system_failure("enter a network namespace");
  return {};
}

SystemResult<Visit> Visit::to(const NetworkNamespace& there) {
  auto home = NetworkNamespace::current();
  if (!home) return tl::unexpected(home.error());
  if (auto entered = there.enter(); !entered) return tl::unexpected(entered.error());
  return Visit(std::move(*home));
}

Visit::~Visit() {
  if (home_.descriptor() < 0) return;  // moved from
  // To go on in the wrong namespace would do things to the wrong host.
  if (!home_.enter()) std::abort();
}

}  // namespace netlimits::live

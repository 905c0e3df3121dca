// Closes everything, fills the numbers below the limit, and moves the control channel out of the way.
#include "live/sandbox/own_descriptors.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace netlimits::live {
namespace {

bool close_range_of(unsigned first, unsigned last) { return ::syscall(SYS_close_range, first, last, 0U) == 0; }

void close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned next = 0;
  for (const int kept : keep) {
    const auto number = static_cast<unsigned>(kept);
    if (number > next) close_range_of(next, number - 1);
    next = number + 1;
  }
  close_range_of(next, ~0U);
}

}  // namespace

std::uint64_t hard_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return limit.rlim_max;
}

SystemResult<int> move_above(int descriptor, std::uint64_t nofile) {
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, static_cast<int>(nofile));
  if (moved < 0) return system_failure("move a descriptor above the limit");
  ::close(descriptor);
  return moved;
}

SystemResult<DescriptorsHeld> hold_exactly(const DescriptorWish& wish, std::span<const int> keep) {
  const std::uint64_t hard = hard_descriptor_limit();
  if (wish.nofile > hard) {
    errno = EINVAL;
    return system_failure("a descriptor limit of " + std::to_string(wish.nofile) + " (the hard limit is " +
                          std::to_string(hard) + ")");
  }
  rlimit limit{hard, hard};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return system_failure("raise RLIMIT_NOFILE to its hard limit");

  // The kept ones first go out of the way, so that no number that is to be filled is still needed.
  const auto wanted = static_cast<int>(wish.own_descriptors + keep.size());
  std::vector<int> parked;
  close_all_but({keep.begin(), keep.end()});
  for (const int kept : keep) {
    const int away = ::fcntl(kept, F_DUPFD_CLOEXEC, wanted);
    if (away < 0) return system_failure("keep a descriptor");
    parked.push_back(away);
  }
  close_all_but(parked);

  DescriptorsHeld held;
  for (std::uint32_t own = 0; own < wish.own_descriptors; ++own) {
    const bool epoll_here = wish.with_epoll && own == 0;
    const int number = epoll_here ? ::epoll_create1(EPOLL_CLOEXEC) : ::eventfd(0, EFD_CLOEXEC);
    if (number < 0) return system_failure("open the process's own descriptors");
    if (epoll_here) held.epoll = number;
  }
  for (const int away : parked) {
    const int number = ::fcntl(away, F_DUPFD_CLOEXEC, 0);
    if (number < 0) return system_failure("place a kept descriptor");
    ::close(away);
    held.kept.push_back(number);
  }
  if (wish.with_epoll && held.epoll < 0) {
    auto above = move_above(::epoll_create1(EPOLL_CLOEXEC), wish.nofile);
    if (!above) return tl::unexpected(above.error());
    held.epoll = *above;
  }
  // Only the soft limit: a later raise by the scenario needs the hard one.
  limit.rlim_cur = wish.nofile;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return system_failure("set RLIMIT_NOFILE");
  return held;
}

}  // namespace netlimits::live

// Gives a process exactly the descriptors that a scenario says: its own ones first, then whatever it opens itself.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// The highest RLIMIT_NOFILE that a process here can have (its hard limit). Root may not be allowed to raise it.
std::uint64_t hard_descriptor_limit();

struct DescriptorWish {
  std::uint64_t nofile = 1024;        // the soft limit: descriptor numbers 0 .. nofile-1
  std::uint32_t own_descriptors = 3;  // numbers 0 .. own-1 are taken; Requires: own + keep <= nofile
  bool with_epoll = false;
};

struct DescriptorsHeld {
  std::vector<int> kept;  // the new numbers of `keep`, own, own + 1, ...
  // An epoll descriptor that costs nothing: it is one of the own ones, or its number lies above the limit.
  int epoll = -1;
};

// In a forked process: closes every descriptor but `keep`, fills the own ones, moves `keep` behind them and lowers the
// soft limit. Afterwards exactly own + keep numbers below the limit are taken. Fails with EINVAL when `nofile` is above
// the hard limit, and when an epoll has no place (no own descriptor and a limit equal to the hard one).
SystemResult<DescriptorsHeld> hold_exactly(const DescriptorWish& wish, std::span<const int> keep);

// Moves a descriptor to a number that the limit `nofile` does not count (the lowest free one at or above it), so that
// it survives as a control channel. Call it before the limit is lowered. The old number is closed.
SystemResult<int> move_above(int descriptor, std::uint64_t nofile);

}  // namespace netlimits::live

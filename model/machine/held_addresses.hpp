// The addresses that hold one port of a measured machine, as far as a scenario can name them.
#pragma once

#include <algorithm>
#include <vector>

#include "model/net/address.hpp"

namespace netlimits {

// Which of several sockets on one port a scenario can name side by side: the widest address first, and of the others
// those that do not overlap with it.
class HeldAddresses {
 public:
  explicit HeldAddresses(bool v6_only) : v6_only_(v6_only) {}

  // Whether it stands beside those that were taken before.
  bool take(const IpAddress& address) {
    const bool meets =
        std::any_of(taken_.begin(), taken_.end(), [&](const IpAddress& other) { return overlap(address, other); });
    if (!meets) taken_.push_back(address);
    return !meets;
  }

  // The wildcard of IPv6, that of IPv4, and then all others.
  static int width(const IpAddress& address) {
    if (!address.is_wildcard()) return 2;
    return address.is_v4() ? 1 : 0;
  }

 private:
  bool overlap(const IpAddress& a, const IpAddress& b) const {
    if (a.is_v4() != b.is_v4()) return (a.is_v4() ? b : a).is_wildcard() && !v6_only_;
    return a == b || a.is_wildcard() || b.is_wildcard();
  }

  bool v6_only_;
  std::vector<IpAddress> taken_{};
};

}  // namespace netlimits

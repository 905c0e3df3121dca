// Bounds for what a hash deals out: SO_REUSEPORT gives each connection to one of several listeners by a hash of its
// four-tuple (net/core/sock_reuseport.c, reuseport_select_sock), as good as by a draw.
#pragma once

#include <cstdint>

#include "analysis/interval.hpp"

namespace netlimits::analysis {

// How many of `connections` one of `listeners` gets. What lies outside happens less than once in a hundred million
// times: the interval is seven standard deviations of the binomial law to either side, and seven. Requires:
// listeners >= 1.
Interval hashed_share(std::uint64_t connections, std::uint64_t listeners);

// How many of the connections are kept when each listener keeps at most `each` of its own: from the most uneven deal
// within the bounds above to an even one.
Interval kept_of_hashed(std::uint64_t connections, std::uint64_t listeners, std::uint64_t each);

}  // namespace netlimits::analysis

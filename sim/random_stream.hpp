// Streams of randomness by name: each named thing draws from its own, so that adding one thing to a scenario does not
// change the draws of another. A fixed engine with Boost's distributions gives the same draws everywhere; those of the
// standard library differ between implementations.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <string_view>

#include "model/net/time.hpp"

namespace netlimits::sim {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  std::uint32_t bits();                 // 32 uniform bits
  Duration exponential(Duration mean);  // rounded to whole nanoseconds; Duration::max(): that or more

 private:
  boost::random::mt19937_64 engine_;
};

}  // namespace netlimits::sim

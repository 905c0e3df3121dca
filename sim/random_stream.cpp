#include "sim/random_stream.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <cmath>

namespace netlimits::sim {
namespace {

// FNV-1a over the name, stirred into the seed: a stable number for a name, whatever the standard library's std::hash.
std::uint64_t seed_for(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char letter : name) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) : engine_(seed_for(seed, name)) {}

std::uint32_t RandomStream::bits() { return static_cast<std::uint32_t>(engine_() >> 32U); }

Duration RandomStream::exponential(Duration mean) {
  boost::random::exponential_distribution<double> unit(1.0);
  const double drawn = unit(engine_) * static_cast<double>(mean.count());
  // The next double below is a count of nanoseconds that fits; this one is not.
  constexpr double too_many = 0x1p63;
  return drawn < too_many ? Duration(std::llround(drawn)) : Duration::max();
}

}  // namespace netlimits::sim

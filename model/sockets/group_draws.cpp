// The fixed hash of a host without draws.
#include "model/sockets/group_draws.hpp"

#include <boost/assert.hpp>

namespace netlimits {
namespace {

std::uint64_t spread(const TupleKey& key) {
  std::uint64_t mixed = (key.local.low ^ key.local.high) * 0xbf58476d1ce4e5b9ULL;
  mixed ^= (key.remote.low ^ key.remote.high) * 0x94d049bb133111ebULL;
  mixed += (std::uint64_t{key.local_port} << 16U) | key.remote_port;
  mixed ^= mixed >> 30U;
  mixed *= 0xbf58476d1ce4e5b9ULL;
  mixed ^= mixed >> 27U;
  mixed *= 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

std::uint32_t group_member(GroupDraws* draws, const TupleKey& key, std::uint32_t size) {
  BOOST_ASSERT_MSG(size > 0, "group_member: the group has members");
  if (draws != nullptr) return draws->member(key, size);
  // The high half of a 32-bit product, as the kernel's reciprocal_scale().
  return static_cast<std::uint32_t>(((spread(key) & 0xffffffffU) * size) >> 32U);
}

}  // namespace netlimits

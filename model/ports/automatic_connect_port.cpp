// The walk through the range.
#include "model/ports/automatic_connect_port.hpp"

namespace netlimits {

PortWalk connect_walk(const ConnectWalkShape& shape, std::uint32_t draw) {
  const std::uint32_t low = shape.range.first.value;
  const std::uint32_t high = shape.range.last.value;
  const std::uint32_t remaining = shape.draws();
  std::uint32_t offset = draw % remaining;
  PortWalk walk;
  if (shape.every_port) {
    walk.add_wrapping(low + offset, remaining, 1, high, remaining);
    return walk;
  }
  offset &= ~1U;
  walk.add_wrapping(low + offset, (remaining + 1) / 2, 2, high, remaining);
  if (remaining > 1) walk.add_wrapping(low + offset + 1, remaining / 2, 2, high, remaining);
  return walk;
}

}  // namespace netlimits

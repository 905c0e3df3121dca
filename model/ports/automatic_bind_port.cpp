// The pieces of the range, and the walk through one of them.
#include "model/ports/automatic_bind_port.hpp"

namespace netlimits {

PortRange BindWalkShape::piece(std::uint32_t number) const {
  if (!split()) return range;
  const std::uint32_t half = range.first.value + (range.size().value / 4) * 2;
  if (number == 0) return {range.first, Port{static_cast<std::uint16_t>(half - 1)}};
  return {Port{static_cast<std::uint16_t>(half)}, range.last};
}

PortWalk bind_walk(const BindWalkShape& shape, std::uint32_t piece, std::uint32_t draw) {
  const PortRange here = shape.piece(piece);
  const std::uint32_t low = here.first.value;
  const std::uint32_t high = here.last.value;
  const std::uint32_t remaining = shape.draws(piece);
  PortWalk walk;
  if (shape.every_port) {
    walk.add_wrapping(low + draw % remaining, remaining, 1, high, remaining);
    return walk;
  }
  const std::uint32_t offset = (draw % remaining) | 1U;
  const std::uint32_t each = (remaining + 1) / 2;
  walk.add_wrapping(low + offset, each, 2, high, remaining);
  walk.add_wrapping(low + offset - 1, each, 2, high, remaining);
  return walk;
}

}  // namespace netlimits

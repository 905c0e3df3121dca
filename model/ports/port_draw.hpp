// What is drawn in an automatic port choice.
#pragma once

#include <cstdint>
#include <optional>

#include "model/net/port.hpp"

namespace netlimits {

// What the kernel's draw decides in an automatic port choice, passed in by the caller.
// `number`: any 32-bit number; the rule reduces it to its own range.
// The comparison with a live kernel's choice uses the others. `demanded`: take this port if some draw could have given
// it, refuse otherwise. `none_demanded`: find no port if some draw finds none (one call does not search a range of odd
// size to the last port), choose by `number` otherwise.
struct PortDraw {
  std::uint32_t number = 0;
  std::optional<Port> demanded{};
  bool none_demanded = false;
};

}  // namespace netlimits

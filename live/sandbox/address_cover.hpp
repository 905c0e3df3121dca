// Addresses as the fewest CIDR blocks that hold exactly them.
#pragma once

#include <vector>

#include "model/net/address.hpp"

namespace netlimits::live {

// In any order, repetitions allowed, both families. IPv4 blocks come first, each family in ascending order.
std::vector<AddressBlock> covering_blocks(std::vector<IpAddress> addresses);

}  // namespace netlimits::live

// A measured host on which IPv6 is switched off (net.ipv6.conf.all.disable_ipv6), as a scenario says it.
#pragma once

#include "model/scenario/scenario.hpp"

namespace netlimits {

// Switches it off and gives true, unless the host has something at an address of IPv6 all the same (an interface may
// have got its addresses back): then a scenario cannot say it, and nothing is changed.
bool switch_ipv6_off(HostGroup& host);

}  // namespace netlimits

// The pace of a twin: a run that a machine has the patience for.
#pragma once

#include "model/scenario/twin.hpp"

namespace netlimits {

// Makes a scenario that lasts longer than the machine's patience run faster, or, where TIME_WAIT is part of it, lets
// only its beginning be run. Tells it in Twin::changes.
void fit_into(Twin& twin, const MachineSize& machine);

}  // namespace netlimits

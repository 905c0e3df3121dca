// Which workloads use a place: those whose connections count together where its limit is concerned.
#pragma once

#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits {

// A host or process: those that begin there or are accepted there. A pool of ports or a way out: those of the host that
// go that way. A queue, or a destination that nobody answers at: those that go to that destination, from anywhere.
bool uses_place(const Wiring& wiring, const Workload& workload, const PlacedLimit& limit);

}  // namespace netlimits

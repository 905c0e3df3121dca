// The settings of a scenario's host, written into a network namespace.
#pragma once

#include <string>
#include <vector>

#include "live/sandbox/unavailable.hpp"
#include "model/systems/settings.hpp"

namespace netlimits::live {

// Writes every setting of the host that a namespace has for itself into the current namespace and reads it back, so
// that nothing is left to a default. A setting that this kernel does not have is passed over when the host's value is
// what such a kernel does anyway, and a failure otherwise.
SystemResult<void> apply_settings(const Settings& settings);

}  // namespace netlimits::live

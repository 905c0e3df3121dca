// Descriptors and open files that are left for connections.
#pragma once

#include <cstdint>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Descriptors of one process that are left for connections. Requires: the system bounds descriptors.
std::uint64_t free_descriptors(const Process& process);

// Open files of one host that are left for connections.
std::uint64_t free_files(const HostGroup& host);

}  // namespace netlimits::analysis

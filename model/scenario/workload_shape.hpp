// What a workload's connections are dealt out over (model/scenario/assignment.hpp).
#pragma once

#include <vector>

#include "model/scenario/assignment.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

// The ports that a bind style names, in the order in which they are taken. Empty: the system chooses.
std::vector<Port> named_ports(const BindStyle& style);

// Null: the host has no process of this name.
const Process* process_named(const HostGroup& host, const std::string& name);

// Requires: `process` is one of the host's.
AssignmentShape shape_of(const Workload& workload, const HostGroup& host, const Process& process);

}  // namespace netlimits

// What a run looks at and an analysis does not.
#pragma once

#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

inline constexpr const char* ports_kept_by_gateways = "ports that gateways keep after a close";
inline constexpr const char* entries_kept_by_tables = "entries that connection tracking keeps after a close";

// In the words of a first line: "events", "accept rates", "SYN queues", and that. Empty: for this scenario, nothing.
std::vector<std::string> left_out_of(const Scenario& scenario);

// The same and more, one sentence each.
void note_what_is_left_out(const Scenario& scenario, std::vector<std::string>& notes);

}  // namespace netlimits::analysis

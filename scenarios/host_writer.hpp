// A host as the scenario format writes it (docs/scenario-format.md): what host_loader.hpp reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

// The value of one entry of "hosts". Sorted keys, but processes in the host's own order. Settings are those that the
// host sets; of its processes and listeners only what differs from what the loader takes for granted is written, apart
// from descriptor limits and backlogs.
nlohmann::ordered_json host_value(const HostGroup& host);

// The same as text: it can be pasted there as it is.
std::string host_json(const HostGroup& host);

// Ports as a list of numbers and "first-last".
nlohmann::ordered_json ports_value(const std::vector<PortRange>& ranges);

// "10.0.0.5", or "10.0.0.5/24" of an interface that says its subnet.
std::string interface_address_text(const AddressBlock& block);

// Indented by two, but a list of plain values takes one line: thousands of ports are no thousands of lines. Bytes that
// are not UTF-8 (names come from outside) are replaced. A newline at the end.
std::string laid_out(const nlohmann::ordered_json& value);

}  // namespace netlimits::scenarios

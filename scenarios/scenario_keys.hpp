// The keys of the scenario format: what the loader takes. The schema and docs/scenario-format.md are tested against
// them.
#pragma once

#include <vector>

#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

extern const ObjectKeys scenario_keys;
extern const ObjectKeys host_keys;
extern const ObjectKeys address_block_keys;
extern const ObjectKeys held_ports_keys;
extern const ObjectKeys held_connections_keys;
extern const ObjectKeys origin_keys;
extern const ObjectKeys measured_limit_keys;
extern const ObjectKeys process_keys;
extern const ObjectKeys listener_keys;
extern const ObjectKeys accept_keys;
extern const ObjectKeys balancer_keys;
extern const ObjectKeys gateway_keys;
extern const ObjectKeys conntrack_keys;
extern const ObjectKeys proxy_keys;
extern const ObjectKeys path_keys;
extern const ObjectKeys workload_keys;
extern const ObjectKeys arrivals_keys;
extern const ObjectKeys ramp_keys;
extern const ObjectKeys hold_keys;
extern const ObjectKeys bind_keys;
extern const ObjectKeys retry_keys;
extern const ObjectKeys event_keys;
extern const ObjectKeys host_instance_keys;
extern const ObjectKeys back_end_keys;
extern const ObjectKeys setting_change_keys;
extern const ObjectKeys added_address_keys;
extern const ObjectKeys expectation_keys;

// All of the above, in the order of the documentation.
std::vector<const ObjectKeys*> all_scenario_keys();

}  // namespace netlimits::scenarios

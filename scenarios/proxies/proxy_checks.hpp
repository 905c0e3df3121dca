// What is asked of proxies once the whole scenario is read.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// `field`: "proxies". Requires: hosts, workloads and proxies are read without an error.
void check_proxies(const Field& field, const Scenario& scenario);
// With the events: a proxy stays up.
void check_events_of_proxies(const Field& events, const Scenario& scenario);

}  // namespace netlimits::scenarios

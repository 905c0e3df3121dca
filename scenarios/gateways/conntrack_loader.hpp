// Reads and writes "conntrack" of a host or a gateway.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "model/path/conntrack_settings.hpp"
#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Whose it is. A gateway has times of its own already, which its kind gives.
enum class TableOf : std::uint8_t { host, gateway };

std::optional<ConntrackSettings> load_conntrack(const Field& field, TableOf of);
nlohmann::ordered_json conntrack_value(const ConntrackSettings& table, TableOf of);

// What can be said once the workloads are read: a table that serves both connections that begin on its host and
// connections that come there, and what passes a gateway's by.
void check_conntrack(const Field& scenario_field, const Scenario& scenario);

}  // namespace netlimits::scenarios

// Reads a scenario from its JSON text (docs/scenario-format.md): checked in full, or refused with the place of every
// error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

struct LoadOptions {
  std::vector<std::string> overrides{};  // "POINTER=VALUE", applied in order before anything is checked
  std::optional<std::uint64_t> seed{};   // in place of the scenario's own
  // Where to put what is no error and can hardly be meant: hosts, processes and listeners that nothing uses.
  InputErrors* warnings = nullptr;
};

// What no computer that runs this program can hold in reasonable time; larger figures are refused, not attempted.
inline constexpr std::int64_t most_connections = 100'000'000;  // of a scenario, retries not counted
inline constexpr std::int64_t most_hosts = 10'000'000;         // of a group
inline constexpr std::int64_t most_processes = 1'000'000;      // instances of one process of a host
inline constexpr std::int64_t most_attempts = 1'000'000;       // retries of one connection

// `name` is how errors call the text. What comes back holds: every name resolves, every address belongs to one host
// group at most, ports are 1 to 65535, settings exist for the host's system and are legal for it, destinations reach a
// listener or balancer unless their host deliberately has none there, and events name what exists.
Loaded<Scenario> load_scenario(std::string_view text, std::string name, const ProfileSet& profiles,
                               const LoadOptions& options = {});

// The JSON Schema (draft-07) of the format, for editors. Static storage.
std::string_view scenario_schema();

}  // namespace netlimits::scenarios

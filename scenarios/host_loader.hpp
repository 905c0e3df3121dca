// Reads the hosts of a scenario.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/scenario/listening.hpp"
#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

// Checks each host in itself, and that no address belongs to two hosts.
std::map<std::string, HostGroup> load_hosts(const Field& field, const ProfileSet& profiles);

// Complains unless a program of the host takes connections to the endpoint. A loopback address means the host's own.
// `listening`: of the scenario that has the host. `advice`: what to do about it.
bool check_listener_at(const Field& field, const HostGroup& host, const Endpoint& endpoint,
                       const ListeningIndex& listening, std::string_view advice = {});
// "10.1.0.9:443, 0.0.0.0:80" or "nothing".
std::string listeners_text(const HostGroup& host);

// Complains when the profile has no such setting, or none that can change.
bool check_setting_name(const Field& field, const std::string& name, const OsProfile& profile);
// Refuses the value of a setting. Requires: the name exists.
void refuse_setting_value(const Field& field, const std::string& name, const OsProfile& profile);
// Both, and writes the value to `settings` if all is well.
bool check_setting(const Field& name_at, const Field& value_at, const std::string& name, const std::string& value,
                   const OsProfile& profile, Settings& settings);
// A value of a setting as one would write it: a string, or an integer.
std::optional<std::string> setting_text(const Field& field);

// A name of letters, digits, '.', '_' and '-', not longer than 64 characters.
bool check_name(const Field& field, const std::string& name, std::string_view what);

}  // namespace netlimits::scenarios

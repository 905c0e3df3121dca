// The small worlds in which random socket scripts play: hosts with few addresses, few automatic ports, and settings
// that bring one rule or another to bear.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/script/script.hpp"

namespace netlimits::fuzz {

struct WorldSetting {
  std::string_view name;
  std::string_view value;
};

struct ScriptWorld {
  std::string_view name;
  std::uint32_t weight = 1;
  std::string_view ports = "40000 40003";  // net.ipv4.ip_local_port_range
  std::vector<WorldSetting> settings{};    // beside the ports
  bool wire = false;                       // two hosts, "a" and "b", on a wire; otherwise "a" alone
};

const std::vector<ScriptWorld>& script_worlds();

// The hosts of a script in that world, their processes without limits of their own.
std::map<std::string, ScriptHost> hosts_of(const ScriptWorld& world);

// A port of the world's range, by its place.
std::uint16_t range_port(const ScriptWorld& world, std::uint32_t place);
std::uint32_t range_size(const ScriptWorld& world);

}  // namespace netlimits::fuzz

// Kinds of gateways as data: one file each in scenarios/gateways/, compiled in. Every figure has its source, and how
// sure it is in the words of docs/profiles.md.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/path/nat_settings.hpp"
#include "model/systems/os_profile.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct GatewayKind {
  std::string name{};
  std::string title{};
  NatSettings nat{};
  std::map<std::string, Provenance> provenance{};  // by key of its figures
  std::string sha256{};                            // of its file
};

using GatewayKinds = std::map<std::string, GatewayKind, std::less<>>;

// Throws std::logic_error if a file that is compiled in is wrong, which a test rules out.
const GatewayKinds& gateway_kinds();

Loaded<GatewayKind> read_gateway_kind(std::string_view text, std::string file);

}  // namespace netlimits::scenarios

// Models that are wrong in exactly one rule, to measure whoever compares the model with a kernel: does he notice?
#pragma once

#include <span>
#include <string_view>

#include "model/systems/os_profile.hpp"

namespace netlimits::fuzz {

struct PlantedFault {
  std::string_view name;       // as tables print it
  std::string_view believes;   // what the faulty model takes to be so
  Rules rules{};               // Linux but for one
  bool several_users = false;  // only processes of different users can show it
};

// Each rule of KernelRule left out, and each switch between versions (Rules) that small scripts can tell turned round.
std::span<const PlantedFault> planted_faults();

}  // namespace netlimits::fuzz

// Models that are wrong in exactly one rule, to measure whoever compares the model with a kernel: does he notice?
#pragma once

#include <string_view>
#include <vector>

#include "model/systems/rules.hpp"

namespace netlimits::fuzz {

struct PlantedFault {
  std::string_view name;       // as tables print it: the rule's
  std::string_view believes;   // what the faulty model takes to be so
  Rules rules{};               // the right ones but for one
  bool several_users = false;  // only processes of different users can show it
};

// Each rule left out of `right` of which the book says what one would believe without it and that small scripts can
// tell, in the order of the book; and those figures among the rules that they can tell, each set wrong.
std::vector<PlantedFault> planted_faults(const Rules& right = {});

}  // namespace netlimits::fuzz

// What a socket script needs of the machine that is to run it.
#pragma once

#include <cstdint>
#include <string>

#include "model/script/script.hpp"

namespace netlimits::live {

// In words why this machine cannot run the script; empty when it can. `user_ids`: how many there are in a sandbox;
// `hard_limit`: the most descriptors that a process may have.
std::string why_not_here(const Script& script, unsigned user_ids, std::uint64_t hard_limit);

}  // namespace netlimits::live

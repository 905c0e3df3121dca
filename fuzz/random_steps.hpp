// Single random calls of a random script, on the sockets that it has or on new ones.
#pragma once

#include <cstdint>

#include "fuzz/script_draft.hpp"

namespace netlimits::fuzz {

void add_random_steps(ScriptDraft& draft, std::uint32_t count);

}  // namespace netlimits::fuzz

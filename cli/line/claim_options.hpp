// What is asked of a capacity on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "analysis/claims/capacity_claims.hpp"

namespace netlimits::cli {

// --at-least, --sustains and --headroom.
void add_claims(CLI::App& command, analysis::CapacityClaims& claims);

}  // namespace netlimits::cli

// A scenario replayed within bounds, with a line of progress, as its report.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "cli/run_bounds.hpp"
#include "model/scenario/scenario.hpp"
#include "report/run_report.hpp"

namespace netlimits::cli {

// `file`: as the user named it, for messages. The error is what to print.
tl::expected<report::RunReport, std::string> replayed(const Scenario& scenario, const RunBounds& bounds,
                                                      const std::string& file);

}  // namespace netlimits::cli

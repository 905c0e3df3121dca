// The figures of a result as tables, in the order in which a reader asks for them. A table without rows is left out.
#pragma once

#include <vector>

#include "model/scenario/result.hpp"
#include "report/forms/table.hpp"

namespace netlimits::report {

std::vector<Table> run_tables(const RunResult& result);

}  // namespace netlimits::report

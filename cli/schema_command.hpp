// netlimits schema
#pragma once

#include <string>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

struct SchemaArguments {
  std::string file{};
};

ExitCode schema_command(const SchemaArguments& arguments);

}  // namespace netlimits::cli

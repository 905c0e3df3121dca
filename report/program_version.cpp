// The build hands the version in.
#include "report/program_version.hpp"

namespace netlimits::report {

std::string_view program_version() { return NETLIMITS_VERSION; }

}  // namespace netlimits::report

// Pages that stand alone: no script, no file beside them, nothing fetched. They print as they look, and follow the
// reader's light or dark setting.
#pragma once

#include <string>

namespace netlimits::report {

// A whole document around a body that is HTML already. Equal arguments give equal bytes.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace netlimits::report

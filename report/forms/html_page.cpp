// The style sheet, and the frame of a page.
#include "report/forms/html_page.hpp"

#include <fmt/format.h>

#include "report/forms/escaping.hpp"
#include "report/program_version.hpp"

namespace netlimits::report {
namespace {

constexpr const char* style_sheet = R"css(:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
h2 { margin: 2em 0 0.3em; }
.verdict { font-size: 1.15em; font-weight: 600; }
.ok { color: light-dark(#1a7f37, #57c26d); }
.bad { color: light-dark(#b42318, #ff8a80); font-weight: 600; }
.unknown { opacity: 0.7; }
ul { list-style: none; padding: 0; }
table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2em 0.9em 0.2em 0; border-bottom: 1px solid #8884; vertical-align: top; }
th { font-weight: 600; opacity: 0.7; }
.number { text-align: right; }
footer { margin-top: 3em; opacity: 0.6; })css";

}  // namespace

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>\n{}\n</style>\n</head>\n<body>\n{}<footer>netlimits {}</footer>\n</body>\n</html>\n",
      html_text(title), style_sheet, body, program_version());
}

}  // namespace netlimits::report

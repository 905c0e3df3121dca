// The style sheet, and the frame of a page.
#include "report/forms/html_page.hpp"

#include <fmt/format.h>

#include "report/forms/escaping.hpp"
#include "report/program_version.hpp"

namespace netlimits::report {
namespace {

constexpr const char* style_sheet = R"css(:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.4em; }
h2 { margin: 2em 0 0.3em; }
h3 { margin: 1.6em 0 0.3em; font-size: 1.05em; }
.verdict { font-size: 1.15em; font-weight: 600; }
.ok { color: light-dark(#1a7f37, #57c26d); }
.bad { color: light-dark(#b42318, #ff8a80); font-weight: 600; }
.unknown { color: light-dark(#57606a, #9aa4ae); }
ul { list-style: none; padding: 0; }
nav ul { margin: 1em 0; }
table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2em 0.9em 0.2em 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: normal; }
th { font-weight: 600; color: light-dark(#57606a, #9aa4ae); }
.number { text-align: right; white-space: nowrap; }
.bars td:first-child { min-width: 9em; }
.scroll { overflow-x: auto; }
.bars { width: 100%; }
.drawn { width: 40%; min-width: 6em; }
.bar { display: block; margin: 0.3em 0; }
.track { fill: light-dark(#e7ebf0, #2a313a); }
.fill { fill: light-dark(#2f6fde, #6ea8fe); }
.full { fill: light-dark(#c2410c, #ff9a62); }
small { color: light-dark(#57606a, #9aa4ae); }
.ways { font: 12px system-ui, sans-serif; }
.ways text { fill: light-dark(#1f2328, #e6edf3); }
.ways .name { font-weight: 600; }
.node rect { fill: light-dark(#f6f8fa, #161b22); stroke: light-dark(#8c959f, #6e7681); }
.node.binds rect { stroke: light-dark(#c2410c, #ff9a62); stroke-width: 3; }
.way { fill: none; stroke: light-dark(#8c959f, #6e7681); }
.way.binds { stroke: light-dark(#c2410c, #ff9a62); }
.tip { fill: light-dark(#57606a, #9aa4ae); }
.words.binds { font-weight: 600; }
figure { margin: 1em 0; }
.course { border-bottom: 1px solid #8888; }
.course path { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
path.established { stroke: light-dark(#2f6fde, #6ea8fe); }
path.failed { stroke: light-dark(#c2410c, #ff9a62); stroke-dasharray: 5 3; }
.axis { display: flex; justify-content: space-between; margin: 0; font-size: 0.85em; }
.key { display: inline-block; width: 1.6em; vertical-align: middle; border-top: 2px solid light-dark(#2f6fde, #6ea8fe); }
.key.failed { border-top: 2px dashed light-dark(#c2410c, #ff9a62); }
footer { margin-top: 3em; color: light-dark(#57606a, #9aa4ae); }
@media (max-width: 40em) { .drawn { width: 25%; min-width: 4em; } }
@media print { .scroll { overflow: visible; } section { break-inside: avoid-page; } })css";

}  // namespace

std::string contents_of(const std::vector<PageEntry>& entries) {
  std::string text = "<nav aria-label=\"Contents\">\n<ul>\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const PageEntry& entry = entries[i];
    const std::string verdict =
        entry.verdict.empty()
            ? std::string{}
            : fmt::format("<span class=\"{}\">{}</span> ", entry.verdict == "holds" ? "ok" : "bad", entry.verdict);
    text += fmt::format("<li>{}<a href=\"#{}\">{}</a>: {}</li>\n", verdict, section_name(i), html_text(entry.name),
                        html_text(entry.about));
  }
  return text + "</ul>\n</nav>\n";
}

std::string section_name(std::size_t index) { return fmt::format("scenario-{}", index + 1); }

std::string section_begin(const std::string& name, std::size_t index, std::size_t sections) {
  const std::string begin = fmt::format("<section id=\"{}\">\n", section_name(index));
  return begin + fmt::format("<h2>{}</h2>\n", sections == 1 ? std::string("The answer") : html_text(name));
}

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>\n{1}\n</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n{2}</main>\n"
      "<footer>netlimits {3}</footer>\n</body>\n</html>\n",
      html_text(title), style_sheet, body, program_version());
}

}  // namespace netlimits::report

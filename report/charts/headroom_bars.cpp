// The order, and the rows.
#include "report/charts/headroom_bars.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/systems/limit.hpp"
#include "report/charts/bar.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

constexpr std::size_t most_rows = 30;

std::string row_of(const LimitUse& use) {
  const std::uint64_t share = per_mille_of(use.peak, use.capacity);
  const std::string figures = fmt::format("{} of {}", grouped(use.peak), grouped(use.capacity));
  return fmt::format(
      "<tr><td>{}<br/><small>{}</small></td><td class=\"drawn\">{}</td><td class=\"number{}\">{}<br/>"
      "<small>{}</small></td></tr>\n",
      html_text(name_of(use.limit)), html_text(use.place.text()),
      bar_svg(share, use.exhausted ? BarKind::full : BarKind::plain,
              fmt::format("{} at {}: {}", name_of(use.limit), use.place.text(), figures)),
      use.exhausted ? " bad" : "", percent_text(share), figures);
}

}  // namespace

std::string headroom_bars(const std::vector<LimitUse>& limits) {
  std::vector<const LimitUse*> used;
  for (const LimitUse& use : limits) {
    if (use.peak > 0 || use.exhausted) used.push_back(&use);
  }
  if (used.empty()) return {};
  std::stable_sort(used.begin(), used.end(), [](const LimitUse* a, const LimitUse* b) {
    if (a->exhausted != b->exhausted) return a->exhausted;
    return per_mille_of(a->peak, a->capacity) > per_mille_of(b->peak, b->capacity);
  });
  std::string text =
      "<h3>How full each limit got</h3>\n<div class=\"scroll\" tabindex=\"0\"><table "
      "class=\"bars\">\n<thead><tr><th>limit</th>"
      "<th class=\"drawn\">used at most</th><th class=\"number\">share</th></tr></thead>\n<tbody>\n";
  const std::size_t shown = used.size() <= most_rows + 1 ? used.size() : most_rows;
  for (std::size_t i = 0; i < shown; ++i) text += row_of(*used[i]);
  text += "</tbody>\n</table></div>\n";
  if (shown < used.size()) {
    const LimitUse& next = *used[shown];
    text += fmt::format("<p>And {} more, of which none is fuller than {}: all are in the table of limits.</p>\n",
                        grouped(used.size() - shown), percent_text(per_mille_of(next.peak, next.capacity)));
  }
  return text;
}

}  // namespace netlimits::report

// A sweep or a shard of one, read back, merged with itself alone, and printed in every form.
#include "report/sweep/sweep_forms.hpp"
#include "report/sweep/sweep_text.hpp"

#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  auto table = report::read_sweep(text);
  if (!table) {
    if (table.error().empty() || scenarios::plain_line(table.error()) != table.error())
      broken("an error is one line of plain text");
    return;
  }
  const std::string written = report::sweep_json(*table);
  const auto again = report::read_sweep(written);
  if (!again || report::sweep_json(*again) != written) broken("what was read reads back");
  static_cast<void>(report::sweep_csv(*table));
  const std::string shown = report::sweep_text(*table, report::usual_figure(table->question.by), {});
  if (scenarios::plain_text(shown) != shown) broken("text is plain");
  static_cast<void>(report::sweep_vega_lite(*table, report::usual_figure(table->question.by)));
  const bool whole = table->question.shard.of == 1;
  const auto merged = report::merged({std::move(*table)}, {"input.json"});
  if (whole && merged && report::sweep_json(*merged) != written) broken("a whole sweep is merged with nothing");
}

// A result of `run` or `capacity`, read back and compared with itself.
#include "report/differences/answer_reader.hpp"
#include "report/differences/differences_report.hpp"

#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto document = scenarios::parse_json(text, "input.json");
  if (!document) return check_errors(document.error());
  auto answer = report::read_answer(*document);
  if (!answer) return check_errors(answer.error());
  const auto report = report::make_differences_report(analysis::differences(*answer, *answer));
  if (report.found.changed()) broken("an answer is the same as itself");
  const std::string shown = report::differences_text(report, {});
  if (scenarios::plain_text(shown) != shown) broken("text is plain");
  static_cast<void>(report::differences_json(report));
  // ... and with one that lacks some of it.
  analysis::Answer less = *answer;
  less.figures.resize(less.figures.size() / 2);
  const auto found = report::make_differences_report(analysis::differences(std::move(less), *answer));
  static_cast<void>(report::differences_markdown(found));
}

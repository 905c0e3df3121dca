// A file of socket scripts: what is read is written so that it reads as the same.
#include "scenarios/script_loader.hpp"

#include "scenarios/script_writer.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto loaded = scenarios::load_scripts(text, "input.json");
  if (!loaded) return check_errors(loaded.error());
  const std::string written = scenarios::script_file("written", "", *loaded);
  const auto again = scenarios::load_scripts(written, "written.json");
  if (!again) broken("what is written loads: " + scenarios::text_of(again.error()) + "\n" + written);
  if (scenarios::script_file("written", "", *again) != written) broken("what was read is written alike");
}

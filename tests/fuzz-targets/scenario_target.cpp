// A scenario file: what is read is written so that it reads as the same.
#include "scenarios/scenario_loader.hpp"

#include "scenarios/scenario_writer.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto& profiles = scenarios::ProfileSet::built_in();
  const auto loaded = scenarios::load_scenario(text, "input.json", profiles);
  if (!loaded) return check_errors(loaded.error());
  const std::string written = scenarios::scenario_text(*loaded);
  const auto again = scenarios::load_scenario(written, "written.json", profiles);
  if (!again) broken("what is written loads: " + scenarios::text_of(again.error()) + "\n" + written);
  if (scenarios::scenario_text(*again) != written) broken("what was read is written alike");
}

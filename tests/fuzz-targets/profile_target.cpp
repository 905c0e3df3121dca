// A profile of a user's own.
#include "scenarios/profiles.hpp"

#include "tests/fuzz-targets/reader_target.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto profiles = scenarios::ProfileSet::with_files({{"input.json", std::string(text)}});
  if (!profiles) return check_errors(profiles.error());
  for (const std::string& name : profiles->names()) {
    if (scenarios::figures_of(*profiles->find(name)).empty()) broken("a profile has figures");
  }
}

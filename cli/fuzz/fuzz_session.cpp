// The clock, the systems and the files of every way of fuzzing.
#include "cli/fuzz/fuzz_session.hpp"

#include <fmt/format.h>

#include <chrono>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "live/sandbox/interrupt.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {

std::function<bool()> stop_after(const std::optional<double>& minutes) {
  const auto start = std::chrono::steady_clock::now();
  return [start, minutes] {
    live::stop_if_interrupted();
    return minutes &&
           std::chrono::steady_clock::now() - start > std::chrono::duration<double, std::ratio<60>>(*minutes);
  };
}

fuzz::ScenarioOptions all_systems() {
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  fuzz::ScenarioOptions options;
  options.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.profiles.push_back(profiles.find(name));
  return options;
}

void save_found(const std::string& file, const std::string& text, ExitCode& code) {
  const auto done = write_output(file, text);
  if (done) return;
  complain("netlimits: " + done.error());
  code = worse(code, ExitCode::bad_input);
}

void save_scenario(const std::string& directory, const std::string& name, const Scenario& scenario, ExitCode& code) {
  if (directory.empty()) return;
  save_found(fmt::format("{}/{}.json", directory, name), scenarios::scenario_text(scenario), code);
}

}  // namespace netlimits::cli

// What every way of fuzzing does alike: it ends when its time is up, and saves what it found.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::cli {

// True when the user's time is up. Throws live::Interrupted.
std::function<bool()> stop_after(const std::optional<double>& minutes);

// Every profile that is built in, "linux" the usual one.
fuzz::ScenarioOptions all_systems();

// Writes the text to the file; `code` becomes what is worse when it cannot be written, after saying why.
void save_found(const std::string& file, const std::string& text, ExitCode& code);

// A scenario that broke something, into the directory of --save under this name; nothing without a directory.
void save_scenario(const std::string& directory, const std::string& name, const Scenario& scenario, ExitCode& code);

}  // namespace netlimits::cli

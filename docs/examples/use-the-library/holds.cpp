// How many connections a scenario holds, by analysis and by simulation, from a program of one's own.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "analysis/capacity.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: holds SCENARIO\n", stderr);
    return 2;
  }
  std::ifstream file(arguments[1]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto scenario =
      netlimits::scenarios::load_scenario(text, arguments[1], netlimits::scenarios::ProfileSet::built_in());
  if (!scenario) {
    std::fputs(netlimits::scenarios::text_of(scenario.error()).c_str(), stderr);
    return 2;
  }
  const auto analysed = netlimits::analysis::capacity(*scenario);
  const auto replayed = netlimits::sim::replay(*scenario);
  std::printf("capacity %llu to %llu, run %llu\n", static_cast<unsigned long long>(analysed.held.min),
              static_cast<unsigned long long>(analysed.held.max), static_cast<unsigned long long>(replayed.held_peak));
}

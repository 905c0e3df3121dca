#include "fuzz/scenarios/scenario_engines.hpp"

#include <cstdint>
#include <stdexcept>

#include "sim/replay.hpp"

namespace netlimits::fuzz {
namespace {

// Far more than the largest scenario of the generator needs.
constexpr std::uint64_t most_reports = 500;  // of progress, each some thousand events

}  // namespace

RunResult run_to_its_end(const Scenario& scenario) {
  std::uint64_t reports = 0;
  return sim::replay(scenario, {.progress = [&reports](const sim::Progress&) {
                       if (++reports > most_reports) throw std::runtime_error("the run does not end");
                     }});
}

}  // namespace netlimits::fuzz

// The descriptor limit of a process: up to what its host lets a process have (fs.nr_open, kern.maxfilesperproc;
// fs/file.c, alloc_fd(); getrlimit(2)).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> nofile_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::fd_per_process ? its_process(limit) : std::vector<DialPlace>{};
}

std::optional<DialRange> nofile_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const Process* const process = process_at(scenario, place);
  if (process == nullptr) return std::nullopt;
  return DialRange{process->nofile, host_at(scenario, place).settings.nr_open};
}

void turn_nofile(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  process_at(scenario, place).nofile = figure;
}

std::string nofile_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", process_at(scenario, place)->nofile);
}

}  // namespace

Knob nofile_knob() {
  return {.name = "nofile",
          .unit = "descriptors",
          .cost = {.once = 2},
          .against = nofile_against,
          .range = nofile_range,
          .turn = turn_nofile,
          .value = nofile_value};
}

}  // namespace netlimits::analysis

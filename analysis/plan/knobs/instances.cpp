// Instances of a process: each has descriptors of its own. Those that listen share what the first one opened before the
// fork (accept() by any of them: net/ipv4/inet_connection_sock.c, inet_csk_accept()), unless the process has listeners
// with SO_REUSEPORT already.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> instances_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return is_one_of(limit.limit, {Limit::fd_per_process, Limit::accept_rate}) ? its_process(limit)
                                                                             : std::vector<DialPlace>{};
}

std::optional<DialRange> instances_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const Process* const process = process_at(scenario, place);
  if (process == nullptr) return std::nullopt;
  const HostGroup& host = host_at(scenario, place);
  std::uint64_t others = host.open_files;
  for (const Process& other : host.processes) {
    if (&other != process)
      others = bounded_sum(others, bounded_product(other.count, other.own_descriptors + other.listeners.size()));
  }
  const std::uint64_t room = host.settings.file_max > others ? host.settings.file_max - others : 0;
  const std::uint64_t own = std::max<std::uint64_t>(1, process->own_descriptors + process->listeners.size());
  const std::uint64_t most = std::min(most_of_a_kind, room / own);
  if (most <= process->count) return std::nullopt;
  return DialRange{process->count, most};
}

void turn_instances(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  Process& process = process_at(scenario, place);
  for (Listener& listener : process.listeners) {
    if (!listener.reuse_port) listener.inherited = true;
  }
  process.count = figure;
}

std::string instances_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", process_at(scenario, place)->count);
}

}  // namespace

Knob instances_knob() {
  return {.name = "instances",
          .unit = "processes",
          .cost = {.once = 6, .each = 2},
          .against = instances_against,
          .range = instances_range,
          .turn = turn_instances,
          .value = instances_value};
}

}  // namespace netlimits::analysis

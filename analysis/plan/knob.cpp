// The table of all knobs.
#include "analysis/plan/knob.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/plan/knobs/knobs.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {

std::string DialPlace::text() const {
  if (!gateway.empty()) return gateway;
  const std::string at = process.empty() ? host : fmt::format("{}/{}", host, process);
  if (workload.empty()) return at;
  return at.empty() ? workload : fmt::format("{} -> {}", workload, at);
}

std::uint64_t KnobCost::of(std::uint64_t before, std::uint64_t after) const {
  const std::uint64_t more = after > before ? after - before : 0;
  return bounded_sum(once, bounded_product(each, more / step + (more % step != 0 ? 1 : 0)));
}

const std::vector<Knob>& knobs() {
  static const std::vector<Knob> all{hosts_knob(),
                                     instances_knob(),
                                     client_addresses_knob(),
                                     server_addresses_knob(),
                                     server_ports_knob(),
                                     port_range_knob(),
                                     reserved_ports_knob(),
                                     bind_style_knob(),
                                     time_wait_reuse_knob(),
                                     closer_knob(),
                                     hold_knob(),
                                     backlog_knob(),
                                     somaxconn_knob(),
                                     nofile_knob(),
                                     file_max_knob(),
                                     nat_addresses_knob(),
                                     nat_ports_knob(),
                                     nat_block_knob()};
  return all;
}

const Knob* knob_named(std::string_view name) {
  const auto found = std::find_if(knobs().begin(), knobs().end(), [&](const Knob& knob) { return knob.name == name; });
  return found == knobs().end() ? nullptr : &*found;
}

}  // namespace netlimits::analysis

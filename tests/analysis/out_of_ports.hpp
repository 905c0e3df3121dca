// A run that is out of ports, and the scenario that it is of: what tests of comparisons change one thing of.
#pragma once

#include "model/scenario/result.hpp"
#include "tests/analysis/worlds.hpp"

namespace netlimits::analysis {

// client 10.0.0.5 -> 10.1.0.9:443
inline Place way_out() {
  return {OutboundPlace{.on = {Name("client")},
                        .source = *IpAddress::parse("10.0.0.5"),
                        .destination = *Endpoint::parse("10.1.0.9:443")}};
}

inline RunResult exhausted() {
  RunResult result;
  WorkloadResult& load = result.workloads["load"];
  load.attempted = 320;
  load.established = load.open_at_end = load.peak_open = 300;
  load.failed = 20;
  load.failures = {{.limit = Limit::ephemeral_ports,
                    .place = way_out(),
                    .error = Error::eaddrnotavail,
                    .count = 20,
                    .first_at = time_zero + std::chrono::milliseconds(300),
                    .first_after_established = 300}};
  ProcessResult& web = result.hosts["server"].processes["web"];
  web.accepted = web.accepted_least = web.accepted_most = 300;
  web.descriptors_peak = 304;
  result.hosts["client"].processes["app"].descriptors_peak = 304;
  result.binding = PlacedLimit{Limit::ephemeral_ports, way_out()};
  return result;
}

inline Scenario paced(std::uint64_t connections = 320) {
  Scenario scenario = outbound(connections);
  set_range(scenario, 40'000, 300);
  scenario.workloads.at("load").arrivals = ConstantRate{std::chrono::milliseconds(1)};
  return scenario;
}

}  // namespace netlimits::analysis

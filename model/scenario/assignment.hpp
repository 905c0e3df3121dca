// Which host instance, process instance, source address, destination and explicit port the k-th connection of a
// workload gets. The three engines must agree on it, so it is a rule of its own.
//
// Programs (host instance x process instance) take connections in turn. Each program walks the full product of its
// explicit ports, destinations and source addresses: the source changes fastest, then the destination, then the port.
// A program starts at the destination of its own number, so that many programs with one connection each spread evenly
// and no program is tied to one destination.
#pragma once

#include <cstdint>

namespace netlimits {

struct AssignmentShape {  // how many of each there are; all at least 1
  std::uint64_t host_instances = 1;
  std::uint64_t process_instances = 1;
  std::uint64_t sources = 1;
  std::uint64_t destinations = 1;
  std::uint64_t explicit_ports = 1;
};

struct Assignment {
  std::uint64_t host_instance = 0;
  std::uint64_t process_instance = 0;
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  std::uint64_t explicit_port = 0;
};

// `k` counts from 0. Pure and O(1).
constexpr Assignment assign(const AssignmentShape& shape, std::uint64_t k) {
  const std::uint64_t programs = shape.host_instances * shape.process_instances;
  const std::uint64_t program = k % programs;
  const std::uint64_t round = k / programs;
  const std::uint64_t destination_round = round / shape.sources;
  return {
      .host_instance = program % shape.host_instances,
      .process_instance = program / shape.host_instances,
      .source = round % shape.sources,
      .destination = (program + destination_round) % shape.destinations,
      .explicit_port = destination_round / shape.destinations % shape.explicit_ports,
  };
}

}  // namespace netlimits

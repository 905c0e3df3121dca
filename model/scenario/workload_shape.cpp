// The numbers behind an assignment, from the scenario.
#include "model/scenario/workload_shape.hpp"

#include <algorithm>

namespace netlimits {

std::vector<Port> named_ports(const BindStyle& style) {
  std::vector<Port> ports;
  const auto* named = std::get_if<BindExplicit>(&style);
  if (named == nullptr) return ports;
  for (const PortRange& range : named->ports)
    for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
      ports.push_back(Port{static_cast<std::uint16_t>(port)});
  return ports;
}

const Process* process_named(const HostGroup& host, const std::string& name) {
  const auto found = std::find_if(host.processes.begin(), host.processes.end(),
                                  [&](const Process& process) { return process.name == name; });
  return found == host.processes.end() ? nullptr : &*found;
}

AssignmentShape shape_of(const Workload& workload, const HostGroup& host, const Process& process) {
  return {.host_instances = host.count,
          .process_instances = process.count,
          .sources = std::max<std::uint64_t>(1, workload.sources.size()),
          .destinations = workload.to.size(),
          .explicit_ports = std::max<std::uint64_t>(1, named_ports(workload.bind).size())};
}

}  // namespace netlimits

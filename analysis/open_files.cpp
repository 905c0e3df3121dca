// What a process and a host have open before any connection of the scenario.
#include "analysis/open_files.hpp"

#include <algorithm>

namespace netlimits::analysis {

std::uint64_t free_descriptors(const Process& process) {
  const std::uint64_t used = process.own_descriptors + process.listeners.size();
  return process.nofile > used ? process.nofile - used : 0;
}

std::uint64_t free_files(const HostGroup& host) {
  std::uint64_t used = 0;
  for (const Process& process : host.processes) {
    used += process.count * process.own_descriptors;
    for (const Listener& listener : process.listeners) used += listener.inherited ? 1 : process.count;
  }
  for (const HeldPorts& held : host.held_ports) used += held.ports.size().value;
  used = std::max(used, host.open_files);
  return host.settings.file_max > used ? host.settings.file_max - used : 0;
}

}  // namespace netlimits::analysis

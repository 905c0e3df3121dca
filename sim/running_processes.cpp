// How processes start with their hosts and end with them, and what they leave in the result.
#include "sim/running_processes.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::sim {
namespace {

constexpr std::uint64_t holder_descriptors = std::uint64_t{1} << 62U;  // no limit of the scenario is about them

}  // namespace

void require(const Outcome<void>& outcome, const Place& place) {
  if (outcome) return;
  throw std::runtime_error("cannot open " + place.text() + ": " + std::string(name_of(outcome.error().error)) + " (" +
                           std::string(name_of(outcome.error().rule)) + ")");
}

std::uint32_t RunningProcesses::number_of(std::uint32_t instance, std::size_t process,
                                          std::uint64_t process_instance) const {
  const HostInstance& on = network_.instance(instance);
  std::uint64_t number = on.first_process + process_instance;
  for (std::size_t i = 0; i < process; ++i) number += on.group->processes[i].count;
  return static_cast<std::uint32_t>(number);
}

void RunningProcesses::starve(std::uint32_t number, Limit limit) {
  RunningProcess& process = processes_[number];
  const Starved by = limit == Limit::fd_per_process ? Starved::by_process : Starved::by_host;
  if (process.starved == by) return;
  no_longer_starved(number);
  ++starved_;
  process.starved = by;
  if (by == Starved::by_host) {
    starved_by_host_.insert(number);
  } else {
    add_to_full(number);
  }
}

void RunningProcesses::add_to_full(std::uint32_t number) {
  const auto behind = full_.upper_bound(number);
  const bool joins_behind = behind != full_.end() && behind->first == number + 1;
  const std::uint32_t end = joins_behind ? behind->second : number + 1;
  const bool joins_before = behind != full_.begin() && std::prev(behind)->second == number;
  if (joins_before) {
    std::prev(behind)->second = end;
  } else {
    full_.emplace_hint(behind, number, end);
  }
  if (joins_behind) full_.erase(behind);
}

// Requires: it is one of them.
void RunningProcesses::take_from_full(std::uint32_t number) {
  const auto in = std::prev(full_.upper_bound(number));
  const auto [begin, end] = *in;
  if (number + 1 < end) full_.emplace(number + 1, end);
  if (begin < number) {
    in->second = number;
  } else {
    full_.erase(in);
  }
}

std::uint32_t RunningProcesses::next_to_ask(std::uint32_t number) const {
  const auto behind = full_.upper_bound(number);
  if (behind == full_.begin()) return number;
  return std::max(number, std::prev(behind)->second);
}

void RunningProcesses::no_longer_starved(std::uint32_t number) {
  const Starved by = std::exchange(processes_[number].starved, Starved::no);
  if (by == Starved::no) return;
  --starved_;
  if (by == Starved::by_host) {
    starved_by_host_.erase(number);
  } else {
    take_from_full(number);
  }
}

void RunningProcesses::feed(std::uint32_t number) {
  no_longer_starved(number);
  on_room_(number);
}

void RunningProcesses::descriptor_freed(std::uint32_t number) {
  if (starved_ == 0) return;
  if (processes_[number].starved != Starved::no) return feed(number);
  const std::uint32_t instance = processes_[number].instance;
  // The first one of this host, whose processes are side by side.
  const auto first = starved_by_host_.lower_bound(network_.instance(instance).first_process);
  if (first != starved_by_host_.end() && processes_[*first].instance == instance) feed(*first);
}

Place RunningProcesses::place_of(const RunningProcess& process) const {
  return process_place(group_of(process), configuration(process));
}

void RunningProcesses::start(std::uint32_t instance, const Started& started) {
  HostInstance& on = network_.instance(instance);
  const bool first_start = on.first_process == HostInstance::none;
  if (first_start) on.first_process = static_cast<std::uint32_t>(processes_.size());
  std::uint32_t number = on.first_process;
  for (std::size_t p = 0; p < on.group->processes.size(); ++p) {
    const Process& process = on.group->processes[p];
    std::vector<std::uint32_t> numbers;
    for (std::uint64_t i = 0; i < process.count; ++i, ++number) {
      if (first_start) processes_.push_back({.instance = instance, .process = p});
      RunningProcess& running = processes_[number];
      running.alive = true;
      no_longer_starved(number);
      running.listeners.clear();
      running.id = network_.call(instance, [&](Host& host, Effects&) {
        return host.add_process({.name = process.name,
                                 .nofile = process.nofile,
                                 .own_descriptors = process.own_descriptors,
                                 .uid = process.uid});
      });
      numbers.push_back(number);
    }
    started(p, numbers);
  }
  hold_what_is_there(instance, first_start);
}

// What programs outside the scenario have: a process of its own whose descriptors count nowhere else. After a host was
// down nothing is left but the ports, which its programs take again.
void RunningProcesses::hold_what_is_there(std::uint32_t instance, bool first_start) {
  const HostGroup& group = *network_.instance(instance).group;
  if (group.held_ports.empty() && group.held_connections.empty() && group.open_files == 0) return;
  const ProcessId holder = network_.call(instance, [&](Host& host, Effects&) {
    return host.add_process({.name = "(holder)", .nofile = holder_descriptors, .own_descriptors = 0});
  });
  for (const HeldPorts& held : group.held_ports) {
    for (std::uint32_t port = held.ports.first.value; port <= held.ports.last.value; ++port) {
      const Endpoint endpoint{held.address, Port{static_cast<std::uint16_t>(port)}};
      const Place place = listener_place(group, endpoint);
      network_.call(instance, [&](Host& host, Effects&) {
        const auto socket = host.socket(holder, held.address.family(), SocketType::stream);
        require(socket.map([](SocketId) {}), place);
        require(host.bind(*socket, endpoint, {}), place);
        if (held.listens) require(host.listen(*socket, 1, {}), place);
      });
    }
  }
  if (!first_start) return;
  for (const HeldConnections& held : group.held_connections) {
    for (const PortRange& range : held.ports) {
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) {
        const HeldConnection connection{
            {{held.from, Port{static_cast<std::uint16_t>(port)}}, held.to}, held.state, held.ends_after};
        network_.call(instance, [&](Host& host, Effects& effects) {
          require(host.hold_connection(holder, connection, network_.now(), effects).map([](SocketId) {}),
                  outbound_place(group, held.from, held.to));
        });
      }
    }
  }
  network_.call(instance, [&](Host& host, Effects&) {
    const std::uint64_t open = host.files().open;
    if (group.open_files > open) host.open_files(holder, group.open_files - open);
  });
}

std::uint64_t RunningProcesses::forget(std::uint32_t instance) {
  const HostInstance& on = network_.instance(instance);
  if (on.first_process == HostInstance::none) return 0;
  std::uint64_t gone = 0;
  std::uint64_t of_host = 0;
  for (const Process& process : on.group->processes) of_host += process.count;
  for (std::uint64_t number = on.first_process; number < on.first_process + of_host; ++number) {
    RunningProcess& process = processes_[number];
    if (process.alive) process.peak_before = std::max(process.peak_before, on.host.descriptors(process.id).peak);
    process.alive = false;
    gone += std::exchange(process.open, 0);
  }
  return gone;
}

void RunningProcesses::write(RunResult& result, Meters& meters) const {
  // All instances of one process of a host group are one line.
  struct Line {
    const HostGroup* group = nullptr;
    const Process* settings = nullptr;
    std::uint64_t instances = 0;
    ProcessResult result{};
  };
  std::map<std::pair<std::uint32_t, std::size_t>, Line> lines;  // by site and process
  for (const RunningProcess& process : processes_) {
    const HostInstance& on = network_.instance(process.instance);
    const auto [found, is_new] = lines.try_emplace({on.site, process.process});
    if (is_new) found->second = {on.group, &configuration(process), 0, {}};
    ++found->second.instances;
    ProcessResult& written = found->second.result;
    const DescriptorUse use = process.alive ? on.host.descriptors(process.id) : DescriptorUse{};
    written.accepted += process.accepted;
    written.accepted_least = is_new ? process.accepted : std::min(written.accepted_least, process.accepted);
    written.accepted_most = std::max(written.accepted_most, process.accepted);
    written.refused_accepts += process.refused_accepts;
    written.descriptors_peak = std::max({written.descriptors_peak, process.peak_before, use.peak});
  }
  for (auto& [key, line] : lines) {
    // Those of hosts to which nothing happened took nothing.
    if (line.instances < line.group->count * line.settings->count) line.result.accepted_least = 0;
    line.result.descriptors_limit = line.settings->nofile;
    result.hosts[line.group->name].processes[line.settings->name] = line.result;
    if (!line.group->profile->rules.has(Rule::descriptors_process)) continue;
    meters.add({Limit::fd_per_process, process_place(*line.group, *line.settings)},
               {.capacity = line.settings->nofile, .peak = line.result.descriptors_peak});
  }
}

}  // namespace netlimits::sim

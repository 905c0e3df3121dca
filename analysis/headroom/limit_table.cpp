// One function a limit; last, which rows the answer names.
#include "analysis/headroom/limit_table.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "analysis/open_files.hpp"
#include "analysis/port_pool.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/time_wait_takeover.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

// Kernel memory of an idle client connection (measured on 6.18: 3,897 bytes of IPv4, 3,936 of IPv6; sizes depend on how
// a kernel was configured).
constexpr std::uint64_t bytes_of_a_connection = 3936;

class LimitTable {
 public:
  LimitTable(const Machine& machine, const HostGroup& host, Headroom& found)
      : machine_(machine), host_(host), found_(found), place_(host_place(host)) {}

  void write() {
    descriptors();
    files();
    ports();
    listeners();
    time_wait();
    orphans();
    conntrack();
    memory();
    processes();
  }

 private:
  bool seen(const char* setting) const { return machine_.settings.contains(setting); }
  HeadroomRow& add(HeadroomRow row) {
    found_.rows.push_back(std::move(row));
    return found_.rows.back();
  }

  // The machine as the question has it: with a far end, where that is on it.
  const HostGroup& asked() const { return found_.question.hosts.at(host_.name); }
  bool both_ends_here() const { return found_.question.hosts.size() == 1; }

  // The program that connects also listens there.
  bool accepts_itself() const {
    if (!both_ends_here()) return false;
    const Endpoint& to = found_.question.workloads.at("more").to.front();
    const std::vector<ListenerId> takers = listening_at(asked(), to).listeners;
    return std::any_of(takers.begin(), takers.end(), [](const ListenerId& taker) { return taker.process == 0; });
  }

  void descriptors() {
    if (!machine_.profile->rules.has(Rule::descriptors_process)) return;
    const Process& process = host_.processes.front();
    HeadroomRow& row = add({.limit = Limit::fd_per_process,
                            .place = process_place(host_, process),
                            .unit = HeadroomUnit::descriptors,
                            .capacity = process.nofile,
                            .from_profile = !machine_.process.nofile_soft});
    row.connections = free_descriptors(process) / (accepts_itself() ? 2 : 1);
    if (machine_.process.runs && !machine_.process.descriptors) {
      row.note = "at most so many: what it has open is not determined";
      return;
    }
    row.used = process.own_descriptors + process.listeners.size();
    if (!machine_.process.runs) row.note = "of a program that starts now";
  }

  void files() {
    HeadroomRow& row = add({.limit = Limit::fd_per_host,
                            .place = place_,
                            .unit = HeadroomUnit::files,
                            .capacity = host_.settings.file_max,
                            .used = machine_.open_files,
                            .from_profile = !seen("fs.file-max")});
    if (machine_.open_files) row.connections = free_files(asked()) / (both_ends_here() ? 2 : 1);
  }

  void ports() {
    for (const SourceUse& source : found_.sources) {
      const Endpoint& to = found_.question.workloads.at("more").to.front();
      HeadroomRow& row = add({.limit = Limit::ephemeral_ports,
                              .place = way_out(source.from, to),
                              .unit = HeadroomUnit::ports,
                              .capacity = source.headroom.min + source.used,
                              .used = source.used,
                              .from_profile = !seen("net.ipv4.ip_local_port_range"),
                              .connections = source.headroom.min});
      if (source.chosen) row.note = range_note();
      if (!source.chosen) {
        row.connections.reset();
        row.note = "for a program that binds it, with IP_BIND_ADDRESS_NO_PORT";
      }
      if (!machine_.sockets) row.note += "; what is connected is not determined";
      if (!machine_.sockets) row.used.reset();
    }
  }

  Place way_out(const IpAddress& from, const Endpoint& to) const {
    const Place named = outbound_place(host_, from, to);
    return found_.to ? named : to_any_one(named);
  }

  // What of the range no connect() is given, whatever the destination.
  std::string range_note() const {
    const PortRange range = host_.settings.local_port_range;
    PortSet reserved;
    for (const PortRange& ports : host_.settings.reserved_ports) reserved.insert(ports);
    PortSet bound = reserved;
    for (const HeldPorts& held : host_.held_ports) bound.insert(held.ports);
    for (const Process& process : host_.processes)
      for (const Listener& listener : process.listeners) bound.insert(listener.endpoint.port.value);
    const std::uint32_t unreserved = reserved.count_outside(range).value;
    return fmt::format("range {}-{}, of which {} reserved and {} bound", range.first.value, range.last.value,
                       range.size().value - unreserved, unreserved - bound.count_outside(range).value);
  }

  void listeners() {
    if (!machine_.sockets) return;
    std::vector<const MachineSocket*> queues;
    for (const MachineSocket& socket : *machine_.sockets) {
      if (socket.state == TcpState::listen && (socket.queued > 0 || socket.of_process)) queues.push_back(&socket);
    }
    for (const MachineSocket* socket : queues) {
      HeadroomRow& row = add({.limit = Limit::listen_backlog,
                              .place = listener_place(host_, socket->tuple.local),
                              .unit = HeadroomUnit::connections,
                              .used = socket->queued});
      if (socket->backlog) {
        const Listener listener{.endpoint = socket->tuple.local, .backlog = *socket->backlog, .accept = {}};
        row.capacity = accept_queue_size(host_, listener);
      }
    }
  }

  void time_wait() {
    std::optional<std::uint64_t> used = machine_.counts.time_wait;
    if (machine_.sockets) {
      used = static_cast<std::uint64_t>(std::count_if(machine_.sockets->begin(), machine_.sockets->end(),
                                                      [](const MachineSocket& socket) { return socket.entry; }));
    }
    add({.limit = Limit::time_wait_buckets,
         .place = place_,
         .unit = HeadroomUnit::entries,
         .capacity = host_.settings.max_time_wait_buckets,
         .used = used,
         .from_profile = !seen("net.ipv4.tcp_max_tw_buckets")});
  }

  void orphans() {
    add({.limit = Limit::orphans,
         .place = place_,
         .unit = HeadroomUnit::sockets,
         .capacity = host_.settings.max_orphans,
         .used = machine_.counts.orphans,
         .from_profile = !seen("net.ipv4.tcp_max_orphans")});
  }

  void conntrack() {
    if (!machine_.conntrack_entries || !machine_.conntrack_max) return;
    HeadroomRow& row = add({.limit = Limit::conntrack_entries,
                            .place = place_,
                            .unit = HeadroomUnit::entries,
                            .capacity = *machine_.conntrack_max,
                            .used = *machine_.conntrack_entries});
    if (*machine_.conntrack_entries == 0) {
      row.note = "no rule here tracks connections";
    } else {
      row.connections = row.headroom();
    }
  }

  // The group whose members have the least left bounds them all.
  static const CgroupUse* tightest(const std::vector<CgroupUse>& groups) {
    const CgroupUse* found = nullptr;
    const auto left = [](const CgroupUse& group) {
      return *group.limit > group.used ? *group.limit - group.used : std::uint64_t{0};
    };
    for (const CgroupUse& group : groups) {
      if (group.limit && (found == nullptr || left(group) < left(*found))) found = &group;
    }
    return found;
  }

  static std::string part_of(const CgroupUse& group) {
    return group.path.empty() ? "control group" : fmt::format("control group {}", group.path);
  }

  void memory() {
    if (const CgroupUse* group = tightest(machine_.cgroup_memory)) {
      HeadroomRow& row =
          add({.limit = Limit::memory,
               .place = place_,
               .part = part_of(*group),
               .unit = HeadroomUnit::bytes,
               .capacity = *group->limit,
               .used = group->used,
               .estimated = true,
               .note = "idle connections, by the memory of the kernel alone; caches are given up first"});
      row.connections = *row.headroom() / bytes_of_a_connection;
    } else if (!machine_.cgroup_memory.empty()) {
      add({.limit = Limit::memory,
           .place = place_,
           .part = part_of(machine_.cgroup_memory.front()),
           .unit = HeadroomUnit::bytes,
           .used = machine_.cgroup_memory.front().used,
           .note = "no limit is set"});
    }
    if (machine_.tcp_pages_max) {
      add({.limit = Limit::memory,
           .place = place_,
           .part = "net.ipv4.tcp_mem",
           .unit = HeadroomUnit::pages,
           .capacity = machine_.tcp_pages_max,
           .used = machine_.counts.pages,
           .note = "data in buffers; idle connections use none"});
    }
  }

  void processes() {
    const CgroupUse* group = tightest(machine_.cgroup_processes);
    if (group == nullptr && machine_.cgroup_processes.empty()) return;
    const CgroupUse& shown = group != nullptr ? *group : machine_.cgroup_processes.front();
    add({.limit = Limit::processes,
         .place = place_,
         .part = part_of(shown),
         .unit = HeadroomUnit::processes,
         .capacity = shown.limit,
         .used = shown.used,
         .note = shown.limit ? "" : "no limit is set"});
  }

  const Machine& machine_;
  const HostGroup& host_;
  Headroom& found_;
  Place place_;
};

}  // namespace

Place to_any_one(Place place) {
  if (auto* outbound = std::get_if<OutboundPlace>(&place.what)) outbound->destination = AnyOne{};
  return place;
}

void write_limits(const Machine& machine, const HostGroup& host, Headroom& found) {
  LimitTable(machine, host, found).write();
}

void mark_what_binds(Headroom& found) {
  const auto named = [&](Limit limit) {
    return std::any_of(found.answer.binding.begin(), found.answer.binding.end(),
                       [&](const Binding& binding) { return binding.limit == limit; });
  };
  for (HeadroomRow& row : found.rows) {
    row.binds_first = row.connections && !row.estimated && named(row.limit);
    if (row.estimated && row.connections && *row.connections < found.answer.capacity.min) {
      found.notes.push_back(fmt::format("memory may bind before that: {} has room for about {} idle connections",
                                        row.where(), *row.connections));
    }
  }
}

}  // namespace netlimits::analysis

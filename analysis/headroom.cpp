// First the table of limits, row by row; then destinations, source addresses and sockets; last the question itself, and
// what connection tracking makes of its answer.
#include "analysis/headroom.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "analysis/headroom_question.hpp"
#include "analysis/open_files.hpp"
#include "analysis/port_pool.hpp"
#include "model/machine/machine_host.hpp"
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

constexpr std::array life{TcpState::listen,      TcpState::closed,     TcpState::syn_sent,   TcpState::syn_received,
                          TcpState::established, TcpState::fin_wait_1, TcpState::fin_wait_2, TcpState::close_wait,
                          TcpState::closing,     TcpState::last_ack,   TcpState::time_wait};

// Where no destination was asked for, the stand-in's address means nothing to a reader.
Place to_any_one(Place place) {
  if (auto* outbound = std::get_if<OutboundPlace>(&place.what)) outbound->destination = AnyOne{};
  return place;
}

class Table {
 public:
  Table(const Machine& machine, const HostGroup& host, Headroom& found)
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
    mark_what_binds();
  }

 private:
  bool seen(const char* setting) const { return machine_.settings.contains(setting); }
  HeadroomRow& add(HeadroomRow row) {
    found_.rows.push_back(std::move(row));
    return found_.rows.back();
  }

  void descriptors() {
    if (!machine_.profile->rules.has(Rule::descriptors_process)) return;
    const Process& process = host_.processes.front();
    HeadroomRow& row = add({.limit = Limit::fd_per_process,
                            .place = process_place(host_, process),
                            .unit = HeadroomUnit::descriptors,
                            .capacity = process.nofile,
                            .from_profile = !machine_.process.nofile_soft});
    if (machine_.process.id && !machine_.process.descriptors) {
      row.note = "what it has open is not determined";
      return;
    }
    row.used = process.own_descriptors + process.listeners.size();
    row.connections = free_descriptors(process);
    if (!machine_.process.id) row.note = "of a program that starts now";
  }

  void files() {
    HeadroomRow& row = add({.limit = Limit::fd_per_host,
                            .place = place_,
                            .unit = HeadroomUnit::files,
                            .capacity = host_.settings.file_max,
                            .used = machine_.open_files,
                            .from_profile = !seen("fs.file-max")});
    if (machine_.open_files) row.connections = free_files(host_);
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

  void mark_what_binds() {
    std::optional<std::uint64_t> least;
    for (const HeadroomRow& row : found_.rows) {
      if (row.connections && !row.estimated && (!least || *row.connections < *least)) least = row.connections;
    }
    for (HeadroomRow& row : found_.rows) {
      row.binds_first = row.connections && !row.estimated && row.connections == least;
      if (row.estimated && row.connections && least && *row.connections < *least)
        found_.notes.push_back(fmt::format("memory may bind before that: {} has room for about {} idle connections",
                                           row.where(), *row.connections));
    }
  }

  const Machine& machine_;
  const HostGroup& host_;
  Headroom& found_;
  Place place_;
};

bool same(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.address.unmapped() == b.address.unmapped();
}

std::uint64_t count_of(const HeldConnections& held) {
  std::uint64_t count = 0;
  for (const PortRange& range : held.ports) count += range.size().value;
  return count;
}

PoolKind pool_of(const HostGroup& host, const IpAddress& from) {
  return *pool_kind(host.profile->rules, PlainConnect{}, from);
}

void write_destinations(const Machine& machine, const HostGroup& host, Headroom& found) {
  std::map<std::pair<IpAddress, Endpoint>, DestinationUse> uses;
  for (const HeldConnections& held : host.held_connections) {
    DestinationUse& use = uses[{held.from, held.to}];
    const std::uint64_t count = count_of(held);
    if (held.state == HeldConnectionState::open) {
      use.open += count;
    } else {
      use.ended += count;
      if (may_be_taken_over(host.settings, host.profile->rules, held)) use.takeover += count;
    }
  }
  if (machine.sockets) {
    for (const MachineSocket& socket : *machine.sockets) {
      if (!socket.of_process) continue;
      const auto use = uses.find({socket.tuple.local.address, socket.tuple.remote});
      if (use != uses.end()) ++use->second.of_process;
    }
  }
  std::map<IpAddress, Interval> pools;  // by source: the same towards every destination
  for (auto& [key, use] : uses) {
    use.from = key.first;
    use.to = key.second;
    const auto [pool, is_new] = pools.try_emplace(use.from);
    if (is_new) pool->second = automatic_ports(host, pool_of(host, use.from));
    use.ports = pool->second;
    // Of one connection the rest of the pool is known; the exact figure is worked out where it can matter.
    const std::uint64_t gone = use.open + use.ended - use.takeover;
    use.headroom = {use.ports.min - std::min(gone, use.ports.min), use.ports.max - std::min(gone, use.ports.max)};
    found.destinations.push_back(use);
  }
  std::stable_sort(found.destinations.begin(), found.destinations.end(),
                   [](const DestinationUse& a, const DestinationUse& b) { return a.headroom.min < b.headroom.min; });
  constexpr std::size_t exact = 100;
  for (std::size_t i = 0; i < std::min(exact, found.destinations.size()); ++i) {
    DestinationUse& use = found.destinations[i];
    use.headroom = automatic_ports(host, pool_of(host, use.from), use.to);
  }
}

// From which addresses the machine could connect there, and what each has left.
void write_sources(const HostGroup& host, const Endpoint& to, Headroom& found) {
  std::vector<IpAddress> sources;
  const auto chosen = SourceChoice(host, 0).towards(to.address);
  if (chosen) sources.push_back(*chosen);
  for (const AddressBlock& block : host.addresses) {
    const bool usable = !to.address.is_loopback() && block.address.family() == to.address.family();
    if (usable && !(chosen && block.address == *chosen)) sources.push_back(block.address);
  }
  constexpr std::size_t most_sources = 256;
  if (sources.size() > most_sources) {
    found.notes.push_back(fmt::format("of {} addresses only the first {} are shown", sources.size(), most_sources));
    sources.resize(most_sources);
  }
  for (const IpAddress& source : sources) {
    SourceUse use{.from = source, .chosen = found.sources.empty()};
    use.headroom = automatic_ports(host, pool_of(host, source), to);
    for (const HeldConnections& held : host.held_connections) {
      if (held.from == source && same(held.to, to) && !may_be_taken_over(host.settings, host.profile->rules, held))
        use.used += count_of(held);
    }
    found.sources.push_back(use);
  }
}

void write_sockets(const Machine& machine, Headroom& found) {
  if (!machine.sockets) return;
  std::map<TcpState, SocketTally> tallies;
  for (const MachineSocket& socket : *machine.sockets) {
    SocketTally& tally = tallies[socket.state];
    ++tally.all;
    if (socket.of_process) ++tally.of_process;
  }
  for (const TcpState state : life) {
    const auto tally = tallies.find(state);
    if (tally == tallies.end()) continue;
    found.sockets.push_back(tally->second);
    found.sockets.back().state = state;
  }
}

// Connection tracking is no part of a scenario's host yet, so the scenario's answer may be too high.
void bound_by_conntrack(Headroom& found, const Place& place) {
  const auto row = std::find_if(found.rows.begin(), found.rows.end(), [](const HeadroomRow& one) {
    return one.limit == Limit::conntrack_entries && one.connections;
  });
  if (row == found.rows.end()) return;
  const std::uint64_t most = *row->connections;
  Capacity& answer = found.answer;
  const Binding binding{Limit::conntrack_entries, place, Interval::exactly(most)};
  if (most < answer.capacity.max) {
    answer.ladder.insert(answer.ladder.begin(), Rung{answer.capacity, answer.binding});
    answer.capacity = {std::min(most, answer.capacity.min), most};
    answer.binding = {binding};
  } else {
    const auto next = std::find_if(answer.ladder.begin(), answer.ladder.end(),
                                   [&](const Rung& rung) { return most < rung.capacity.min; });
    answer.ladder.insert(next, Rung{Interval::exactly(most), {binding}});
  }
}

void unname_destination(Headroom& found, const Endpoint& stand_in) {
  const auto unname = [&](std::vector<Binding>& bindings) {
    for (Binding& binding : bindings) {
      const auto* outbound = std::get_if<OutboundPlace>(&binding.place.what);
      const auto* to = outbound != nullptr ? std::get_if<Endpoint>(&outbound->destination) : nullptr;
      if (to != nullptr && *to == stand_in) binding.place = to_any_one(binding.place);
    }
  };
  unname(found.answer.binding);
  for (Rung& rung : found.answer.ladder) unname(rung.binding);
}

}  // namespace

Headroom headroom(const Machine& machine, const HostGroup& host, const std::optional<Endpoint>& to) {
  Headroom found;
  HeadroomQuestion question = headroom_question(host, to);
  found.to = to;
  found.question = std::move(question.scenario);
  found.notes = std::move(question.notes);
  if (machine.no_way_there) {
    found.answer.asked = asked_of_a_machine;
    // Without a route there is no source either.
    const Place nowhere{OutboundPlace{.on = *host_place(host).host(), .destination = question.to}};
    found.answer.binding = {{Limit::no_route, nowhere, {}}};
    write_destinations(machine, host, found);
    write_sockets(machine, found);
    Table(machine, host, found).write();
    for (HeadroomRow& row : found.rows) row.binds_first = false;
    return found;
  }
  found.answer = capacity(found.question);
  if (ports_in_doubt(host) > 0) {
    const HeadroomQuestion doubtful = headroom_question(with_ports_bound(host), to);
    const std::uint64_t least = capacity(doubtful.scenario).capacity.min;
    if (least < found.answer.capacity.min) found.least = least;
  }
  if (machine.process.id && !machine.process.descriptors) {
    found.notes.push_back(
        fmt::format("what {} has open is not determined: the answer leaves it out, and is too high if "
                    "its descriptors bind",
                    host.processes.front().name));
  }
  if (!machine.sockets) found.notes.emplace_back("the sockets are not determined: the answer is as if there were none");
  write_sources(host, question.to, found);
  write_destinations(machine, host, found);
  write_sockets(machine, found);
  Table(machine, host, found).write();
  bound_by_conntrack(found, host_place(host));
  if (!to) unname_destination(found, question.to);
  return found;
}

}  // namespace netlimits::analysis

#include "model/machine/machine_host.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/machine/held_addresses.hpp"
#include "model/machine/ipv6_switch.hpp"
#include "model/machine/machine_table.hpp"
#include "model/machine/plain_name.hpp"
#include "model/net/port_list.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits {
namespace {

constexpr std::string_view nr_open_name = "fs.nr_open";
// What a scenario's host may have.
constexpr std::size_t most_addresses = 65536;
constexpr std::uint64_t most_held_connections = 10'000'000;
// RFC 7600 (the dummy address) and RFC 6666 (discarded by everybody): no machine has them.
constexpr IpAddress stand_in_of_ipv4 = IpAddress::v4(0xc0000008);
constexpr IpAddress stand_in_of_ipv6 = IpAddress::v6(0x0100000000000000ULL, 8);

std::vector<PortRange> ranges_of(const std::set<Port>& ports) {
  std::vector<PortRange> ranges;
  ranges.reserve(ports.size());
  for (const Port port : ports) ranges.push_back({port, port});
  return normalised(std::move(ranges));
}

// One of IPv6, which names nobody without an interface.
bool is_link_local(const IpAddress& address) { return !address.is_v4() && (address.high() >> 54U) == (0xfe80U >> 6U); }

class HostBuilder {
 public:
  explicit HostBuilder(const Machine& machine) : machine_(machine) {
    host_.name = "machine";
    host_.profile = machine.profile;
    origin_.format = "netlimits.probe/1";
    origin_.source = machine.source;
    origin_.kernel = machine.kernel;
    origin_.not_determined = machine.not_determined;
    origin_.notes = machine.notes;
  }

  HostGroup build() {
    addresses();
    settings();
    if (machine_.open_files) host_.open_files = *machine_.open_files;
    figure("open_files", machine_.open_files.has_value());
    if ((host_.conntrack = table_of(machine_))) figure("conntrack", true);
    process();
    if (machine_.sockets) sockets();
    if (machine_.without_ipv6 && machine_.without_ipv6_loopback && switch_ipv6_off(host_))
      figure("net.ipv6.conf.all.disable_ipv6", true);
    std::sort(origin_.measured.begin(), origin_.measured.end());
    std::sort(origin_.from_profile.begin(), origin_.from_profile.end());
    host_.origin = std::move(origin_);
    return std::move(host_);
  }

 private:
  void figure(std::string name, bool measured) {
    (measured ? origin_.measured : origin_.from_profile).push_back(std::move(name));
  }
  void note(std::string what) { origin_.notes.push_back(std::move(what)); }

  void addresses() {
    host_.addresses = machine_.addresses;
    if (host_.addresses.size() > most_addresses) {
      note(fmt::format("of {} addresses only the first {} are kept", host_.addresses.size(), most_addresses));
      host_.addresses.resize(most_addresses);
    }
    if (!host_.addresses.empty()) origin_.measured.emplace_back("addresses");
    if (!machine_.addresses_in_doubt) return;
    // A host without an address reaches nobody, which nothing that was seen says of this one.
    stand_in(stand_in_of_ipv4, "IPv4");
    if (!machine_.without_ipv6) stand_in(stand_in_of_ipv6, "IPv6");
  }

  void stand_in(const IpAddress& address, const char* family) {
    const bool has_one = std::any_of(host_.addresses.begin(), host_.addresses.end(), [&](const AddressBlock& block) {
      return block.address.family() == address.family();
    });
    if (has_one) return;
    host_.addresses.push_back(AddressBlock::single(address));
    note(fmt::format("no address of {} was seen, and there may be one: {} stands for it", family, address.text()));
  }

  bool is_own(const IpAddress& address) const {
    if (address.is_wildcard() || address.is_loopback()) return true;
    return std::any_of(host_.addresses.begin(), host_.addresses.end(),
                       [&](const AddressBlock& block) { return block.address == address; });
  }

  void settings() {
    const std::string& system = machine_.profile->system;
    host_.settings = machine_.profile->settings;
    host_.set_by_scenario = machine_.settings;
    // Whoever read them has tried them: there is an order.
    if (const auto order = writing_order(host_.settings, system, machine_.settings)) {
      for (const auto& [name, value] : *order) static_cast<void>(write_setting(host_.settings, system, name, value));
    }
    for (const SettingInfo& info : settings_of(system)) {
      const std::string name(info.name);
      if (info.scope == SettingScope::fixed || info.scope == SettingScope::at_start ||
          machine_.profile->settings_absent.contains(name))
        continue;
      figure(name, machine_.settings.contains(name));
    }
  }

  // ---- the process
  void process() {
    const MachineProcess& seen = machine_.process;
    Process& process = process_;
    process.name = plain_name(seen.name);
    process.nofile = std::max<std::uint64_t>(1, seen.nofile_soft.value_or(machine_.profile->nofile_soft));
    figure("processes/" + process.name + "/nofile", seen.nofile_soft.has_value());
    limit_by_nr_open(process);
    process.own_descriptors =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(machine_.profile->own_descriptors, process.nofile));
    if (seen.nofile_soft == 0U) {
      note(fmt::format("the descriptor limit of {} is 0: it is written as one that is used up", process.name));
      process.own_descriptors = 1;
    } else if (seen.descriptors) {
      // The limit bounds the number: descriptors above it, from before it was lowered, take no room below it.
      const auto below = std::lower_bound(seen.descriptors->begin(), seen.descriptors->end(), process.nofile);
      process.own_descriptors = static_cast<std::uint32_t>(below - seen.descriptors->begin());
      const auto above = seen.descriptors->end() - below;
      if (above > 0)
        note(fmt::format("{} of {} lie{} above its limit and {} not count against it",
                         above == 1 ? "1 descriptor" : fmt::format("{} descriptors", above), process.name,
                         above == 1 ? "s" : "", above == 1 ? "does" : "do"));
    }
    figure("processes/" + process.name + "/own_descriptors", seen.descriptors.has_value());
    process.uid = seen.uid.value_or(0);
    if (seen.nofile_soft && seen.nofile_hard && *seen.nofile_soft < *seen.nofile_hard)
      note(fmt::format("{} may raise its descriptor limit from {} to {} by itself", process.name, *seen.nofile_soft,
                       *seen.nofile_hard));
    if (!machine_.sockets) host_.processes.push_back(process);
  }

  // fs/file.c, expand_files: no descriptor number reaches fs.nr_open, whatever the process's limit says.
  void limit_by_nr_open(Process& process) {
    if (process.nofile <= host_.settings.nr_open) return;
    if (machine_.settings.contains(std::string(nr_open_name))) {
      note(fmt::format("the descriptor limit of {} is cut to {} by {}", process.name, host_.settings.nr_open,
                       nr_open_name));
      process.nofile = host_.settings.nr_open;
      return;
    }
    // Not seen; but it was at least as high when the limit was set.
    const std::uint64_t highest = 2147483584;  // sysctl_nr_open_max
    process.nofile = std::min(process.nofile, highest);
    host_.settings.nr_open = process.nofile;
    host_.set_by_scenario[std::string(nr_open_name)] = fmt::format("{}", process.nofile);
    note(fmt::format("{} is taken to be at least the descriptor limit of {}", nr_open_name, process.name));
  }

  // ---- sockets
  struct Holder {
    IpAddress address;
    bool listens;
    bool operator<(const Holder& other) const {
      return std::tuple(HeldAddresses::width(address), !listens, address) <
             std::tuple(HeldAddresses::width(other.address), !other.listens, other.address);
    }
  };

  void sockets() {
    for (const MachineSocket& socket : *machine_.sockets) {
      const Endpoint& local = socket.tuple.local;
      const bool holds = socket.state == TcpState::listen || socket.state == TcpState::closed;
      if (holds && local.port.value != 0) bound_.insert(local.port);
    }
    listeners_of_process();
    for (const MachineSocket& socket : *machine_.sockets) sort_in(socket);
    held_ports();
    held_connections();
    origin_.measured.emplace_back("held_connections");
    origin_.measured.emplace_back("held_ports");
    if (foreign_held_ > 0) {
      note(
          fmt::format("{} sockets are bound to addresses that are not among those of the machine: their ports are "
                      "written as held on a loopback address, which is the same to connect()",
                      foreign_held_));
    }
    if (foreign_connections_ > 0) {
      note(
          fmt::format("{} connections from addresses that are not among those of the machine, or to link-local ones, "
                      "are left out",
                      foreign_connections_));
    }
    if (without_ends_ > 0) note(fmt::format("{} sockets without a port or a peer are left out", without_ends_));
    if (too_many_ > 0) {
      note(fmt::format("{} connections are left out: a scenario's host holds at most {}", too_many_,
                       most_held_connections));
    }
    if (outside_range_ > 0) {
      note(
          fmt::format("{} connections have ports outside the automatic range that nobody listens at: they are taken "
                      "to have bound them",
                      outside_range_));
    }
    if (unknown_ends_ > 0) {
      note(fmt::format("how long {} entries in TIME_WAIT are there yet is not known: they are taken to be new",
                       unknown_ends_));
    }
    if (entries_ > host_.settings.max_time_wait_buckets) {
      note(
          fmt::format("of {} entries in TIME_WAIT and FIN_WAIT_2 only {} are kept, as net.ipv4.tcp_max_tw_buckets says",
                      entries_, host_.settings.max_time_wait_buckets));
    }
    if (const std::uint64_t ports = ports_in_doubt(host_); ports > 0) {
      note(
          fmt::format("{} ports are taken to have been chosen by connect(), which the kernel does not tell: those that "
                      "a program bound itself would be kept from every other connect()",
                      ports));
    }
  }

  // Its own listeners become those of the process; each costs one of its descriptors.
  void listeners_of_process() {
    std::map<Port, std::map<Holder, std::optional<std::uint32_t>>> own;
    for (const MachineSocket& socket : *machine_.sockets) {
      if (!socket.of_process || socket.state != TcpState::listen || !is_own(socket.tuple.local.address) ||
          socket.tuple.local.port.value == 0)
        continue;
      own[socket.tuple.local.port].try_emplace({socket.tuple.local.address, true}, socket.backlog);
    }
    for (const auto& [port, holders] : own) {
      HeldAddresses& addresses = addresses_.try_emplace(port, host_.settings.ipv6_only_by_default).first->second;
      for (const auto& [holder, backlog] : holders) {
        // Where what it has open was seen, its listeners are part of that; else there has to be room for one more.
        const bool room = machine_.process.descriptors
                              ? process_.own_descriptors > 0
                              : process_.own_descriptors + process_.listeners.size() < process_.nofile;
        if (!room || !addresses.take(holder.address)) continue;
        Listener listener{.endpoint = {holder.address, port}, .accept = {}};
        if (backlog) listener.backlog = std::min<std::uint32_t>(*backlog, std::numeric_limits<std::int32_t>::max());
        process_.listeners.push_back(listener);
        if (machine_.process.descriptors) --process_.own_descriptors;
      }
    }
    const auto privileged = [&](const Listener& listener) {
      return listener.endpoint.port.value < host_.settings.unprivileged_port_start;
    };
    if (process_.uid != 0 && std::any_of(process_.listeners.begin(), process_.listeners.end(), privileged)) {
      note(fmt::format("{} runs as user {} and listens at a port that only root may bind: its user is left out",
                       process_.name, process_.uid));
      process_.uid = 0;
    }
    host_.processes.push_back(process_);
  }

  bool in_range(Port port) const { return host_.settings.local_port_range.contains(port); }

  static bool has_both_ends(const FourTuple& tuple) {
    return tuple.local.address.family() == tuple.remote.address.family() && !tuple.local.address.is_wildcard() &&
           tuple.local.port.value != 0 && tuple.remote.port.value != 0;
  }

  void sort_in(const MachineSocket& socket) {
    const Endpoint& local = socket.tuple.local;
    if (local.port.value == 0) {
      ++without_ends_;
      return;
    }
    if (socket.state == TcpState::listen || socket.state == TcpState::closed)
      return hold_port(local, socket.state == TcpState::listen);
    if (bound_.contains(local.port)) return;  // the port is gone for every connect() anyway
    if (!has_both_ends(socket.tuple)) {
      ++without_ends_;
      return;
    }
    if (!in_range(local.port)) {
      ++outside_range_;
      return hold_port(local, false);
    }
    if (!is_own(local.address) || is_link_local(socket.tuple.remote.address)) {
      ++foreign_connections_;
      return;
    }
    // A list that was made while connections came and went may have one twice; so may a host with bound devices.
    if (!seen_.insert(socket.tuple).second) return;
    if (seen_.size() > most_held_connections) {
      ++too_many_;
      return;
    }
    if (socket.entry && entries_++ >= host_.settings.max_time_wait_buckets) return;
    HeldConnectionState state = HeldConnectionState::open;
    if (socket.entry)
      state = socket.state == TcpState::time_wait ? HeldConnectionState::time_wait : HeldConnectionState::fin_wait_2;
    connections_[{local.address, socket.tuple.remote, state, ends_after(socket, state)}].insert(local.port);
  }

  Duration ends_after(const MachineSocket& socket, HeldConnectionState state) {
    if (state == HeldConnectionState::open) return Duration::zero();
    const Duration whole =
        state == HeldConnectionState::time_wait ? host_.settings.time_wait : host_.settings.fin_timeout;
    if (!socket.ends_after) {
      ++unknown_ends_;
      return whole;
    }
    constexpr std::chrono::seconds least{1};  // one whose time is over is there until its timer runs
    return std::min<Duration>(std::max(std::chrono::ceil<std::chrono::seconds>(*socket.ends_after), least),
                              std::max(whole, Duration::zero()));
  }

  void hold_port(const Endpoint& local, bool listens) {
    IpAddress address = local.address;
    if (!is_own(address)) {
      ++foreign_held_;
      address = IpAddress::loopback(address.family());
    }
    holders_[local.port].insert({address, listens});
  }

  void held_ports() {
    std::map<std::pair<IpAddress, bool>, std::set<Port>> by_address;
    for (const auto& [port, holders] : holders_) {
      HeldAddresses& addresses = addresses_.try_emplace(port, host_.settings.ipv6_only_by_default).first->second;
      for (const Holder& holder : holders) {
        if (addresses.take(holder.address)) by_address[{holder.address, holder.listens}].insert(port);
      }
    }
    for (const auto& [key, ports] : by_address) {
      for (const PortRange& range : ranges_of(ports)) host_.held_ports.push_back({key.first, range, key.second});
    }
  }

  void held_connections() {
    for (const auto& [key, ports] : connections_) {
      const auto& [from, to, state, ends] = key;
      host_.held_connections.push_back({from, to, ranges_of(ports), state, ends});
    }
  }

  const Machine& machine_;
  HostGroup host_;
  HostOrigin origin_;
  Process process_;
  std::set<Port> bound_;
  std::map<Port, HeldAddresses> addresses_;  // taken on each port
  std::map<Port, std::set<Holder>> holders_;
  std::map<std::tuple<IpAddress, Endpoint, HeldConnectionState, Duration>, std::set<Port>> connections_;
  std::set<FourTuple> seen_;
  std::uint64_t entries_ = 0;
  std::uint64_t foreign_held_ = 0;
  std::uint64_t foreign_connections_ = 0;
  std::uint64_t without_ends_ = 0;
  std::uint64_t too_many_ = 0;
  std::uint64_t outside_range_ = 0;
  std::uint64_t unknown_ends_ = 0;
};

std::set<Port> connected_ports(const HostGroup& host) {
  std::set<Port> ports;
  for (const HeldConnections& held : host.held_connections) {
    for (const PortRange& range : held.ports) {
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
        ports.insert(Port{static_cast<std::uint16_t>(port)});
    }
  }
  return ports;
}

}  // namespace

HostGroup host_of(const Machine& machine) { return HostBuilder(machine).build(); }

std::uint64_t ports_in_doubt(const HostGroup& host) { return connected_ports(host).size(); }

HostGroup with_ports_bound(HostGroup host) {
  for (const PortRange& range : ranges_of(connected_ports(host)))
    host.held_ports.push_back({IpAddress::loopback(Family::inet), range, false});
  host.held_connections.clear();
  return host;
}

}  // namespace netlimits

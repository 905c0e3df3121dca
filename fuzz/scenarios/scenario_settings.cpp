// What hosts of a random scenario are set to, and what they hold before anything happens.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::fuzz {

// One that the system does not have, or whose value it refuses, is left out.
void ScenarioDraft::set(HostGroup& host, const std::string& name, const std::string& value) {
  const std::string& system = host.profile->system;
  const auto known = setting_named(system, name);
  if (!known || known->scope == SettingScope::fixed || host.profile->settings_absent.contains(name)) return;
  if (!write_setting(host.settings, system, name, value)) return;
  host.set_by_scenario[name] = value;
}

std::string ScenarioDraft::some_port_range() {
  const std::uint32_t ports = draws_.drawn(60) ? 2 * draws_.between(1, 8) : draws_.between(1, 13);
  return fmt::format("{} {}", first_automatic_port, first_automatic_port + ports - 1);
}

void ScenarioDraft::add_settings(HostGroup& host, bool serves) {
  if (host.profile->system == "linux") {
    add_linux_settings(host, serves);
  } else {
    add_other_settings(host);
  }
  // In the order in which a loader writes them, so that the result is the same.
  Settings written = host.profile->settings;
  const auto order = writing_order(written, host.profile->system, host.set_by_scenario);
  if (!order) return;
  for (const auto& [name, text] : *order) static_cast<void>(write_setting(written, host.profile->system, name, text));
  host.settings = written;
}

void ScenarioDraft::add_linux_settings(HostGroup& host, bool serves) {
  const auto sometimes = [&](std::uint32_t per_cent, const char* name, std::initializer_list<const char*> values) {
    if (!draws_.drawn(per_cent)) return;
    const char* const value = draws_.one_of(values);
    set(host, name, value);
  };
  if (draws_.drawn(serves ? 20 : 75)) set(host, "net.ipv4.ip_local_port_range", some_port_range());
  sometimes(15, "net.ipv4.ip_local_reserved_ports", {"40001", "40000,40003", "40002-40004,50000"});
  // A sandbox is not given two minutes for an answer that does not come.
  sometimes(options_.for_a_sandbox ? 100 : 70, "net.ipv4.tcp_syn_retries", {"1", "2"});
  sometimes(50, "net.ipv4.tcp_syn_linear_timeouts", {"0", "1"});
  sometimes(20, "net.ipv4.tcp_synack_retries", {"0", "1", "2"});
  sometimes(35, "net.ipv4.tcp_tw_reuse", {"0", "1", "1", "2"});
  sometimes(10, "net.ipv4.tcp_timestamps", {"0", "1"});
  sometimes(10, "net.ipv4.tcp_tw_reuse_delay", {"1", "500", "5000"});
  sometimes(10, "net.ipv4.tcp_max_tw_buckets", {"0", "1", "3", "10"});
  sometimes(10, "net.ipv4.tcp_fin_timeout", {"1", "5"});
  sometimes(5, "net.ipv4.ip_autobind_reuse", {"1"});
  sometimes(5, "net.ipv4.ip_unprivileged_port_start", {"0", "80"});
  if (!serves) return;
  sometimes(20, "net.core.somaxconn", {"0", "1", "2", "5"});
  sometimes(15, "net.ipv4.tcp_max_syn_backlog", {"1", "2", "8"});
  sometimes(20, "net.ipv4.tcp_syncookies", {"0", "1", "2"});
  sometimes(10, "net.ipv4.tcp_abort_on_overflow", {"1"});
  sometimes(20, "net.ipv6.bindv6only", {"1"});
}

void ScenarioDraft::add_other_settings(HostGroup& host) {
  if (host.profile->system == "windows") {
    if (draws_.drawn(60)) set(host, "netsh int ipv4 dynamicport tcp", "start=40000 num=255");
    if (draws_.drawn(30)) set(host, "TcpTimedWaitDelay", "30");
    return;
  }
  if (draws_.drawn(60)) {
    const std::uint32_t ports = draws_.between(1, 13);
    set(host, "net.inet.ip.portrange.first", fmt::format("{}", first_automatic_port));
    set(host, "net.inet.ip.portrange.last", fmt::format("{}", first_automatic_port + ports - 1));
  }
  if (draws_.drawn(20)) set(host, "kern.ipc.somaxconn", draws_.one_of({"1", "2", "5"}));
  if (draws_.drawn(20)) set(host, "net.inet.tcp.msl", draws_.one_of({"100", "1000"}));
}

std::vector<IpAddress> ScenarioDraft::held_addresses(const HostGroup& host) const {
  std::vector<IpAddress> found{IpAddress::loopback(Family::inet), IpAddress::loopback(Family::inet6)};
  if (host.count > 1) return found;
  for (const AddressBlock& own : host.addresses) found.push_back(own.address);
  return found;
}

void ScenarioDraft::add_held_ports(HostGroup& host) {
  std::vector<IpAddress> addresses = held_addresses(host);
  addresses.push_back(IpAddress::any(Family::inet));
  addresses.push_back(IpAddress::any(Family::inet6));
  std::set<Port> taken;
  for (std::uint32_t entries = draws_.between(1, 3); entries > 0; --entries) {
    HeldPorts held;
    held.address = draws_.one_of(addresses);
    const std::uint32_t first = first_automatic_port + draws_.below(8);
    const std::uint32_t last = first + (draws_.drawn(25) ? 1 : 0);
    held.ports = {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
    held.listens = draws_.drawn(60);
    const bool free = std::none_of(host.processes.begin(), host.processes.end(), [&](const Process& process) {
      return std::any_of(process.listeners.begin(), process.listeners.end(), [&](const Listener& listener) {
        return held.ports.contains(listener.endpoint.port) &&
               addresses_meet(held.address, listener.endpoint.address, host.settings.ipv6_only_by_default);
      });
    });
    if (!free || taken.contains(held.ports.first) || taken.contains(held.ports.last)) continue;
    taken.insert(held.ports.first);
    taken.insert(held.ports.last);
    host.held_ports.push_back(held);
  }
}

void ScenarioDraft::add_held_connections(HostGroup& host) {
  const std::vector<IpAddress> addresses = held_addresses(host);
  std::set<Port> taken;  // each port once, and none where somebody listens: it could not be opened beside them
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) taken.insert(listener.endpoint.port);
  }
  for (const HeldPorts& held : host.held_ports) taken.insert({held.ports.first, held.ports.last});
  std::uint64_t ended = 0;
  const auto some_state = [this] {
    return draws_.one_of({HeldConnectionState::open, HeldConnectionState::time_wait, HeldConnectionState::fin_wait_2});
  };
  for (std::uint32_t entries = draws_.between(1, 3); entries > 0; --entries) {
    HeldConnections held;
    held.from = draws_.one_of(addresses);
    const bool six = !held.from.is_v4();
    const IpAddress peer = six ? *IpAddress::parse("2001:db8:1::a") : *IpAddress::parse("10.1.0.10");
    held.to = {held.from.is_loopback() ? held.from : peer, Port{draws_.one_of<std::uint16_t>({80, 443, 8080})}};
    held.state = options_.for_a_sandbox ? HeldConnectionState::open : some_state();
    if (held.state != HeldConnectionState::open) {
      const bool waits = held.state == HeldConnectionState::time_wait;
      const Duration whole = waits ? host.settings.time_wait : host.settings.fin_timeout;
      held.ends_after = std::max(Duration::zero(), draws_.drawn(50) ? whole : whole / 2);
    }
    for (std::uint32_t ports = draws_.between(1, 4); ports > 0; --ports) {
      const Port port{static_cast<std::uint16_t>(first_automatic_port + draws_.below(10))};
      const bool lasts = held.state == HeldConnectionState::open;
      if (!lasts && ended >= host.settings.max_time_wait_buckets) continue;
      if (!taken.insert(port).second) continue;
      if (!lasts) ++ended;
      held.ports.push_back({port, port});
    }
    if (!held.ports.empty()) host.held_connections.push_back(held);
  }
}

// The file table has room for what is there from the beginning, and perhaps for little more.
void ScenarioDraft::add_file_limits(HostGroup& host) {
  if (options_.for_a_sandbox) return;
  std::uint64_t used = 0;
  for (const Process& process : host.processes) {
    used += process.count * process.own_descriptors;
    for (const Listener& listener : process.listeners) used += listener.inherited ? 1 : process.count;
  }
  for (const HeldPorts& held : host.held_ports) used += held.ports.size().value;
  if (draws_.drawn(6)) host.open_files = used + draws_.below(5);
  if (host.profile->system != "linux" || !draws_.drawn(12)) return;
  set(host, "fs.file-max", fmt::format("{}", std::max(used, host.open_files) + draws_.below(25)));
}

}  // namespace netlimits::fuzz

// The ports of a range less those that a pool cannot give, marked in one field of bits; and the port that an odd range
// may miss.
#include "analysis/port_pool.hpp"

#include <vector>

namespace netlimits::analysis {
namespace {

constexpr std::size_t port_field = 65536;

bool same_port_space(const IpAddress& holder, const IpAddress& asker) {
  const IpAddress held = holder.unmapped();
  const IpAddress asked = asker.unmapped();
  if (held.is_wildcard() && !held.is_v4()) return true;  // [::] takes IPv4 in too unless it says otherwise
  if (held.family() != asked.family()) return false;
  return held.is_wildcard() || asked.is_wildcard() || held == asked;
}

// Does a socket bound to `holder` keep the port out of this pool?
bool keeps_out(const Rules& rules, const PoolKind& kind, const IpAddress& holder) {
  if (kind.sharing == PortSharing::host_port) return true;
  if (!kind.by_bind && rules.connect_skips_bind_bound) return true;
  return same_port_space(holder, kind.source);
}

bool same_endpoint(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.address.unmapped() == b.address.unmapped();
}

// Does a connection that is there already keep its ports out of this pool?
bool holds_port(const HostGroup& host, const PoolKind& kind, const HeldConnections& held,
                const std::optional<Endpoint>& destination) {
  switch (kind.sharing) {
    case PortSharing::host_port:
      return true;
    case PortSharing::local_addr_port:
      return same_port_space(held.from, kind.source);
    case PortSharing::four_tuple:
      return destination && same_endpoint(held.to, *destination) && held.from == kind.source.unmapped() &&
             blocks_connect(host, held);
  }
  return true;
}

}  // namespace

bool blocks_connect(const HostGroup& host, const HeldConnections& held) {
  const Settings& settings = host.settings;
  if (held.state != HeldConnectionState::time_wait || !settings.timestamps) return true;
  const bool loopback = held.from.is_loopback() || held.to.address.is_loopback();
  if (settings.time_wait_reuse == TimeWaitReuse::never) return true;
  if (settings.time_wait_reuse == TimeWaitReuse::loopback_only && !loopback) return true;
  const Duration gone_by = settings.time_wait - held.ends_after;
  // Before tcp_tw_reuse_delay: more than one second by a clock of whole seconds, of which the scenario begins one.
  if (!host.profile->rules.time_wait_reuse_delay_exists) return gone_by <= std::chrono::seconds(1);
  return gone_by < settings.time_wait_reuse_delay;
}

std::optional<PoolKind> pool_kind(const Rules& rules, const BindStyle& style, const IpAddress& source) {
  if (std::holds_alternative<BindExplicit>(style)) return std::nullopt;
  const bool by_bind = std::holds_alternative<BindAddress>(style) ||
                       (std::holds_alternative<BindAddressNoPort>(style) && !rules.bind_no_port);
  PoolKind kind{.sharing = by_bind ? rules.bound_sharing : rules.connect_sharing, .by_bind = by_bind, .source = source};
  if (kind.sharing == PortSharing::host_port) {
    kind.source = IpAddress{};
    kind.by_bind = false;  // one pool for both
  }
  return kind;
}

Interval automatic_ports(const HostGroup& host, const PoolKind& kind, const std::optional<Endpoint>& destination) {
  const Rules& rules = host.profile->rules;
  const PortRange range = host.settings.local_port_range;
  std::vector<bool> usable(port_field, false);
  const auto set = [&](const PortRange& ports, bool value) {
    for (std::uint32_t port = ports.first.value; port <= ports.last.value; ++port) usable[port] = value;
  };
  set(range, true);
  usable[0] = false;
  for (const PortRange& reserved : host.settings.reserved_ports) set(reserved, false);
  for (const PortRange& withheld : host.profile->never_automatic) set(withheld, false);
  for (const HeldPorts& held : host.held_ports) {
    if (keeps_out(rules, kind, held.address)) set(held.ports, false);
  }
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) {
      if (keeps_out(rules, kind, listener.endpoint.address)) {
        set({listener.endpoint.port, listener.endpoint.port}, false);
      }
    }
  }
  for (const HeldConnections& held : host.held_connections) {
    if (!holds_port(host, kind, held, destination)) continue;
    for (const PortRange& ports : held.ports) set(ports, false);
  }
  std::uint64_t count = 0;
  for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) count += usable[port] ? 1 : 0;

  const std::uint32_t size = range.size().value;
  const bool by_parity = kind.by_bind ? rules.bind_avoids_low_parity : rules.connect_prefers_low_parity;
  const bool top = usable[range.last.value];
  const bool low = usable[range.first.value];
  if (!by_parity || size % 2 == 0 || size == 1 || count == 0) return Interval::exactly(count);
  if (size == 3) return Interval::exactly(top ? count - 1 : count);  // the offset is always 0: the top one is missed
  return {low || top ? count - 1 : count, count};
}

}  // namespace netlimits::analysis

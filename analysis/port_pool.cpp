// The size of a pool, the parity of its range looked at.
#include "analysis/port_pool.hpp"

#include "model/scenario/time_wait_takeover.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {

Interval automatic_ports(const HostGroup& host, const PoolKind& kind, const std::optional<Endpoint>& destination,
                         Duration after) {
  const Rules& rules = host.profile->rules;
  const PortRange range = host.settings.local_port_range;
  const PortSet withheld = destination ? withheld_ports(host.settings, host, kind, *destination, after)
                                       : withheld_ports(host.settings, host, kind, after);
  const std::uint64_t count = withheld.count_outside(range).value;
  const std::uint32_t size = range.size().value;
  const bool by_parity = kind.by_bind ? rules.has(Rule::bind_first_parity) : rules.has(Rule::connect_first_parity);
  const bool top = !withheld.contains(range.last.value);
  const bool low = !withheld.contains(range.first.value);
  if (!by_parity || size % 2 == 0 || size == 1 || count == 0) return Interval::exactly(count);
  if (size == 3) return Interval::exactly(top ? count - 1 : count);  // the offset is always 0: the top one is missed
  return {low || top ? count - 1 : count, count};
}

std::uint64_t held_tuples(const HostGroup& host, const IpAddress& local, const Endpoint& to) {
  std::uint64_t held = 0;
  for (const HeldConnections& those : host.held_connections) {
    if (those.from != local.unmapped() || those.to.port != to.port || those.to.address != to.address.unmapped() ||
        may_be_taken_over(host.settings, host.profile->rules, those)) {
      continue;
    }
    for (const PortRange& range : those.ports) held += range.size().value;
  }
  return held;
}

}  // namespace netlimits::analysis

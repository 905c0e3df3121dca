// The range of automatic ports: as many ports as the figure says. It grows up to 65535 first, where no listener of old
// is found, and then down to 1024 (net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range(); netsh begins at 1025,
// support.microsoft.com/kb/929851).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t last_port = 65535;

std::uint64_t lowest_port(const HostGroup& host) {
  if (host.profile->system == "windows") return 1025;
  return std::max<std::uint64_t>(1024, host.settings.unprivileged_port_start);
}

// By system: both ends in one setting, or one each.
SettingLines range_settings(const HostGroup& host, const PortRange& range) {
  const auto [first, last] = std::pair(range.first.value, range.last.value);
  if (host.profile->system == "linux") return {{"net.ipv4.ip_local_port_range", fmt::format("{} {}", first, last)}};
  if (host.profile->system == "windows")
    return {{"netsh int ipv4 dynamicport tcp", fmt::format("start={} num={}", first, range.size().value)}};
  return {{"net.inet.ip.portrange.last", fmt::format("{}", last)},
          {"net.inet.ip.portrange.first", fmt::format("{}", first)}};
}

std::vector<DialPlace> port_range_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::ephemeral_ports ? its_host(limit) : std::vector<DialPlace>{};
}

std::optional<DialRange> port_range_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  const PortRange& range = host.settings.local_port_range;
  for (const auto& [name, value] : range_settings(host, range)) {
    if (!has_setting(host, name)) return std::nullopt;
  }
  const std::uint64_t lowest = std::min<std::uint64_t>(lowest_port(host), range.first.value);
  return DialRange{range.size().value, last_port - lowest + 1};
}

void turn_port_range(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  HostGroup& host = host_at(scenario, place);
  const PortRange now = host.settings.local_port_range;
  const std::uint64_t more = figure - before;
  const std::uint64_t above = std::min(more, last_port - now.last.value);
  const PortRange after{Port{static_cast<std::uint16_t>(now.first.value - (more - above))},
                        Port{static_cast<std::uint16_t>(now.last.value + above)}};
  for (const auto& [name, value] : range_settings(host, after)) set(host, name, value);
}

std::string port_range_value(const Scenario& scenario, const DialPlace& place) {
  const PortRange& range = host_at(scenario, place).settings.local_port_range;
  return fmt::format("{}-{}", range.first.value, range.last.value);
}

SettingLines port_range_settings(const Scenario& scenario, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  return range_settings(host, host.settings.local_port_range);
}

}  // namespace

Knob port_range_knob() {
  return {.name = "port_range",
          .unit = "ports",
          .cost = {.once = 2},
          .against = port_range_against,
          .range = port_range_range,
          .turn = turn_port_range,
          .value = port_range_value,
          .settings = port_range_settings};
}

}  // namespace netlimits::analysis

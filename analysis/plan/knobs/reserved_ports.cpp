// Ports of the automatic range that are reserved (net.ipv4.ip_local_reserved_ports) are given back, the highest first.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/net/port_list.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::string_view reserved_name = "net.ipv4.ip_local_reserved_ports";

std::vector<DialPlace> reserved_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::ephemeral_ports ? its_host(limit) : std::vector<DialPlace>{};
}

std::optional<DialRange> reserved_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  std::uint64_t reserved = 0;
  for (const PortRange& range : host.settings.reserved_ports) reserved += range.size().value;
  if (reserved == 0 || !has_setting(host, reserved_name)) return std::nullopt;
  return DialRange{0, reserved};
}

void turn_reserved(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  HostGroup& host = host_at(scenario, place);
  std::vector<PortRange> kept = host.settings.reserved_ports;
  while (figure > 0) {
    PortRange& last = kept.back();
    const std::uint64_t size = last.size().value;
    if (size <= figure) {
      figure -= size;
      kept.pop_back();
    } else {
      last.last = Port{static_cast<std::uint16_t>(last.last.value - figure)};
      figure = 0;
    }
  }
  set(host, reserved_name, port_list_text(kept));
}

std::string reserved_value(const Scenario& scenario, const DialPlace& place) {
  const std::string text = port_list_text(host_at(scenario, place).settings.reserved_ports);
  return text.empty() ? "none" : text;
}

SettingLines reserved_settings(const Scenario& scenario, const DialPlace& place) {
  return {{std::string(reserved_name), port_list_text(host_at(scenario, place).settings.reserved_ports)}};
}

}  // namespace

Knob reserved_ports_knob() {
  return {.name = "reserved_ports",
          .unit = "ports given back",
          .cost = {.once = 3},
          .against = reserved_against,
          .range = reserved_range,
          .turn = turn_reserved,
          .value = reserved_value,
          .settings = reserved_settings};
}

}  // namespace netlimits::analysis

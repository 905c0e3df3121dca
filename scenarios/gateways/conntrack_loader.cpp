// One line for each time-out; then who uses the tables.
#include "scenarios/gateways/conntrack_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "model/scenario/json_pointer.hpp"
#include "model/scenario/wiring.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

struct TableTime {
  std::string_view key;
  Duration ConntrackSettings::*of;
  std::string_view at_gateway;  // what a gateway calls it; nothing: it has no such time
};
constexpr TableTime table_times[] = {
    {"nf_conntrack_tcp_timeout_syn_sent", &ConntrackSettings::syn_sent, "half_open"},
    {"nf_conntrack_tcp_timeout_syn_recv", &ConntrackSettings::syn_recv, ""},
    {"nf_conntrack_tcp_timeout_fin_wait", &ConntrackSettings::fin_wait, "half_closed"},
    {"nf_conntrack_tcp_timeout_close_wait", &ConntrackSettings::close_wait, "half_closed"},
    {"nf_conntrack_tcp_timeout_last_ack", &ConntrackSettings::last_ack, ""},
    {"nf_conntrack_tcp_timeout_time_wait", &ConntrackSettings::time_wait, "hold_after_close"},
    {"nf_conntrack_tcp_timeout_close", &ConntrackSettings::close, "hold_after_reset"},
};

// 64 GiB of entries: no machine has more (nf_conntrack_max is an int).
constexpr std::int64_t most_entries = 2147483647;

// Hosts that a workload's connections come to.
std::set<const HostGroup*> reached_by(const Wiring& wiring, const Workload& workload) {
  std::set<const HostGroup*> reached;
  for (const Endpoint& to : workload.to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::balancer) {
      reached.insert(target.host);
      continue;
    }
    for (const Endpoint& back_end : target.balancer->back_ends)
      reached.insert(wiring.behind(*target.balancer, back_end).host);
  }
  reached.erase(nullptr);
  return reached;
}

void check_host_table(const Field& table_at, const Scenario& scenario, const Wiring& wiring, const HostGroup& host) {
  const std::string* begins = nullptr;
  const std::string* comes = nullptr;
  for (const auto& [name, workload] : scenario.workloads) {
    if (workload.from_host == host.name) begins = &name;
    if (reached_by(wiring, workload).contains(&host)) comes = &name;
  }
  if (begins == nullptr || comes == nullptr) return;
  table_at.complain(
      fmt::format("{} begins on {} and {} comes there: one table for both is not modelled yet by this version", *begins,
                  host.name, *comes),
      "make it two hosts, each with its part of nf_conntrack_max");
}

void check_gateway_table(const Field& table_at, const Scenario& scenario, const Wiring& wiring,
                         const Gateway& gateway) {
  for (const auto& named : scenario.workloads) {
    const Workload& workload = named.second;
    if (wiring.gateway_of(workload.from_host) != &gateway) continue;
    const bool passes_by = std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
      return wiring.of(workload.from_host, to).gateway != &gateway;
    });
    if (!passes_by) continue;
    table_at.complain(fmt::format("{} has destinations that it reaches without {}, whose table it fills otherwise",
                                  workload.name, gateway.name),
                      "make those that stay inside come from hosts of their own");
    return;
  }
}

}  // namespace

std::optional<ConntrackSettings> load_conntrack(const Field& field, TableOf of) {
  const ObjectReader reader(field, conntrack_keys);
  if (!reader.is_object()) return std::nullopt;
  ConntrackSettings table;
  const auto count = [&](const std::optional<Field>& at, std::int64_t least, std::uint64_t& into) {
    if (at) into = static_cast<std::uint64_t>(at->integer(least, most_entries).value_or(least));
  };
  count(reader.need("nf_conntrack_max", "how many entries it has room for"), 1, table.max);
  table.buckets = std::max<std::uint64_t>(table.max, 1);
  count(reader.get("nf_conntrack_buckets"), 1, table.buckets);
  const auto held = reader.get("held");
  count(held, 0, table.held);
  if (held && table.held > table.max)
    held->complain(fmt::format("{} entries are held in a table of {}", table.held, table.max));
  for (const TableTime& time : table_times) {
    const auto at = reader.get(time.key);
    if (!at) continue;
    if (of == TableOf::gateway) {
      at->complain(fmt::format("{} is a time of the gateway itself", time.key),
                   time.at_gateway.empty() ? "" : fmt::format("say \"{}\" beside \"conntrack\"", time.at_gateway));
      continue;
    }
    table.*time.of = duration_of(*at, std::chrono::seconds(1)).value_or(table.*time.of);
  }
  return table;
}

nlohmann::ordered_json conntrack_value(const ConntrackSettings& table, TableOf of) {
  const ConntrackSettings usual;
  nlohmann::ordered_json made;
  if (table.held != 0) made["held"] = table.held;
  if (table.buckets != table.max) made["nf_conntrack_buckets"] = table.buckets;
  made["nf_conntrack_max"] = table.max;
  if (of == TableOf::gateway) return made;
  for (const TableTime& time : table_times) {
    if (table.*time.of != usual.*time.of) made[std::string(time.key)] = duration_text(table.*time.of);
  }
  return made;
}

void check_conntrack(const Field& scenario_field, const Scenario& scenario) {
  const Wiring wiring(scenario);
  const auto table_at = [&](std::string_view kind, const std::string& name) {
    Field at = scenario_field;
    for (const std::string_view step : {kind, std::string_view(name), std::string_view("conntrack")})
      at = Field(*at.node().member(step), pointer_to(at.pointer(), step), at.errors());
    return at;
  };
  for (const auto& [name, host] : scenario.hosts)
    if (host.conntrack) check_host_table(table_at("hosts", name), scenario, wiring, host);
  for (const auto& [name, gateway] : scenario.gateways)
    if (gateway.conntrack) check_gateway_table(table_at("gateways", name), scenario, wiring, gateway);
}

}  // namespace netlimits::scenarios

// Which figures of a profile each limit depends on, and the settings by which a scenario says them itself.
#include "report/sentence/unsourced.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "model/systems/os_profile.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"

namespace netlimits::report {
namespace {

// The keys of docs/profiles.md.
std::vector<std::string_view> figures_behind(Limit limit) {
  switch (limit) {
    case Limit::fd_per_process:
      return {"nofile_soft", "own_descriptors", "descriptors_bind", "descriptors_exhausted"};
    case Limit::fd_per_host:
      return {"file_max", "files_exhausted"};
    case Limit::ephemeral_ports:
      return {"local_port_range", "never_automatic",         "reserved_ports",       "connect_sharing",
              "bound_sharing",    "ports_exhausted_connect", "ports_exhausted_bind", "connect_skips_bind_bound"};
    case Limit::four_tuple:
      return {"four_tuple_taken"};
    case Limit::port_in_use:
      return {"address_in_use"};
    case Limit::listen_backlog:
      return {"somaxconn", "accept_queue", "full_queue_refuses", "abort_on_overflow"};
    case Limit::syn_backlog:
      return {"max_syn_backlog", "syncookies", "syn_queue_plus_one", "somaxconn"};
    case Limit::time_wait_buckets:
      return {"max_time_wait_buckets", "time_wait"};
    case Limit::orphans:
      return {"max_orphans"};
    default:
      return {};
  }
}

// Does the scenario say the figure, by a setting of the host's system? Of descriptors each process says its own.
bool is_said(const HostGroup& host, std::string_view figure) {
  static const std::map<std::string_view, std::vector<std::string>> settings{
      {"file_max", {"fs.file-max", "kern.maxfiles"}},
      {"local_port_range",
       {"net.ipv4.ip_local_port_range", "netsh int ipv4 dynamicport tcp", "net.inet.ip.portrange.first",
        "net.inet.ip.portrange.last"}},
      {"reserved_ports", {"net.ipv4.ip_local_reserved_ports"}},
      {"somaxconn", {"net.core.somaxconn", "kern.ipc.somaxconn", "kern.ipc.soacceptqueue"}},
      {"abort_on_overflow", {"net.ipv4.tcp_abort_on_overflow"}},
      {"max_syn_backlog", {"net.ipv4.tcp_max_syn_backlog"}},
      {"syncookies", {"net.ipv4.tcp_syncookies", "net.inet.tcp.syncookies"}},
      {"max_time_wait_buckets", {"net.ipv4.tcp_max_tw_buckets"}},
      {"time_wait", {"TcpTimedWaitDelay", "net.inet.tcp.msl"}},
      {"max_orphans", {"net.ipv4.tcp_max_orphans"}},
  };
  const auto names = settings.find(figure);
  return names != settings.end() &&
         std::any_of(names->second.begin(), names->second.end(),
                     [&](const std::string& name) { return host.set_by_scenario.contains(name); });
}

// Of the kind of gateway whose ports ran out: what says how many there are. One that the scenario says otherwise is its
// own.
void add_figures_of(const Gateway& gateway, std::map<std::string, std::set<std::string>>& found) {
  const auto kind = scenarios::gateway_kinds().find(gateway.kind);
  if (kind == scenarios::gateway_kinds().end()) return;
  const NatSettings& usual = kind->second.nat;
  const auto add = [&](const char* figure, bool is_usual) {
    const auto known = kind->second.provenance.find(figure);
    if (is_usual && known != kind->second.provenance.end() && known->second.confidence == "unsourced")
      found[gateway.kind].emplace(figure);
  };
  if (gateway.nat.block != 0) return add("block", gateway.nat.block == usual.block);
  if (gateway.nat.per_destination != 0)
    return add("per_destination", gateway.nat.per_destination == usual.per_destination);
  add("ports", gateway.nat.ports == usual.ports);
}

}  // namespace

std::string unsourced_figures(const Scenario& scenario, std::span<const PlacedLimit> limits) {
  std::map<std::string, std::set<std::string>> found;  // by profile
  for (const PlacedLimit& one : limits) {
    if (const auto* at_gateway = std::get_if<GatewayPlace>(&one.place.what)) {
      const auto gateway = scenario.gateways.find(std::string(at_gateway->gateway.view()));
      if (gateway != scenario.gateways.end()) add_figures_of(gateway->second, found);
      continue;
    }
    const HostPlace* const place = one.place.host();
    const auto host = place != nullptr ? scenario.hosts.find(std::string(place->name.view())) : scenario.hosts.end();
    if (host == scenario.hosts.end()) continue;
    const OsProfile& profile = *host->second.profile;
    for (const std::string_view figure : figures_behind(one.limit)) {
      const auto known = profile.provenance.find(std::string(figure));
      const bool unsourced = known != profile.provenance.end() && known->second.confidence == "unsourced";
      if (unsourced && !is_said(host->second, figure)) found[profile.name].emplace(figure);
    }
  }
  std::vector<std::string> words;
  for (const auto& [profile, figures] : found)
    words.push_back(fmt::format("{} of {}", fmt::join(figures, ", "), profile));
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace netlimits::report

#include "analysis/plan/knobs/parts.hpp"

#include <algorithm>
#include <stdexcept>

#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::analysis {

bool is_one_of(Limit limit, std::initializer_list<Limit> kinds) {
  return std::find(kinds.begin(), kinds.end(), limit) != kinds.end();
}

HostGroup& host_at(Scenario& scenario, const DialPlace& place) { return scenario.hosts.at(place.host); }
const HostGroup& host_at(const Scenario& scenario, const DialPlace& place) { return scenario.hosts.at(place.host); }

Process& process_at(Scenario& scenario, const DialPlace& place) {
  for (Process& process : host_at(scenario, place).processes) {
    if (process.name == place.process) return process;
  }
  throw std::logic_error("a dial of a process that is not there");
}

const Process* process_at(const Scenario& scenario, const DialPlace& place) {
  const auto host = scenario.hosts.find(place.host);
  return host == scenario.hosts.end() ? nullptr : process_named(host->second, place.process);
}

std::vector<DialPlace> its_host(const PlacedLimit& limit) {
  const HostPlace* const host = limit.place.host();
  if (host == nullptr) return {};
  return {{.host = std::string(host->name.view())}};
}

std::vector<DialPlace> its_process(const PlacedLimit& limit) {
  std::string process;
  if (const auto* of_process = std::get_if<ProcessPlace>(&limit.place.what)) process = of_process->process.view();
  if (const auto* of_listener = std::get_if<ListenerPlace>(&limit.place.what)) process = of_listener->process.view();
  if (process.empty()) return {};
  return {{.host = std::string(limit.place.host()->name.view()), .process = process}};
}

std::vector<const Workload*> users_of(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<const Workload*> users;
  for (const auto& [name, workload] : scenario.workloads) {
    if (uses_place(wiring, workload, limit)) users.push_back(&workload);
  }
  return users;
}

bool serves_all_destinations(const PlacedLimit& limit) {
  const auto* const way = std::get_if<OutboundPlace>(&limit.place.what);
  return way != nullptr && std::holds_alternative<All>(way->destination);
}

bool ends(const Workload& workload) { return !std::holds_alternative<HoldForever>(workload.hold); }

std::vector<ServerOf> servers_of(const Wiring& wiring, const Workload& workload) {
  std::vector<ServerOf> servers;
  for (const Endpoint& to : workload.to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::listener || target.own || to.address.is_loopback()) continue;
    const std::string& process = target.host->processes[target.process].name;
    auto known = std::find_if(servers.begin(), servers.end(), [&](const ServerOf& one) {
      return one.host == target.host->name && one.process == process;
    });
    if (known == servers.end()) known = servers.insert(servers.end(), {target.host->name, process, {}});
    if (std::find(known->endpoints.begin(), known->endpoints.end(), to) == known->endpoints.end())
      known->endpoints.push_back(to);
  }
  return servers;
}

bool has_setting(const HostGroup& host, std::string_view name) {
  const auto info = setting_named(host.profile->system, name);
  return info && info->scope != SettingScope::fixed && !host.profile->settings_absent.contains(name);
}

void set(HostGroup& host, std::string_view name, const std::string& text) {
  if (!write_setting(host.settings, host.profile->system, name, text))
    throw std::logic_error("a dial was turned further than its setting goes");
  host.set_by_scenario[std::string(name)] = text;
}

}  // namespace netlimits::analysis

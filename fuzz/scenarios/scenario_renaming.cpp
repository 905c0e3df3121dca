// The same scenario under other names.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "fuzz/scenarios/scenario_relatives.hpp"

namespace netlimits::fuzz {
namespace {

using Names = std::map<std::string, std::string>;  // old to new

// No name of the generator, nor part of one, and none is part of another.
std::string new_name(std::size_t number) { return fmt::format("renamed.{:03}.", number); }

template <class Map>
Names new_names(const Map& named, bool backwards) {
  Names names;
  for (const auto& [name, unused] : named) {
    const std::size_t number = names.size() + 1;
    names[name] = new_name(backwards ? named.size() + 1 - number : number);
  }
  return names;
}

void replace(std::string& name, const Names& names) {
  const auto found = names.find(name);
  if (found != names.end()) name = found->second;
}

template <class Map>
void rename_keys(Map& named, const Names& names) {
  Map made;
  for (auto& [name, value] : named) {
    value.name = names.at(name);
    made.emplace(names.at(name), std::move(value));
  }
  named = std::move(made);
}

std::function<std::string(const std::string&)> back_to(const Names& names) {
  return [names](const std::string& figure) {
    std::string text = figure;
    for (const auto& [old_one, new_one] : names) {
      for (std::size_t at = text.find(new_one); at != std::string::npos; at = text.find(new_one, at + old_one.size()))
        text.replace(at, new_one.size(), old_one);
    }
    return text;
  };
}

Relative same_under(Scenario scenario, const Names& names, Bond of_run) {
  return {std::move(scenario), of_run, Bond::same, back_to(names)};
}

struct HostOf {
  const Names& names;
  void operator()(HostDown& event) const { replace(event.host, names); }
  void operator()(HostUp& event) const { replace(event.host, names); }
  void operator()(SettingChange& event) const { replace(event.host, names); }
  void operator()(AddressAdded& event) const { replace(event.host, names); }
  void operator()(BackEndDown&) const {}
  void operator()(BackEndUp&) const {}
};

struct BalancerOf {
  const Names& names;
  void operator()(BackEndDown& event) const { replace(event.balancer, names); }
  void operator()(BackEndUp& event) const { replace(event.balancer, names); }
  template <class Other>
  void operator()(Other&) const {}
};

void rename_ends(std::vector<Path>& paths, const Names& names) {
  for (Path& path : paths) {
    replace(path.a, names);
    replace(path.b, names);
  }
}

}  // namespace

std::optional<Relative> with_hosts_renamed(const Scenario& scenario) {
  const Names names = new_names(scenario.hosts, true);
  Scenario made = scenario;
  rename_keys(made.hosts, names);
  rename_ends(made.paths, names);
  for (auto& [name, workload] : made.workloads) replace(workload.from_host, names);
  for (auto& [name, gateway] : made.gateways) {
    for (std::string& host : gateway.hosts) replace(host, names);
  }
  for (Event& event : made.events) std::visit(HostOf{names}, event.what);
  return same_under(std::move(made), names, Bond::same_but_for_chance);
}

std::optional<Relative> with_balancers_renamed(const Scenario& scenario) {
  if (scenario.balancers.empty()) return std::nullopt;
  const Names names = new_names(scenario.balancers, true);
  Scenario made = scenario;
  rename_keys(made.balancers, names);
  rename_ends(made.paths, names);
  for (Event& event : made.events) std::visit(BalancerOf{names}, event.what);
  return same_under(std::move(made), names, Bond::same);
}

std::optional<Relative> with_processes_renamed(const Scenario& scenario) {
  Names names;
  Scenario made = scenario;
  for (auto& [host, group] : made.hosts) {
    for (Process& process : group.processes) {
      process.name = names.try_emplace(process.name, new_name(99 - names.size())).first->second;
    }
  }
  for (auto& [name, workload] : made.workloads) replace(workload.from_process, names);
  return same_under(std::move(made), names, Bond::same);
}

std::optional<Relative> with_workloads_renamed(const Scenario& scenario) {
  const Names names = new_names(scenario.workloads, false);
  Scenario made = scenario;
  rename_keys(made.workloads, names);
  return same_under(std::move(made), names, Bond::same_but_for_chance);
}

}  // namespace netlimits::fuzz

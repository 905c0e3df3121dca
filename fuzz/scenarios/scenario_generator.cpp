// Random scenarios: balancers, paths, events and the frame; hosts and workloads have files of their own.
#include "fuzz/scenarios/scenario_generator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::fuzz {

using std::chrono::milliseconds;
using std::chrono::seconds;

ScenarioDraft::ScenarioDraft(std::uint64_t seed, std::uint64_t number, const ScenarioOptions& options)
    : draws_(seed, fmt::format("scenario {}", number)), options_(options) {
  scenario_.name = fmt::format("random-{}-{}", seed, number);
  scenario_.seed = number + 1;
  plain_ = draws_.drawn(options.plain_per_cent);
}

const HostGroup& ScenarioDraft::some_host() {
  auto host = scenario_.hosts.begin();
  std::advance(host, draws_.below(scenario_.hosts.size()));
  return host->second;
}

void ScenarioDraft::add_balancers() {
  const std::vector<Endpoint> listening = reachable_endpoints();
  if (listening.empty() || !draws_.drawn(35)) return;
  const std::uint32_t how_many = draws_.drawn(25) ? 2 : 1;
  for (std::uint32_t i = 0; i < how_many; ++i) {
    Balancer balancer;
    balancer.name = i == 0 ? "lb" : "other-lb";
    const Family family = draws_.one_of(listening).address.family();
    balancer.endpoint = *Endpoint::parse(family == Family::inet ? fmt::format("192.0.2.{}:443", i + 1)
                                                                : fmt::format("[2001:db8:ffff::{}]:443", i + 1));
    for (std::uint32_t left = draws_.between(1, 3); left > 0; --left) {
      const Endpoint& back_end = draws_.one_of(listening);
      const bool known =
          std::find(balancer.back_ends.begin(), balancer.back_ends.end(), back_end) != balancer.back_ends.end();
      if (back_end.address.family() == family && !known) balancer.back_ends.push_back(back_end);
    }
    if (draws_.drawn(30)) balancer.notices_after = some_time();
    if (!balancer.back_ends.empty()) scenario_.balancers.emplace(balancer.name, std::move(balancer));
  }
}

// Without paths all is one place. With them most pairs are joined, so that most destinations are within reach.
void ScenarioDraft::add_paths() {
  if (draws_.drawn(50)) return;
  std::vector<std::string> sites;
  for (const auto& [name, host] : scenario_.hosts) sites.push_back(name);
  for (const auto& [name, balancer] : scenario_.balancers) sites.push_back(name);
  for (std::size_t a = 0; a < sites.size(); ++a) {
    for (std::size_t b = a; b < sites.size(); ++b) {
      if (!draws_.drawn(a == b ? 10 : 90)) continue;
      const Duration round_trip = std::chrono::microseconds(draws_.one_of({0, 100, 1000, 10'000, 50'000, 200'000}));
      scenario_.paths.push_back({sites[a], sites[b], round_trip});
    }
  }
}

std::optional<Event> ScenarioDraft::some_setting_change() {
  const HostGroup& host = some_host();
  if (host.profile->system != "linux") return std::nullopt;
  SettingChange change{host.name, "net.ipv4.ip_local_port_range", some_port_range()};
  switch (draws_.below(5)) {
    case 0:
      change = {host.name, "net.ipv4.tcp_tw_reuse", draws_.one_of({"0", "1", "2"})};
      break;
    case 1:
      change = {host.name, "net.core.somaxconn", draws_.one_of({"0", "2", "128"})};
      break;
    case 2:
      change = {host.name, "net.ipv4.tcp_max_tw_buckets", draws_.one_of({"1", "5", "1000"})};
      break;
    default:
      break;
  }
  // Legal at any time: the events leave no lower bound of ports that could stand in the way.
  return Event{SimTime(some_time()), std::move(change)};
}

std::optional<Event> ScenarioDraft::some_event() {
  const SimTime at(some_time());
  const std::uint32_t kind = draws_.below(100);
  if (kind < 45) {
    const HostGroup& host = some_host();
    const std::uint64_t instance = draws_.below(host.count);
    if (kind < 25) return Event{at, HostDown{host.name, instance}};
    return Event{at, HostUp{host.name, instance}};
  }
  if (kind < 65) {
    if (scenario_.balancers.empty()) return std::nullopt;
    const Balancer& balancer = scenario_.balancers.begin()->second;
    const Endpoint& back_end = draws_.one_of(balancer.back_ends);
    if (kind < 55) return Event{at, BackEndDown{balancer.name, back_end}};
    return Event{at, BackEndUp{balancer.name, back_end}};
  }
  if (kind < 90) return some_setting_change();
  const HostGroup& host = some_host();
  if (host.count > 1) return std::nullopt;
  const IpAddress added =
      draws_.drawn(50) ? IpAddress::v4(10U << 24U | 250U << 16U | 1U) : *IpAddress::parse("2001:db8:250::1");
  return Event{at, AddressAdded{host.name, AddressBlock::single(added)}};
}

void ScenarioDraft::add_events() {
  if (plain_ || !draws_.drawn(40)) return;
  bool address_added = false;
  for (std::uint32_t left = draws_.between(1, 4); left > 0; --left) {
    const auto event = some_event();
    if (!event) continue;
    if (std::holds_alternative<AddressAdded>(event->what)) {
      if (address_added) continue;
      address_added = true;
    }
    scenario_.events.push_back(*event);
  }
  std::stable_sort(scenario_.events.begin(), scenario_.events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
}

void ScenarioDraft::add_frame() {
  if (draws_.drawn(25)) scenario_.window = milliseconds(draws_.one_of({100, 1000}));
  if (!plain_ && draws_.drawn(25)) scenario_.end = SimTime(milliseconds(draws_.between(1, 20'000)));
}

Scenario random_scenario(std::uint64_t seed, std::uint64_t number, const ScenarioOptions& options) {
  ScenarioDraft draft(seed, number, options);
  draft.add_hosts();
  draft.add_balancers();
  draft.add_paths();
  draft.add_workloads();
  draft.add_events();
  draft.add_frame();
  draft.add_gateways(seed, number);
  draft.add_tables(seed, number);
  return draft.take();
}

}  // namespace netlimits::fuzz

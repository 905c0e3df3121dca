// Workloads of a random scenario: who connects where, when, how bound, for how long.
#include <algorithm>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::fuzz {

using std::chrono::milliseconds;
using std::chrono::seconds;

void ScenarioDraft::add_workloads() {
  static constexpr const char* names[] = {"load", "more", "rest"};
  const std::uint32_t how_many = draws_.drawn(50) ? 1 : draws_.between(2, 3);
  for (std::uint32_t i = 0; i < how_many; ++i) add_workload(names[i]);
}

void ScenarioDraft::add_workload(const std::string& name) {
  Workload workload;
  workload.name = name;
  const bool from_anywhere = draws_.drawn(20);
  const HostGroup& from = from_anywhere ? some_host() : scenario_.hosts.at("client");
  workload.from_host = from.name;
  workload.from_process = draws_.one_of(from.processes).name;
  workload.to = destinations_of(from);
  workload.connections = draws_.drawn(40) ? draws_.between(1, 12) : draws_.between(1, 60);
  if (from.profile->system == "windows" && draws_.drawn(30)) workload.connections += 250;
  workload.arrivals = some_arrivals();
  if (draws_.drawn(15)) workload.start = SimTime(some_time());
  if (!plain_) {
    workload.hold = some_hold();
    workload.closer = draws_.one_of({Closer::client, Closer::client, Closer::server, Closer::reset});
    if (draws_.drawn(25)) workload.retry = some_retry();
  }
  add_bind(from, workload);
  scenario_.workloads.emplace(name, std::move(workload));
}

std::vector<Endpoint> ScenarioDraft::destinations_of(const HostGroup& from) {
  const std::vector<Endpoint> listening = reachable_endpoints();
  std::vector<Endpoint> own;
  for (const Process& process : from.processes) {
    for (const Listener& listener : process.listeners) {
      for (const Family family : {Family::inet, Family::inet6}) {
        const Endpoint endpoint{IpAddress::loopback(family), listener.endpoint.port};
        if (listens_at(from, endpoint)) own.push_back(endpoint);
      }
    }
  }
  std::vector<Endpoint> balancers;
  for (const auto& [name, balancer] : scenario_.balancers) balancers.push_back(balancer.endpoint);
  std::vector<Endpoint> chosen;
  for (std::uint32_t left = draws_.drawn(50) ? 1 : draws_.between(1, 4); left > 0; --left) {
    const std::uint32_t kind = draws_.below(100);
    if (kind < 4) {  // nobody, or a host that does not listen there
      chosen.push_back(*Endpoint::parse(draws_.one_of({"10.250.0.1:80", "10.1.0.10:9", "[2001:db8:1::a]:9"})));
    } else if (kind < 15 && !own.empty()) {
      chosen.push_back(draws_.one_of(own));
    } else if (kind < 45 && !balancers.empty()) {
      chosen.push_back(draws_.one_of(balancers));
    } else if (!listening.empty()) {
      chosen.push_back(draws_.one_of(listening));
    } else {
      chosen.push_back(*Endpoint::parse("10.1.0.10:9"));
    }
  }
  return chosen;
}

bool ScenarioDraft::has_usual_source(const HostGroup& from, const Workload& workload) const {
  return std::all_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
    return to.address.is_loopback() ||
           std::any_of(from.addresses.begin(), from.addresses.end(),
                       [&](const AddressBlock& own) { return own.address.family() == to.address.family(); });
  });
}

void ScenarioDraft::add_bind(const HostGroup& from, Workload& workload) {
  const std::uint32_t kind = draws_.below(100);
  if (kind < 60) return;
  if (kind < 72) {
    workload.bind = BindAddress{};
  } else if (kind < 84) {
    if (!from.profile->rules.has(Rule::option_bind_no_port)) return;
    workload.bind = BindAddressNoPort{};
  } else {
    BindExplicit bind;
    const std::uint32_t first = (draws_.drawn(50) ? first_automatic_port : 50'000U) + draws_.below(4);
    const std::uint32_t last = first + draws_.below(8);
    bind.ports.push_back({Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}});
    bind.reuse_address = draws_.drawn(40);
    workload.bind = bind;
  }
  add_sources(from, workload);
  if (workload.sources.empty() && !has_usual_source(from, workload)) workload.bind = PlainConnect{};
}

void ScenarioDraft::add_sources(const HostGroup& from, Workload& workload) {
  const Family family = workload.to.front().address.family();
  const bool loopback = workload.to.front().address.is_loopback();
  const bool alike = std::all_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
    return to.address.family() == family && to.address.is_loopback() == loopback;
  });
  if (!alike || draws_.drawn(40)) return;
  std::vector<IpAddress> own;
  if (loopback) own.push_back(IpAddress::loopback(family));
  for (const AddressBlock& one : from.addresses) {
    if (one.address.family() == family) own.push_back(one.address);
  }
  for (std::uint32_t left = draws_.between(1, 2); left > 0 && !own.empty(); --left) {
    const std::size_t at = draws_.below(own.size());
    workload.sources.push_back(own[at]);
    own.erase(own.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

Duration ScenarioDraft::some_time() { return milliseconds(draws_.one_of({0, 1, 50, 300, 1000, 2500, 7000})); }

Arrivals ScenarioDraft::some_arrivals() {
  const std::uint32_t kind = draws_.below(100);
  const std::uint64_t a_second = draws_.one_of<std::uint64_t>({1, 2, 5, 10, 20, 50, 100, 500});
  if (kind < 40) return AtOnce{};
  if (kind < 70) return ConstantRate{Duration(1'000'000'000 / static_cast<std::int64_t>(a_second))};
  if (kind < 85) return PoissonRate{a_second * 1000};
  return RampRate{draws_.drawn(50) ? 0 : a_second * 500, a_second * 1000, seconds(draws_.between(1, 5))};
}

Hold ScenarioDraft::some_hold() {
  const std::uint32_t kind = draws_.below(100);
  if (kind < 25) return HoldForever{};
  const Duration time = milliseconds(draws_.one_of({0, 1, 10, 100, 500, 1000, 5000, 60'000}));
  if (kind < 75) return HoldConstant{time};
  return HoldExponential{std::max<Duration>(time, milliseconds(1))};
}

// To connect anew needs an end and a wait: a server that always refuses would be asked for ever.
Retry ScenarioDraft::some_retry() {
  Retry retry;
  retry.attempts = draws_.below(4);
  retry.after = milliseconds(draws_.one_of({0, 10, 200, 1500}));
  retry.reconnect = draws_.drawn(30);
  if (retry.reconnect) {
    retry.after = std::max<Duration>(retry.after, milliseconds(100));
    scenario_.end = SimTime(seconds(draws_.between(2, 10)));
  }
  return retry;
}

}  // namespace netlimits::fuzz

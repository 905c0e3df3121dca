// The planted faults of the engines.
#include "fuzz/scenarios/scenario_faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace netlimits::fuzz {
namespace {

using Edit = void (*)(Scenario&);

template <Edit edit>
ScenarioEngines run_of_another(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.run = [run = right.run](const Scenario& scenario) {
    Scenario edited = scenario;
    edit(edited);
    return run(edited);
  };
  return wrong;
}

template <Edit edit>
ScenarioEngines capacity_of_another(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.capacity = [capacity = right.capacity](const Scenario& scenario) {
    Scenario edited = scenario;
    edit(edited);
    return capacity(edited);
  };
  return wrong;
}

template <void (*edit)(RunResult&)>
ScenarioEngines another_result(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.run = [run = right.run](const Scenario& scenario) {
    RunResult result = run(scenario);
    edit(result);
    return result;
  };
  return wrong;
}

template <void (*edit)(CapacityClaim&)>
ScenarioEngines another_claim(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.capacity = [capacity = right.capacity](const Scenario& scenario) {
    CapacityClaim claim = capacity(scenario);
    edit(claim);
    return claim;
  };
  return wrong;
}

template <class Change>
void each_host(Scenario& scenario, const Change& change) {
  for (auto& [name, host] : scenario.hosts) change(host);
}
template <class Change>
void each_process(Scenario& scenario, const Change& change) {
  each_host(scenario, [&](HostGroup& host) { std::for_each(host.processes.begin(), host.processes.end(), change); });
}
template <class Change>
void each_listener(Scenario& scenario, const Change& change) {
  each_process(scenario, [&](Process& one) { std::for_each(one.listeners.begin(), one.listeners.end(), change); });
}
template <class Change>
void each_workload(Scenario& scenario, const Change& change) {
  for (auto& [name, workload] : scenario.workloads) change(workload);
}

// ---- edits of a scenario
void one_more_descriptor(Scenario& scenario) {
  each_process(scenario, [](Process& one) { ++one.nofile; });
}
void one_fewer_descriptor(Scenario& scenario) {
  each_process(scenario, [](Process& one) {
    if (one.nofile > one.own_descriptors + one.listeners.size()) --one.nofile;
  });
}
void no_own_descriptors(Scenario& scenario) {
  each_process(scenario, [](Process& one) { one.own_descriptors = 0; });
}
void listeners_need_none(Scenario& scenario) {
  each_process(scenario, [](Process& one) { one.nofile += one.listeners.size(); });
}
void no_file_table(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.settings.file_max = Settings{}.file_max; });
}
void no_open_files(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.open_files = 0; });
}
void no_reserved_ports(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.settings.reserved_ports.clear(); });
}
void no_held_ports(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.held_ports.clear(); });
}
void no_held_connections(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.held_connections.clear(); });
}
void last_port_is_no_port(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) {
    PortRange& range = host.settings.local_port_range;
    if (range.last > range.first) --range.last.value;
  });
}
void queue_holds_the_backlog(Scenario& scenario) {
  each_listener(scenario, [](Listener& listener) {
    if (listener.backlog > 0) --listener.backlog;
  });
}
void no_somaxconn(Scenario& scenario) {
  each_host(scenario, [](HostGroup& host) { host.settings.somaxconn = 65'535; });
}
void all_accept(Scenario& scenario) {
  each_listener(scenario, [](Listener& listener) { listener.accept = AcceptImmediately{}; });
}
void one_source(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) {
    if (one.sources.size() > 1) one.sources.resize(1);
  });
}
void one_destination(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) { one.to.resize(1); });
}
void one_back_end(Scenario& scenario) {
  for (auto& [name, balancer] : scenario.balancers) balancer.back_ends.resize(1);
  std::erase_if(scenario.events, [](const Event& event) {
    return std::holds_alternative<BackEndDown>(event.what) || std::holds_alternative<BackEndUp>(event.what);
  });
}
void one_process(Scenario& scenario) {
  each_process(scenario, [](Process& one) { one.count = 1; });
}
void binds_as_plain_connect(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) {
    if (std::holds_alternative<BindAddress>(one.bind)) one.bind = BindAddressNoPort{};
  });
}
void one_connection_more(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) { ++one.connections; });
}
void first_host_has_more(Scenario& scenario) {
  for (Process& process : scenario.hosts.begin()->second.processes) ++process.nofile;
}
void another_host_slows(Scenario& scenario) {
  if (scenario.hosts.contains("another.")) one_fewer_descriptor(scenario);
}
void odd_seed_is_lucky(Scenario& scenario) {
  if (scenario.seed % 2 == 1) ++scenario.workloads.begin()->second.connections;
}
void fewer_in_ipv6(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) {
    if (!one.to.front().address.is_v4() && one.connections > 1) --one.connections;
  });
}
void no_way_back(Scenario& scenario) {
  std::erase_if(scenario.paths, [](const Path& path) { return path.a > path.b; });
}
void retries_count_once(Scenario& scenario) {
  each_workload(scenario, [](Workload& one) { one.retry.attempts += one.retry.attempts; });
}

// A balancer as if it could be told which back end to take: each of its back ends is asked for all connections.
ScenarioEngines turns_steerable(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.capacity = [capacity = right.capacity](const Scenario& scenario) {
    Scenario edited = scenario;
    std::uint64_t asked = 0;
    edited.workloads.clear();
    bool balanced = false;
    for (const auto& [name, workload] : scenario.workloads) {
      asked += workload.connections;
      Workload direct = workload;
      direct.to.clear();
      for (const Endpoint& to : workload.to) {
        const auto at = std::find_if(scenario.balancers.begin(), scenario.balancers.end(),
                                     [&](const auto& named) { return named.second.endpoint == to; });
        if (at == scenario.balancers.end()) {
          direct.to.push_back(to);
          continue;
        }
        balanced = true;
        direct.to.insert(direct.to.end(), at->second.back_ends.begin(), at->second.back_ends.end());
      }
      direct.connections *= direct.to.size();
      edited.workloads.emplace(name, std::move(direct));
    }
    if (!balanced) return capacity(scenario);
    CapacityClaim claim = capacity(edited);
    for (std::uint64_t* figure :
         {&claim.accepted_least, &claim.accepted_most, &claim.established_least, &claim.established_most})
      *figure = std::min(*figure, asked);
    return claim;
  };
  return wrong;
}

// ---- edits of a result
void attempt_counted_twice(RunResult& result) { ++result.workloads.begin()->second.attempted; }
void failure_forgotten(RunResult& result) {
  for (auto& [name, workload] : result.workloads) {
    if (workload.failures.size() > 1) workload.failures.pop_back();
  }
}
void lost_forgotten(RunResult& result) {
  for (auto& [name, workload] : result.workloads) workload.lost = 0;
}
void last_window_forgotten(RunResult& result) {
  for (auto& [name, workload] : result.workloads) {
    if (!workload.windows.empty()) workload.windows.pop_back();
  }
}
void peak_at_the_end(RunResult& result) {
  for (auto& [name, workload] : result.workloads) workload.peak_open = workload.open_at_end;
}
void waiting_are_accepted_too(RunResult& result) {
  for (auto& [name, host] : result.hosts) {
    for (auto& [program, process] : host.processes) process.accepted += process.queued_at_end;
  }
}
void nothing_binds(RunResult& result) { result.binding.reset(); }
void moment_forgotten(RunResult& result) {
  for (LimitUse& use : result.limits) use.first_exhausted_at.reset();
}

void waiting_are_held(CapacityClaim& claim) {
  claim.accepted_least = claim.established_least;
  claim.accepted_most = claim.established_most;
}
void one_too_many(CapacityClaim& claim) {
  ++claim.accepted_least;
  ++claim.accepted_most;
  ++claim.established_least;
  ++claim.established_most;
}

// ---- a reader that minds the order of keys: who comes first in the file has a descriptor more
ScenarioEngines order_of_keys_counts(const ScenarioEngines& right) {
  ScenarioEngines wrong = right;
  wrong.read_backwards = [read = right.read_backwards](const Scenario& scenario) {
    auto made = read(scenario);
    if (made) ++made->workloads.begin()->second.connections;
    return made;
  };
  return wrong;
}

constexpr std::array faults{
    ScenarioFault{"run.one-more-descriptor", "every process has one descriptor more",
                  run_of_another<one_more_descriptor>},
    ScenarioFault{"run.one-fewer-descriptor", "every process has one descriptor less",
                  run_of_another<one_fewer_descriptor>},
    ScenarioFault{"run.file-table", "a host has no limit of open files", run_of_another<no_file_table>},
    ScenarioFault{"run.open-files", "no file is open at the beginning", run_of_another<no_open_files>},
    ScenarioFault{"run.last-port", "the last port of the range is not in it", run_of_another<last_port_is_no_port>},
    ScenarioFault{"run.reserved-ports", "reserved ports are given", run_of_another<no_reserved_ports>},
    ScenarioFault{"run.held-ports", "ports that others hold are free", run_of_another<no_held_ports>},
    ScenarioFault{"run.held-connections", "ports of others' connections are free", run_of_another<no_held_connections>},
    ScenarioFault{"run.backlog-plus-one", "an accept queue holds the backlog", run_of_another<queue_holds_the_backlog>},
    ScenarioFault{"run.somaxconn", "somaxconn cuts no backlog", run_of_another<no_somaxconn>},
    ScenarioFault{"run.stalled-accept", "every program accepts at once", run_of_another<all_accept>},
    ScenarioFault{"run.second-source", "a workload has one source", run_of_another<one_source>},
    ScenarioFault{"run.second-destination", "a workload has one destination", run_of_another<one_destination>},
    ScenarioFault{"run.one-back-end", "a balancer has one back end", run_of_another<one_back_end>},
    ScenarioFault{"run.exclusive-port", "bind() to an address shares its port", run_of_another<binds_as_plain_connect>},
    ScenarioFault{"run.one-connection-more", "a workload has one connection more", run_of_another<one_connection_more>},
    ScenarioFault{"run.retries", "each retry is made twice", run_of_another<retries_count_once>},
    ScenarioFault{"run.order-of-hosts", "the first host by name has one descriptor more",
                  run_of_another<first_host_has_more>},
    ScenarioFault{"run.unused-host", "a host that nobody uses takes a descriptor", run_of_another<another_host_slows>},
    ScenarioFault{"run.seed", "an odd seed brings one connection more", run_of_another<odd_seed_is_lucky>},
    ScenarioFault{"run.ipv6", "IPv6 carries one connection less", run_of_another<fewer_in_ipv6>},
    ScenarioFault{"run.paths-one-way", "a path leads one way", run_of_another<no_way_back>},
    ScenarioFault{"run.attempt-twice", "the first attempt counts twice", another_result<attempt_counted_twice>},
    ScenarioFault{"run.failure-forgotten", "the last kind of failure is not listed", another_result<failure_forgotten>},
    ScenarioFault{"run.lost-forgotten", "no connection is lost", another_result<lost_forgotten>},
    ScenarioFault{"run.window-forgotten", "the last window is not listed", another_result<last_window_forgotten>},
    ScenarioFault{"run.peak-at-the-end", "most are open at the end", another_result<peak_at_the_end>},
    ScenarioFault{"run.waiting-twice", "those that wait are accepted as well",
                  another_result<waiting_are_accepted_too>},
    ScenarioFault{"run.nothing-binds", "no limit was the first", another_result<nothing_binds>},
    ScenarioFault{"run.moment-forgotten", "what ran out did so at no moment", another_result<moment_forgotten>},
    ScenarioFault{"capacity.own-descriptors", "a process begins without descriptors",
                  capacity_of_another<no_own_descriptors>},
    ScenarioFault{"capacity.listener-descriptor", "a listener needs no descriptor",
                  capacity_of_another<listeners_need_none>},
    ScenarioFault{"capacity.file-table", "a host has no limit of open files", capacity_of_another<no_file_table>},
    ScenarioFault{"capacity.reserved-ports", "reserved ports are given", capacity_of_another<no_reserved_ports>},
    ScenarioFault{"capacity.held-ports", "ports that others hold are free", capacity_of_another<no_held_ports>},
    ScenarioFault{"capacity.held-connections", "ports of others' connections are free",
                  capacity_of_another<no_held_connections>},
    ScenarioFault{"capacity.last-port", "the last port of the range is not in it",
                  capacity_of_another<last_port_is_no_port>},
    ScenarioFault{"capacity.second-source", "a workload has one source", capacity_of_another<one_source>},
    ScenarioFault{"capacity.second-destination", "a workload has one destination",
                  capacity_of_another<one_destination>},
    ScenarioFault{"capacity.one-back-end", "a balancer has one back end", capacity_of_another<one_back_end>},
    ScenarioFault{"capacity.turns", "a balancer sends everyone where there is room", turns_steerable},
    ScenarioFault{"capacity.processes", "a process has one instance", capacity_of_another<one_process>},
    ScenarioFault{"capacity.exclusive-port", "bind() to an address shares its port",
                  capacity_of_another<binds_as_plain_connect>},
    ScenarioFault{"capacity.stalled-accept", "every program accepts", capacity_of_another<all_accept>},
    ScenarioFault{"capacity.backlog-plus-one", "an accept queue holds the backlog",
                  capacity_of_another<queue_holds_the_backlog>},
    ScenarioFault{"capacity.waiting", "those that wait are held", another_claim<waiting_are_held>},
    ScenarioFault{"capacity.one-too-many", "all is one more", another_claim<one_too_many>},
    ScenarioFault{"capacity.order-of-hosts", "the first host by name has one descriptor more",
                  capacity_of_another<first_host_has_more>},
    ScenarioFault{"capacity.seed", "an odd seed brings one connection more", capacity_of_another<odd_seed_is_lucky>},
    ScenarioFault{"reader.order-of-keys", "the order of keys says something", order_of_keys_counts},
};

}  // namespace

std::span<const ScenarioFault> scenario_faults() { return faults; }

}  // namespace netlimits::fuzz

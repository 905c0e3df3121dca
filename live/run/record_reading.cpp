// Reading goes through the result section by section: workloads, failures, processes, hosts, pools, balancers, limits;
// last, what it leaves in doubt.
#include "live/run/record_reading.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "live/gateways/kernel_gateway.hpp"
#include "live/gateways/kernel_table.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::live {
namespace {

SimTime at(std::int64_t nanoseconds) { return SimTime(Duration(nanoseconds)); }

class Reading {
 public:
  Reading(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records, Observation& observation)
      : scenario_(scenario),
        wiring_(scenario),
        gateway_pools_(gateway_pools(scenario, wiring_)),
        tables_(tables_of(scenario)),
        plan_(plan),
        records_(records),
        observation_(observation),
        result_(observation.result) {}

  void run() {
    result_.seed = scenario_.seed;
    result_.ended_at = at(records_.run().ended_at);
    workloads();
    failures();
    processes();
    hosts();
    pools();
    balancers();
    gateways();
    tables();
    limits();
    result_.binding = binds_.first(scenario_, result_, unserved_, never_accepted());
    doubts();
  }

 private:
  struct Use {
    std::uint64_t capacity = 0;
    std::uint64_t peak = 0;
  };

  void workloads() {
    for (std::size_t w = 0; w < plan_.workloads.size(); ++w) {
      const WorkloadRecord& record = records_.workloads[w];
      WorkloadResult& written = result_.workloads[plan_.workloads[w]->name];
      written.attempted = record.attempted;
      written.established = record.established;
      written.failed = record.failed;
      written.open_at_end = record.open;
      written.peak_open = record.peak_open;
      written.lost = record.lost;
      written.reconnected = record.reconnected;
      written.pending_at_end = record.connecting;
      written.vanished = record.vanished;
      read_windows(w, written);
    }
  }

  // As many windows as were reached, as the model writes them.
  void read_windows(std::size_t w, WorkloadResult& written) const {
    if (!scenario_.window) return;
    std::size_t reached = records_.windows_each();
    const auto empty = [](const WindowRecord& each) { return each.attempted + each.established + each.failed == 0; };
    while (reached > 0 && empty(records_.window(w, reached - 1))) --reached;
    for (std::size_t i = 0; i < reached; ++i) {
      const WindowRecord& record = records_.window(w, i);
      written.windows.push_back({at(scenario_.window->count() * static_cast<std::int64_t>(i)), record.attempted,
                                 record.established, record.failed});
    }
  }

  // A connect() that timed out says nothing; the counters of the hosts behind its destination do.
  PlacedLimit why_timed_out(const FailureRecord& kind) const {
    const std::vector<std::size_t> hosts = hosts_behind(plan_, wiring_, kind.workload, kind.destination);
    bool overflowed = false;
    bool syn_dropped = false;
    for (const std::size_t where : hosts) {
      overflowed = overflowed || records_.namespaces[where].listen_overflows > 0;
      syn_dropped = syn_dropped || records_.namespaces[where].syn_queue_drops > 0;
    }
    if (overflowed) return {Limit::listen_backlog, kind.place};
    if (syn_dropped) return {Limit::syn_backlog, kind.place};
    if (const TableThere* const table = full_at(kind)) return table->limit;
    if (const GatewayPool* const pool = missing_at(kind)) return pool->limit;
    return {hosts.empty() || comes_back(kind) ? Limit::no_route : Limit::back_end_down, kind.place};
  }

  // A table of tracked connections on the way that had no entry for somebody.
  const TableThere* full_at(const FailureRecord& kind) const {
    const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const TableThere& table) {
      return records_.tables[static_cast<std::size_t>(&table - tables_.data())].dropped > 0 &&
             goes_through(table, wiring_, *plan_.workloads[kind.workload], kind.destination);
    });
    return found == tables_.end() ? nullptr : &*found;
  }

  // The gateway's ports, where it had none for somebody.
  const GatewayPool* missing_at(const FailureRecord& kind) const {
    const GatewayPool* const pool =
        pool_of(gateway_pools_, wiring_, plan_.workloads[kind.workload]->from_host, kind.destination);
    const bool any = pool != nullptr &&
                     records_.gateway_pools[static_cast<std::size_t>(pool - gateway_pools_.data())].found_none > 0;
    return any ? pool : nullptr;
  }

  bool comes_back(const FailureRecord& kind) const {
    const Workload& workload = *plan_.workloads[kind.workload];
    const Balancer* const balancer = wiring_.balancer_at(kind.destination);
    return balancer != nullptr &&
           std::any_of(balancer->back_ends.begin(), balancer->back_ends.end(),
                       [&](const Endpoint& back_end) { return wiring_.comes_back(workload.from_host, back_end); });
  }

  void failures() {
    using Key = std::tuple<std::size_t, PlacedLimit, Error>;
    std::map<Key, Failure> merged;
    const std::size_t kinds = std::min<std::size_t>(records_.run().failures, SharedRecords::most_failure_kinds);
    for (std::size_t i = 0; i < kinds; ++i) {
      const FailureRecord& kind = records_.failures[i];
      if (kind.used == 0) continue;
      const auto [limit, place] = kind.unexplained ? why_timed_out(kind) : PlacedLimit{kind.limit, kind.place};
      const Failure seen{limit, place, kind.error, kind.count, at(kind.first_at), kind.first_after_established};
      const auto [found, is_new] = merged.try_emplace({kind.workload, {limit, place}, kind.error}, seen);
      if (!is_new) {
        found->second.count += seen.count;
        if (seen.first_at < found->second.first_at) {
          found->second.first_at = seen.first_at;
          found->second.first_after_established = seen.first_after_established;
        }
      }
    }
    for (const auto& [key, failure] : merged) {
      result_.workloads[plan_.workloads[std::get<0>(key)]->name].failures.push_back(failure);
      exhausted({failure.limit, failure.place}, failure.first_at);
      binds_.failed({failure.limit, failure.place}, failure.first_at);
    }
    for (auto& [name, workload] : result_.workloads) put_in_printed_order(workload.failures);
  }

  void processes() {
    struct Instance {
      std::uint64_t accepted = 0;
      std::uint64_t descriptors = 0;
    };
    // By group, process, and which instance of it: the real processes that stood for it one after another or together.
    std::map<std::tuple<std::string, std::size_t, std::size_t, std::uint64_t>, Instance> instances;
    for (std::size_t record = 0; record < records_.workers.size(); ++record) {
      const WorkerRecord& worker = records_.workers[record];
      if (worker.plan < 0 || worker.absent != 0) continue;
      const auto p = static_cast<std::size_t>(worker.plan.load());
      add_process(p, record, instances);
    }
    for (const auto& [name, group] : scenario_.hosts) {
      for (const Process& process : group.processes) {
        result_.hosts[name].processes[process.name].descriptors_limit = process.nofile;
      }
    }
    for (const auto& [key, instance] : instances) {
      const HostGroup& group = scenario_.hosts.at(std::get<0>(key));
      const Process& process = group.processes[std::get<1>(key)];
      ProcessResult& written = result_.hosts[group.name].processes[process.name];
      const bool is_new = seen_processes_.insert({group.name, process.name}).second;
      written.accepted += instance.accepted;
      written.accepted_least = is_new ? instance.accepted : std::min(written.accepted_least, instance.accepted);
      written.accepted_most = std::max(written.accepted_most, instance.accepted);
      written.descriptors_peak = std::max(written.descriptors_peak, instance.descriptors);
      use({Limit::fd_per_process, process_place(group, process)}, process.nofile, instance.descriptors);
    }
    for (std::size_t i = 0; i < plan_.listeners.size(); ++i) {
      const ListenerPlan& listener = plan_.listeners[i];
      const HostGroup& group = *plan_.namespaces[listener.where].group;
      const Process& process = process_of(listener);
      const ListenerRecord& record = records_.listeners[i];
      result_.hosts[group.name].processes[process.name].queued_at_end += record.queued;
      unserved_ += record.queued;
      const std::uint64_t capacity = accept_queue_size(group, *listener.listener);
      const PlacedLimit backlog{Limit::listen_backlog, listener_place(group, process, listener.listener->endpoint)};
      use(backlog, capacity, record.queued_peak);
      // The counter is the host's; of several listeners those are meant whose queue was seen full.
      const std::int64_t overflow = records_.namespaces[listener.where].first_overflow_at;
      if (overflow >= 0 && (record.queued_peak >= capacity || only_listener_of(listener.where))) {
        exhausted(backlog, at(overflow));
        binds_.overflowed(backlog, at(overflow));
      }
    }
  }

  bool only_listener_of(std::size_t where) const {
    return std::count_if(plan_.listeners.begin(), plan_.listeners.end(),
                         [&](const ListenerPlan& each) { return each.where == where; }) == 1;
  }

  const Process& process_of(const ListenerPlan& listener) const {
    const HostGroup& group = *plan_.namespaces[listener.where].group;
    for (const Process& process : group.processes) {
      for (const Listener& each : process.listeners) {
        if (&each == listener.listener) return process;
      }
    }
    return group.processes.front();
  }

  template <class Instances>
  void add_process(std::size_t p, std::size_t record_index, Instances& instances) {
    const ProcessPlan& plan = plan_.processes[p];
    const HostGroup& group = *plan_.namespaces[plan.where].group;
    const Process& process = group.processes[plan.process];
    const WorkerRecord& record = records_.workers[record_index];
    if (record.first_refused_at >= 0) {
      const PlacedLimit place{Limit::fd_per_process, process_place(group, process)};
      exhausted(place, at(record.first_refused_at));
      result_.hosts[group.name].processes[process.name].refused_accepts += 1;
      const std::int64_t since = record.refused_since;
      binds_.refused({place, group.name, at(record.first_refused_at),
                      since < 0 ? std::optional<SimTime>() : std::optional(at(since))});
    }
    const std::uint64_t fixed = process.own_descriptors + process.listeners.size();
    if (plan.instances > 1) {
      // A carrier runs the programs of several hosts: what counts is the one with the most sockets.
      for (std::uint64_t i = 0; i < plan.instances; ++i) {
        auto& instance = instances[{group.name, plan.process, plan.first_instance + i, plan.process_instance}];
        instance.descriptors = fixed + record.program_peak;
      }
      return;
    }
    if (!plan.user_program.empty() && record.holding_processes != 1)
      doubt("/hosts/" + group.name + "/processes/" + process.name + "/descriptors_peak",
            "the program spreads its connections over several processes");
    if (!plan.user_program.empty())
      doubt("/hosts/" + group.name + "/processes/" + process.name + "/refused_accepts",
            "whether a program of others was refused a descriptor is not seen");
    auto& instance = instances[{group.name, plan.process, plan.first_instance, plan.process_instance}];
    instance.accepted += record.accepted;
    if (record_index != p) {
      instance.descriptors = std::max<std::uint64_t>(instance.descriptors, record.descriptors_peak);
    } else {
      instance.descriptors += record.descriptors_peak - (plan.part == 0 ? 0 : fixed);
    }
  }

  void hosts() {
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      const NamespaceRecord& record = records_.namespaces[where];
      const HostGroup& group = *plan_.namespaces[where].group;
      HostResult& written = result_.hosts[group.name];
      written.time_wait_peak = std::max<std::uint64_t>(written.time_wait_peak, record.group_time_wait_peak);
      written.time_wait_at_end += record.time_wait;
      written.listen_overflows += record.listen_overflows;
      written.listen_drops += record.listen_drops;
      written.syncookies_sent += record.syncookies_sent;
      written.time_wait_overflows += record.time_wait_overflows;
      const PlacedLimit buckets{Limit::time_wait_buckets, host_place(group)};
      if (record.time_wait_peak > 0) use(buckets, group.settings.max_time_wait_buckets, record.time_wait_peak);
      if (record.time_wait_overflows > 0) exhausted(buckets, result_.ended_at);
    }
  }

  void pools() {
    const std::size_t pools = std::min<std::size_t>(records_.run().pools, SharedRecords::most_pools);
    for (std::size_t i = 0; i < pools; ++i) {
      const PoolRecord& pool = records_.pools[i];
      if (pool.used == 0) continue;
      const PlacedLimit place{Limit::ephemeral_ports, pool.place};
      // A pool that refused holds what it can hold.
      use(place, first_exhausted_.contains(place) ? pool.peak.load() : pool.capacity, pool.peak);
    }
  }

  void balancers() {
    std::size_t index = 0;
    for (const auto& [name, balancer] : scenario_.balancers) {
      for (const Endpoint& back_end : balancer.back_ends) {
        const BackEndRecord& record = records_.back_ends[index++];
        result_.balancers[name].push_back({back_end.text(), record.connections, record.open});
      }
    }
  }

  // The counter of SYNs without a port is that of all pools: of several those are meant that were seen full.
  void gateways() {
    for (std::size_t i = 0; i < gateway_pools_.size(); ++i) {
      const GatewayPoolRecord& record = records_.gateway_pools[i];
      if (record.peak == 0) continue;
      use(gateway_pools_[i].limit, gateway_pools_[i].capacity, record.peak);
      const bool full = record.peak >= gateway_pools_[i].capacity || gateway_pools_.size() == 1;
      if (record.first_missing >= 0 && full) exhausted(gateway_pools_[i].limit, at(record.first_missing));
    }
  }

  void tables() {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      const TableRecord& record = records_.tables[i];
      use(tables_[i].limit, tables_[i].settings.max, record.peak);
      if (record.first_dropped >= 0) exhausted(tables_[i].limit, at(record.first_dropped));
    }
  }

  void use(const PlacedLimit& place, std::uint64_t capacity, std::uint64_t peak) {
    const auto [found, is_new] = uses_.try_emplace(place, Use{capacity, peak});
    if (!is_new && peak > found->second.peak) found->second = {capacity, peak};
  }
  void exhausted(const PlacedLimit& place, SimTime when) {
    const auto [found, is_new] = first_exhausted_.try_emplace(place, when);
    if (!is_new) found->second = std::min(found->second, when);
  }

  void limits() {
    for (const auto& [place, amounts] : uses_) {
      const auto found = first_exhausted_.find(place);
      const bool spent = found != first_exhausted_.end();
      result_.limits.push_back({place.limit, place.place, amounts.capacity, amounts.peak, spent,
                                spent ? std::optional(found->second) : std::nullopt});
    }
    put_in_printed_order(result_.limits);
  }

  // Connections that clients have had and no server of ours has taken.
  std::uint64_t never_accepted() const {
    const auto is_foreign = [](const ProcessPlan& plan) { return !plan.user_program.empty(); };
    if (std::any_of(plan_.processes.begin(), plan_.processes.end(), is_foreign)) return 0;
    std::uint64_t established = 0;
    std::uint64_t accepted = 0;
    for (const auto& [name, workload] : result_.workloads) established += workload.established;
    for (const auto& [name, host] : result_.hosts) {
      for (const auto& [process, seen] : host.processes) accepted += seen.accepted;
    }
    return established - std::min(established, accepted);
  }

  void doubt(std::string pointer, std::string why) {
    observation_.undetermined.push_back({std::move(pointer), std::move(why)});
  }

  void doubts() {
    std::size_t user_program = 0;
    for (const ProcessPlan& plan : plan_.processes) {
      if (plan.user_program.empty()) continue;
      const HostGroup& group = *plan_.namespaces[plan.where].group;
      observation_.said[group.name + "/" + group.processes[plan.process].name] =
          records_.program_output[user_program++].text();
      for (const std::size_t w : plan.workloads)
        doubt("/workloads/" + plan_.workloads[w]->name, "what a program of others begins is not counted");
    }
    for (const auto& [name, workload] : scenario_.workloads) {
      for (const Endpoint& to : workload.to) {
        const Balancer* const balancer = wiring_.balancer_at(to);
        if (balancer == nullptr || to.address.is_v4()) continue;
        for (const Endpoint& back_end : balancer->back_ends) {
          if (!wiring_.comes_back(workload.from_host, back_end)) continue;
          constexpr const char* why = "a host met itself through a balancer: IPv6 lets such SYNs into its own queues";
          for (const char* key : {"/listen_drops", "/listen_overflows"})
            doubt("/hosts/" + workload.from_host + key, why);
          doubt("/binding_limit", why);
        }
      }
    }
    if (!scenario_.window || records_.windows_each() > 0) return;
    for (const auto& [name, workload] : scenario_.workloads)
      doubt("/workloads/" + name + "/windows", "these are more windows than are counted on the kernel");
  }

  const Scenario& scenario_;
  Wiring wiring_;
  std::vector<GatewayPool> gateway_pools_;
  std::vector<TableThere> tables_;
  const RunPlan& plan_;
  const SharedRecords& records_;
  Observation& observation_;
  RunResult& result_;
  std::map<PlacedLimit, Use> uses_;
  std::map<PlacedLimit, SimTime> first_exhausted_;
  WhatBinds binds_;
  std::set<std::pair<std::string, std::string>> seen_processes_;
  std::uint64_t unserved_ = 0;
};

}  // namespace

void read_records(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
                  Observation& observation) {
  Reading(scenario, plan, records, observation).run();
}

}  // namespace netlimits::live

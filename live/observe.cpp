#include "live/observe.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "live/board.hpp"
#include "live/director.hpp"
#include "live/nft.hpp"
#include "live/own_descriptors.hpp"
#include "live/run_plan.hpp"
#include "live/running_kernel.hpp"
#include "live/sandbox.hpp"
#include "model/place.hpp"
#include "model/setting.hpp"
#include "model/topology.hpp"

namespace netlimits::live {
namespace {

constexpr std::chrono::milliseconds progress_every{100};
constexpr std::chrono::milliseconds turn_of_a_process{250};

SimTime at(std::int64_t nanoseconds) { return SimTime(Duration(nanoseconds)); }

// Why the scenario as a whole cannot be asked of this kernel.
std::optional<std::string> why_not(const Scenario& scenario) {
  for (const auto& [name, group] : scenario.hosts) {
    if (auto why = why_not_this_kernel(*group.profile, group.settings)) return name + ": " + *why;
    for (const auto& [setting, value] : group.set_by_scenario) {
      const auto info = setting_named("linux", setting);
      if (info && info->scope == SettingScope::host_wide)
        return fmt::format("{}: {} is one value for the whole machine and is not changed", name, setting);
    }
  }
  if (!scenario.balancers.empty() && !nft_exists()) return "a balancer needs the program nft, which is not installed";
  return std::nullopt;
}

class Assembly {
 public:
  Assembly(const Scenario& scenario, const RunPlan& plan, const Board& board, Observation& observation)
      : scenario_(scenario), plan_(plan), board_(board), observation_(observation), result_(observation.result) {}

  void run() {
    result_.seed = scenario_.seed;
    result_.ended_at = at(board_.run().ended_at);
    workloads();
    failures();
    processes();
    hosts();
    pools();
    balancers();
    limits();
    binding();
    doubts();
  }

 private:
  using PlacedLimit = std::pair<Limit, std::string>;
  struct Use {
    std::uint64_t capacity = 0;
    std::uint64_t peak = 0;
  };

  void workloads() {
    for (std::size_t w = 0; w < plan_.workloads.size(); ++w) {
      const WorkloadRecord& record = board_.workloads[w];
      WorkloadResult& written = result_.workloads[plan_.workloads[w]->name];
      written.attempted = record.attempted;
      written.established = record.established;
      written.failed = record.failed;
      written.open_at_end = record.open;
      written.peak_open = record.peak_open;
      written.lost = record.lost;
      written.reconnected = record.reconnected;
      written.pending_at_end = record.connecting;
    }
  }

  // The hosts behind a destination.
  std::vector<std::size_t> hosts_behind(const std::string& destination) const {
    const auto endpoint = Endpoint::parse(destination);
    if (!endpoint) return {};
    const Topology topology(scenario_);
    std::vector<Endpoint> ends{*endpoint};
    for (const auto& [name, balancer] : scenario_.balancers) {
      if (balancer.endpoint == *endpoint) ends = balancer.back_ends;
    }
    std::vector<std::size_t> result;
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      const NamespacePlan& host = plan_.namespaces[where];
      for (const Endpoint& end : ends) {
        const auto owner = topology.owner_of(end.address);
        if (end.address.is_loopback() ||
            (owner && owner->group == host.group->name && owner->instance >= host.first_instance &&
             owner->instance < host.first_instance + host.instances)) {
          result.push_back(where);
          break;
        }
      }
    }
    return result;
  }

  // A connect() that timed out says nothing; the counters of the hosts behind its destination do.
  Limit why_timed_out(const FailureRecord& kind) const {
    const std::vector<std::size_t> hosts = hosts_behind(kind.destination.text());
    bool overflowed = false;
    bool syn_dropped = false;
    for (const std::size_t where : hosts) {
      overflowed = overflowed || board_.namespaces[where].listen_overflows > 0;
      syn_dropped = syn_dropped || board_.namespaces[where].syn_queue_drops > 0;
    }
    if (overflowed) return Limit::listen_backlog;
    if (syn_dropped) return Limit::syn_backlog;
    return hosts.empty() ? Limit::no_route : Limit::back_end_down;
  }

  void failures() {
    using Key = std::tuple<std::size_t, Limit, std::string, Error>;
    std::map<Key, Failure> merged;
    const std::size_t kinds = std::min<std::size_t>(board_.run().failures, Board::most_failure_kinds);
    for (std::size_t i = 0; i < kinds; ++i) {
      const FailureRecord& kind = board_.failures[i];
      if (kind.used == 0) continue;
      const Limit limit = kind.unexplained ? why_timed_out(kind) : kind.limit;
      const Failure seen{limit,      kind.place.text(), kind.error,
                         kind.count, at(kind.first_at), kind.first_after_established};
      const auto [found, is_new] = merged.try_emplace({kind.workload, limit, seen.place, kind.error}, seen);
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
      note_first({failure.limit, failure.place}, failure.first_at);
    }
    for (auto& [name, workload] : result_.workloads) {
      std::stable_sort(workload.failures.begin(), workload.failures.end(), [](const Failure& a, const Failure& b) {
        return std::tie(a.first_at, a.limit, a.place, a.error) < std::tie(b.first_at, b.limit, b.place, b.error);
      });
    }
  }

  void processes() {
    struct Instance {
      std::uint64_t accepted = 0;
      std::uint64_t descriptors = 0;
    };
    // By group, process, and which instance of it: the real processes that stood for it one after another or together.
    std::map<std::tuple<std::string, std::size_t, std::size_t, std::uint64_t>, Instance> instances;
    std::size_t restarted = plan_.processes.size();
    for (std::size_t p = 0; p < plan_.processes.size(); ++p) add_process(p, p, instances);
    for (const Event& event : scenario_.events) {
      const auto* up = std::get_if<HostUp>(&event.what);
      if (up == nullptr) continue;
      // Restarted processes took the records after the first ones, in the order of the plan.
      for (std::size_t p = 0; p < plan_.processes.size() && restarted < board_.workers.size(); ++p) {
        const NamespacePlan& host = plan_.namespaces[plan_.processes[p].where];
        if (host.group->name == up->host && host.first_instance == up->instance) add_process(p, restarted++, instances);
      }
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
      const ListenerRecord& record = board_.listeners[i];
      result_.hosts[group.name].processes[process.name].queued_at_end += record.queued;
      unserved_ += record.queued;
      const std::int64_t somaxconn = group.settings.somaxconn;
      const std::int64_t asked = listener.listener->backlog;
      const auto capacity = static_cast<std::uint64_t>((asked < 0 ? somaxconn : std::min(asked, somaxconn)) + 1);
      const PlacedLimit backlog{Limit::listen_backlog, listener_place(group, process, listener.listener->endpoint)};
      use(backlog, capacity, record.queued_peak);
      const std::int64_t overflow = board_.namespaces[listener.where].first_overflow_at;
      if (overflow >= 0) exhausted(backlog, at(overflow));
    }
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
    const WorkerRecord& record = board_.workers[record_index];
    if (record.first_refused_at >= 0) {
      const PlacedLimit place{Limit::fd_per_process, process_place(group, process)};
      exhausted(place, at(record.first_refused_at));
      result_.hosts[group.name].processes[process.name].refused_accepts += 1;
      if (!first_silent_ || at(record.first_refused_at) < first_silent_->second)
        first_silent_ = std::pair(place, at(record.first_refused_at));
    }
    const std::uint64_t fixed = process.own_descriptors + process.listeners.size();
    if (plan.instances > 1) {
      // A carrier's programs are alike and share its descriptors evenly.
      for (std::uint64_t i = 0; i < plan.instances; ++i) {
        auto& instance = instances[{group.name, plan.process, plan.first_instance + i, plan.process_instance}];
        const std::uint64_t sockets = record.descriptors_peak - std::min<std::uint64_t>(record.descriptors_peak, fixed);
        instance.descriptors = fixed + (sockets + plan.instances - 1) / plan.instances;
      }
      carried_.insert({group.name, process.name});
      return;
    }
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
      const NamespaceRecord& record = board_.namespaces[where];
      const HostGroup& group = *plan_.namespaces[where].group;
      HostResult& written = result_.hosts[group.name];
      written.time_wait_peak = std::max<std::uint64_t>(written.time_wait_peak, record.time_wait_peak);
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
    const std::size_t pools = std::min<std::size_t>(board_.run().pools, Board::most_pools);
    for (std::size_t i = 0; i < pools; ++i) {
      const PoolRecord& pool = board_.pools[i];
      if (pool.used == 0) continue;
      const PlacedLimit place{Limit::ephemeral_ports, pool.place.text()};
      // A pool that refused holds what it can hold.
      use(place, first_exhausted_.contains(place) ? pool.peak.load() : pool.capacity, pool.peak);
    }
  }

  void balancers() {
    std::size_t index = 0;
    for (const auto& [name, balancer] : scenario_.balancers) {
      for (const Endpoint& back_end : balancer.back_ends) {
        const BackEndRecord& record = board_.back_ends[index++];
        result_.balancers[name].push_back({back_end.text(), record.connections, record.open});
      }
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
  void note_first(const PlacedLimit& place, SimTime when) {
    if (!first_failure_ || when < first_failure_->second) first_failure_ = std::pair(place, when);
  }

  void limits() {
    for (const auto& [place, amounts] : uses_) {
      const auto found = first_exhausted_.find(place);
      const bool spent = found != first_exhausted_.end();
      result_.limits.push_back({place.first, place.second, amounts.capacity, amounts.peak, spent,
                                spent ? std::optional(found->second) : std::nullopt});
    }
  }

  void binding() {
    auto first = first_failure_;
    const bool silent_counts = first_silent_ && (first_failure_ || unserved_ > 0);
    if (silent_counts && (!first || first_silent_->second < first->second)) first = first_silent_;
    if (first) result_.binding = BindingLimit{first->first.first, first->first.second};
  }

  void doubt(std::string pointer, std::string why) {
    observation_.undetermined.push_back({std::move(pointer), std::move(why)});
  }

  // Is a connection so short that how many are open together depends on when processes get their turn?
  static bool hold_of_moments(const Workload& workload) {
    if (std::holds_alternative<AtOnce>(workload.arrivals)) return false;
    if (const auto* constant = std::get_if<HoldConstant>(&workload.hold)) return constant->time < turn_of_a_process;
    if (const auto* drawn = std::get_if<HoldExponential>(&workload.hold)) return drawn->mean < turn_of_a_process;
    return false;
  }

  void doubt_peaks(const std::string& name, const Workload& workload) {
    const char* why =
        "the connections are so short that how many are open together depends on when processes get a turn";
    doubt("/workloads/" + name + "/peak_open", why);
    std::set<std::pair<std::string, std::string>> touched{{workload.from_host, workload.from_process}};
    for (const ListenerPlan& listener : plan_.listeners) {
      for (const std::size_t w : listener.workloads) {
        if (plan_.workloads[w] == &workload)
          touched.insert({plan_.namespaces[listener.where].group->name, process_of(listener).name});
      }
    }
    for (const auto& [group, process] : touched)
      doubt("/hosts/" + group + "/processes/" + process + "/descriptors_peak", why);
  }

  void doubts() {
    for (const auto& [group, process] : carried_)
      doubt("/hosts/" + group + "/processes/" + process + "/descriptors_peak",
            "few real processes stand for many; theirs is a mean");
    for (const Event& event : scenario_.events) {
      const auto* down = std::get_if<HostDown>(&event.what);
      if (down == nullptr) continue;
      for (const auto& [name, workload] : scenario_.workloads) {
        if (workload.from_host == down->host)
          doubt("/workloads/" + name, "its client host goes down; what its programs would go on to try is not shown");
      }
    }
    for (const auto& [name, workload] : scenario_.workloads) {
      if (hold_of_moments(workload)) doubt_peaks(name, workload);
    }
    if (!scenario_.window) return;
    for (const auto& [name, workload] : scenario_.workloads)
      doubt("/workloads/" + name + "/windows", "counts per window are not kept on the kernel");
  }

  const Scenario& scenario_;
  const RunPlan& plan_;
  const Board& board_;
  Observation& observation_;
  RunResult& result_;
  std::map<PlacedLimit, Use> uses_;
  std::map<PlacedLimit, SimTime> first_exhausted_;
  std::optional<std::pair<PlacedLimit, SimTime>> first_failure_;
  std::optional<std::pair<PlacedLimit, SimTime>> first_silent_;
  std::set<std::pair<std::string, std::string>> seen_processes_;
  std::set<std::pair<std::string, std::string>> carried_;
  std::uint64_t unserved_ = 0;
};

std::uint64_t back_ends_of(const Scenario& scenario) {
  std::uint64_t count = 0;
  for (const auto& [name, balancer] : scenario.balancers) count += balancer.back_ends.size();
  return count;
}

void wait_for(Sandbox& sandbox, const Scenario& scenario, const Board& board, const ObserveOptions& options) {
  // The leader bounds itself; this bound is for a leader that hangs.
  const std::int64_t end = monotonic_nanoseconds() + options.at_most.count() + 120'000'000'000;
  ObserveProgress progress;
  for (const auto& [name, workload] : scenario.workloads) progress.asked += workload.connections;
  while (!sandbox.wait(progress_every)) {
    if (monotonic_nanoseconds() > end) {
      board.run().trouble.set("the sandbox did not end in time");
      sandbox.kill();
    }
    if (!options.progress) continue;
    const std::int64_t started = board.run().started_at;
    progress.elapsed = Duration(started == 0 ? 0 : monotonic_nanoseconds() - started);
    progress.attempted = 0;
    for (const WorkloadRecord& each : board.workloads.all()) progress.attempted += each.attempted;
    options.progress(progress);
  }
}

}  // namespace

Observation observe(const Scenario& scenario, const ObserveOptions& options) {
  Observation observation;
  observation.kernel = kernel_release();
  const auto not_possible = [&](std::string why) {
    observation.undetermined.push_back({"", std::move(why)});
    return observation;
  };
  if (auto why = why_not(scenario)) return not_possible(std::move(*why));
  auto plan = plan_run(scenario, hard_descriptor_limit());
  if (!plan) return not_possible(plan.error());
  observation.remarks = plan->remarks;
  auto board = Board::of({.workers = worker_records(scenario, *plan),
                          .workloads = plan->workloads.size(),
                          .listeners = plan->listeners.size(),
                          .namespaces = plan->namespaces.size(),
                          .back_ends = back_ends_of(scenario)});
  if (!board) return not_possible(board.error().text());
  auto sandbox = Sandbox::start([&](const SandboxFacts&) {
    direct(scenario, *plan, *board, {.at_most = options.at_most});
    return 0;
  });
  if (!sandbox) return not_possible(sandbox.error().why);
  wait_for(*sandbox, scenario, *board, options);
  if (const std::string trouble = board->run().trouble.text(); !trouble.empty()) return not_possible(trouble);
  if (sandbox->wait() != 0) return not_possible(fmt::format("the sandbox ended with code {}", *sandbox->wait()));
  if (board->run().out_of_time != 0)
    return not_possible(
        fmt::format("it was not over after {} s of real time", options.at_most / std::chrono::seconds(1)));
  std::istringstream remarks(board->run().remarks.text());
  for (std::string line; std::getline(remarks, line);) observation.remarks.push_back(line);
  observation.ran = true;
  Assembly(scenario, *plan, *board, observation).run();
  return observation;
}

}  // namespace netlimits::live

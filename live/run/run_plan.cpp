// Planner numbers the wires, decides which hosts share a namespace, and places each process with the most descriptors
// that it can need.
#include "live/run/run_plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "model/scenario/wiring.hpp"

namespace netlimits::live {
namespace {

constexpr std::uint64_t most_namespaces = 400;
constexpr std::uint64_t most_processes = 1500;
// From this many like client hosts on, they share a namespace.
constexpr std::uint64_t packed_from = 8;
constexpr std::uint64_t carriers = 4;
// Descriptors that a real process standing for a part keeps free, so that it never meets its own limit.
constexpr std::uint64_t spare = 64;

class Planner {
 public:
  Planner(const Scenario& scenario, std::uint64_t hard_limit, const UserProgramCommands& user_programs)
      : scenario_(scenario), hard_limit_(hard_limit), user_programs_(user_programs), wiring_(scenario) {}

  tl::expected<RunPlan, std::string> run() {
    for (const auto& [name, workload] : scenario_.workloads) plan_.workloads.push_back(&workload);
    number_wires();
    if (std::string trouble = why_no_user_program(); !trouble.empty()) return tl::unexpected(trouble);
    for (const auto& [name, group] : scenario_.hosts) {
      if (auto trouble = place(group); !trouble.empty()) return tl::unexpected(trouble);
    }
    if (plan_.namespaces.size() > most_namespaces) {
      return tl::unexpected(fmt::format("it needs {} network namespaces; at most {} are made here",
                                        plan_.namespaces.size(), most_namespaces));
    }
    if (plan_.processes.size() > most_processes) {
      return tl::unexpected(fmt::format("it needs {} real processes; at most {} are started here",
                                        plan_.processes.size(), most_processes));
    }
    return std::move(plan_);
  }

 private:
  const std::string* user_program_of(const HostGroup& group, const Process& process) const {
    const auto found = user_programs_.find(group.name + "/" + process.name);
    return found == user_programs_.end() ? nullptr : &found->second;
  }

  std::string why_no_user_program() const {
    for (const auto& [place, command] : user_programs_) {
      const std::size_t slash = place.find('/');
      const auto group = scenario_.hosts.find(place.substr(0, slash));
      if (slash == std::string::npos || group == scenario_.hosts.end())
        return fmt::format("no host of the scenario has a process {}", place);
      const auto& processes = group->second.processes;
      const std::string name = place.substr(slash + 1);
      const auto process =
          std::find_if(processes.begin(), processes.end(), [&name](const Process& each) { return each.name == name; });
      if (process == processes.end()) return fmt::format("no host of the scenario has a process {}", place);
      if (group->second.count > 1 || process->count > 1)
        return fmt::format("{} is more than one process: a program can play a single one only", place);
      if (has_events(group->second))
        return fmt::format("{}: a program cannot play where events of the host come", place);
      if (process->nofile > hard_limit_)
        return fmt::format("{} has {} descriptors; a process here can have at most {} (RLIMIT_NOFILE: ulimit -Hn)",
                           place, process->nofile, hard_limit_);
    }
    return {};
  }

  void number_wires() {
    std::vector<std::string> first_of_wire;
    for (const auto& [name, group] : scenario_.hosts) {
      std::size_t wire = 0;
      while (wire < first_of_wire.size() && !wiring_.topology().round_trip(first_of_wire[wire], name)) ++wire;
      if (wire == first_of_wire.size()) first_of_wire.push_back(name);
      wire_of_.emplace(name, wire);
    }
    plan_.wires = std::max<std::size_t>(1, first_of_wire.size());
  }

  std::vector<std::size_t> workloads_from(const HostGroup& group, const Process& process) const {
    std::vector<std::size_t> result;
    for (std::size_t w = 0; w < plan_.workloads.size(); ++w) {
      if (plan_.workloads[w]->from_host == group.name && plan_.workloads[w]->from_process == process.name)
        result.push_back(w);
    }
    return result;
  }

  // Can a connection to `destination` come to this listener of this host?
  bool leads_to(const Endpoint& destination, const HostGroup& group, std::uint64_t instance, const Listener& listener,
                bool same_host) const {
    const auto fits = [&](const Endpoint& endpoint) {
      if (endpoint.address.is_loopback()) {
        if (!same_host) return false;
      } else if (wiring_.topology().owner_of(endpoint.address) != Topology::Owner{group.name, instance}) {
        return false;
      }
      return takes(group, listener, endpoint);
    };
    if (const Balancer* const balancer = wiring_.balancer_at(destination))
      return std::any_of(balancer->back_ends.begin(), balancer->back_ends.end(), fits);
    return fits(destination);
  }

  // The destinations of the workload that lead to this listener.
  std::uint64_t destinations_to(const Workload& workload, const HostGroup& group, std::uint64_t instance,
                                const Listener& listener) const {
    // Of a group of hosts each meets itself at a loopback address, so that all of them do.
    const bool same_host = workload.from_host == group.name;
    return static_cast<std::uint64_t>(std::count_if(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
      return leads_to(to, group, instance, listener, same_host);
    }));
  }

  bool has_events(const HostGroup& group) const {
    return std::any_of(scenario_.events.begin(), scenario_.events.end(), [&](const Event& event) {
      return std::visit(
          [&](const auto& what) {
            if constexpr (requires { what.host; })
              return what.host == group.name;
            else
              return false;
          },
          event.what);
    });
  }

  // Every descriptor that an instance of the process could need at one moment.
  std::uint64_t most_descriptors(const HostGroup& group, std::uint64_t instance, const Process& process) const {
    std::uint64_t most = process.own_descriptors + process.listeners.size();
    for (const std::size_t w : workloads_from(group, process)) {
      const Workload& workload = *plan_.workloads[w];
      const std::uint64_t programs = group.count * process.count;
      most += std::min(most_open(workload), (workload.connections + programs - 1) / programs);
    }
    for (const Listener& listener : process.listeners) {
      if (std::holds_alternative<AcceptStalled>(listener.accept)) continue;
      for (const Workload* workload : plan_.workloads) {
        const std::uint64_t leading = destinations_to(*workload, group, instance, listener);
        if (leading == 0) continue;
        const std::uint64_t open = most_open(*workload);
        most += leading == workload->to.size() ? open : (open * leading) / workload->to.size() + leading;
      }
    }
    return most;
  }

  bool can_share_a_namespace(const HostGroup& group) const {
    if (group.count < packed_from || !group.held_ports.empty() || !group.held_connections.empty() || has_events(group))
      return false;
    if (group.set_by_scenario.contains("net.ipv4.tcp_max_tw_buckets") || group.conntrack) return false;
    for (const Process& process : group.processes) {
      if (!process.listeners.empty()) return false;
      if (most_descriptors(group, 0, process) > process.nofile) return false;
      for (const std::size_t w : workloads_from(group, process)) {
        const Workload& workload = *plan_.workloads[w];
        if (std::holds_alternative<BindExplicit>(workload.bind) || std::holds_alternative<BindAddress>(workload.bind))
          return false;
        for (const Endpoint& to : workload.to) {
          if (to.address.is_loopback()) return false;
        }
      }
    }
    return !group.addresses.empty();
  }

  std::string place(const HostGroup& group) {
    const std::size_t wire = wire_of_.at(group.name);
    if (can_share_a_namespace(group)) {
      plan_.namespaces.push_back({&group, 0, group.count, wire});
      plan_.remarks.push_back(
          fmt::format("the {} hosts of {} are source addresses of one network namespace", group.count, group.name));
      place_carriers(group, plan_.namespaces.size() - 1);
      return {};
    }
    if (group.count > most_namespaces) {
      return fmt::format("each of the {} hosts of {} needs a network namespace of its own; at most {} are made here",
                         group.count, group.name, most_namespaces);
    }
    for (std::uint64_t instance = 0; instance < group.count; ++instance) {
      plan_.namespaces.push_back({&group, instance, 1, wire});
      for (std::size_t p = 0; p < group.processes.size(); ++p) {
        if (auto trouble = place_process(group, instance, p); !trouble.empty()) return trouble;
      }
    }
    return {};
  }

  void place_carriers(const HostGroup& group, std::size_t where) {
    for (std::size_t p = 0; p < group.processes.size(); ++p) {
      const Process& process = group.processes[p];
      const auto workloads = workloads_from(group, process);
      if (workloads.empty()) continue;  // it would do nothing
      const std::uint64_t each = most_descriptors(group, 0, process);
      const std::uint64_t room = std::max<std::uint64_t>(1, (hard_limit_ - spare) / std::max<std::uint64_t>(1, each));
      const std::uint64_t by_room = (group.count + room - 1) / room;
      const std::uint64_t real = std::min(group.count, std::max(carriers, by_room));
      for (std::uint64_t i = 0; i < process.count; ++i) {
        for (std::uint64_t c = 0; c < real; ++c) {
          ProcessPlan plan;
          plan.where = where;
          plan.process = p;
          plan.process_instance = i;
          plan.first_instance = group.count * c / real;
          plan.instances = group.count * (c + 1) / real - plan.first_instance;
          plan.nofile = hard_limit_;
          plan.limit_is_real = false;
          plan.workloads = workloads;
          plan_.processes.push_back(std::move(plan));
        }
      }
    }
  }

  std::string place_process(const HostGroup& group, std::uint64_t instance, std::size_t p) {
    const Process& process = group.processes[p];
    const std::size_t where = plan_.namespaces.size() - 1;
    std::uint64_t parts = 1;
    std::uint64_t nofile = process.nofile;
    const std::uint64_t most = most_descriptors(group, instance, process);
    if (process.nofile > hard_limit_) {
      if (most > process.nofile) {
        return fmt::format(
            "{}/{} can meet its limit of {} descriptors, but a process here can have at most {} (RLIMIT_NOFILE: "
            "ulimit -Hn): its real size does not fit this machine",
            group.name, process.name, process.nofile, hard_limit_);
      }
      const std::uint64_t fixed = process.own_descriptors + process.listeners.size() + spare;
      if (fixed >= hard_limit_)
        return fmt::format(
            "{}/{} takes {} descriptors before its first connection, some to spare included, and a process here can "
            "have "
            "{} (RLIMIT_NOFILE: ulimit -Hn)",
            group.name, process.name, fixed, hard_limit_);
      nofile = hard_limit_;
      if (most + spare > hard_limit_) parts = (most + hard_limit_ - fixed - 1) / (hard_limit_ - fixed);
    }
    if (parts > 1) {
      plan_.remarks.push_back(
          fmt::format("{} real processes stand for each {}/{}: a process here can have {} descriptors", parts,
                      group.name, process.name, hard_limit_));
    }
    const std::string* user_program = user_program_of(group, process);
    if (user_program != nullptr)
      plan_.remarks.push_back(fmt::format("{}/{} is played by: {}", group.name, process.name, *user_program));
    std::vector<std::size_t> inherited;
    for (const Listener& listener : process.listeners) {
      if (!listener.inherited) continue;
      inherited.push_back(add_listener(group, instance, where, process, listener, process.count * parts > 1));
    }
    for (std::uint64_t i = 0; i < process.count; ++i) {
      std::vector<std::size_t> listeners;
      auto next_inherited = inherited.begin();
      for (const Listener& listener : process.listeners) {
        listeners.push_back(listener.inherited ? *next_inherited++
                                               : add_listener(group, instance, where, process, listener, parts > 1));
      }
      for (std::uint64_t part = 0; part < parts; ++part) {
        ProcessPlan plan;
        plan.where = where;
        plan.process = p;
        plan.process_instance = i;
        plan.first_instance = instance;
        plan.part = part;
        plan.parts = parts;
        plan.nofile = nofile;
        plan.limit_is_real = process.nofile <= hard_limit_;
        plan.listeners = listeners;
        plan.workloads = workloads_from(group, process);
        if (user_program != nullptr) plan.user_program = *user_program;
        plan_.processes.push_back(std::move(plan));
      }
    }
    return {};
  }

  std::size_t add_listener(const HostGroup& group, std::uint64_t instance, std::size_t where, const Process& process,
                           const Listener& listener, bool shared) {
    const bool ours = user_program_of(group, process) == nullptr;
    ListenerPlan plan;
    plan.listener = &listener;
    plan.where = where;
    plan.opened_by_leader = shared;
    plan.immediate = ours && std::holds_alternative<AcceptImmediately>(listener.accept);
    plan.uid = process.uid;
    for (std::size_t w = 0; w < plan_.workloads.size(); ++w) {
      if (destinations_to(*plan_.workloads[w], group, instance, listener) > 0) plan.workloads.push_back(w);
    }
    plan_.listeners.push_back(std::move(plan));
    return plan_.listeners.size() - 1;
  }

  const Scenario& scenario_;
  std::uint64_t hard_limit_;
  const UserProgramCommands& user_programs_;
  Wiring wiring_;
  RunPlan plan_;
  std::map<std::string, std::size_t> wire_of_;
};

}  // namespace

std::uint64_t most_open(const Workload& workload) {
  const auto* rate = std::get_if<ConstantRate>(&workload.arrivals);
  const auto* hold = std::get_if<HoldConstant>(&workload.hold);
  if (rate == nullptr || hold == nullptr || rate->interval <= Duration::zero()) return workload.connections;
  const auto gathered = static_cast<std::uint64_t>(hold->time / rate->interval) + 2;
  return std::min(workload.connections, gathered);
}

tl::expected<RunPlan, std::string> plan_run(const Scenario& scenario, std::uint64_t hard_limit,
                                            const UserProgramCommands& user_programs) {
  return Planner(scenario, hard_limit, user_programs).run();
}

bool has_user_programs(const RunPlan& plan) {
  return std::any_of(plan.processes.begin(), plan.processes.end(),
                     [](const ProcessPlan& each) { return !each.user_program.empty(); });
}

std::vector<std::size_t> hosts_behind(const RunPlan& plan, const Wiring& wiring, std::size_t workload,
                                      const Endpoint& destination) {
  std::size_t wire = 0;
  for (const NamespacePlan& host : plan.namespaces) {
    if (host.group->name == plan.workloads[workload]->from_host) wire = host.wire;
  }
  std::vector<Endpoint> ends{destination};
  if (const Balancer* const balancer = wiring.balancer_at(destination)) ends = balancer->back_ends;
  std::vector<std::size_t> result;
  for (std::size_t where = 0; where < plan.namespaces.size(); ++where) {
    const NamespacePlan& host = plan.namespaces[where];
    if (host.wire != wire) continue;
    for (const Endpoint& end : ends) {
      const auto owner = wiring.topology().owner_of(end.address);
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

}  // namespace netlimits::live

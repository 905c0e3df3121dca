// The part of the client plan that knows where both ends of connections lie on one host or in one process.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "analysis/client_plan.hpp"
#include "analysis/open_files.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t beyond_reach = std::uint64_t{1} << 40U;  // open files of a host that no scenario uses up

}  // namespace

void ClientPlan::find_ends(const Wiring& wiring, const Scenario& scenario) {
  std::uint64_t asked = 0;
  for (const PlannedWorkload& workload : workloads) asked += workload.workload->connections;
  const auto note_target = [&](const PlannedWorkload& from, const Target& target, bool balanced) {
    if (target.host != nullptr && !target.own) named_instances_[target.host].insert(target.instance);
    if (target.reach != Reach::listener) {
      ends_[from.host].out.insert(from.index);
      ends_[from.process].out.insert(from.index);
      return;
    }
    const auto note_in = [&](EndsHere& ends) {
      EndsHere::ByInstance& hits = ends.in.try_emplace(from.index, std::in_place).first->second;
      if (balanced || target.own) {
        hits.reset();
      } else if (hits) {
        ++(*hits)[target.instance];
      }
    };
    const bool same_host = !balanced && target.host == from.host && (target.own || from.host->count == 1);
    const Process* server = &target.host->processes[target.process];
    const Listener& listener = server->listeners[target.listener];
    if (!std::holds_alternative<AcceptStalled>(listener.accept)) {
      accepting_[target.host].insert(&listener);
      accepting_[server].insert(&listener);
    }
    const bool waits = !std::holds_alternative<AcceptImmediately>(listener.accept);
    // In the host's table a program that has no descriptor for everybody lets the others wait as well.
    const bool some_wait = waits || (target.host->profile->rules.has(Rule::descriptors_process) &&
                                     free_descriptors(*server) * server->count < asked);
    const bool apart = wiring.round_trip(from.host->name, target).value_or(Duration::zero()) > Duration::zero();
    if (same_host) {
      ends_[from.host].local.insert(from.index);
      ends_[from.host].some_wait = ends_[from.host].some_wait || some_wait;
      ends_[from.host].apart = ends_[from.host].apart || apart;
    } else {
      ends_[from.host].out.insert(from.index);
      note_in(ends_[target.host]);
    }
    if (same_host && server == from.process && server->count == 1) {
      ends_[server].local.insert(from.index);
      ends_[server].some_wait = ends_[server].some_wait || waits;
      ends_[server].apart = ends_[server].apart || apart;
    } else {
      ends_[from.process].out.insert(from.index);
      note_in(ends_[server]);
    }
  };
  for (const PlannedWorkload& workload : workloads) {
    for (const Target& target : workload.targets) {
      if (target.reach != Reach::balancer) {
        note_target(workload, target, false);
        continue;
      }
      clients_of_[target.balancer].insert(workload.host);
      for (const Endpoint& back_end : target.balancer->back_ends) {
        // What comes back to the host that it came from has no other end.
        const bool alone = workload.host->count == 1 && wiring.comes_back(workload.host->name, back_end);
        note_target(workload, alone ? Target{} : wiring.behind(*target.balancer, back_end), true);
      }
    }
  }
  for (const auto& [name, host] : scenario.hosts) {
    if (const auto found = ends_.find(&host); found != ends_.end()) found->second.instances = host.count;
    for (const Process& process : host.processes) {
      const auto found = ends_.find(&process);
      if (found != ends_.end()) found->second.instances = host.count * process.count;
    }
  }
  for (const auto& [name, host] : scenario.hosts) {  // notes in the order of the names, not of the addresses
    if (ends_of(host) == Ends::mixed && host.settings.file_max < beyond_reach)
      notes.push_back("the file table of " + name + " serves both ends: its share of each is given as an interval");
    for (const Process& process : host.processes) {
      if (ends_of(process) != Ends::mixed || !host.profile->rules.has(Rule::descriptors_process)) continue;
      notes.push_back("the descriptors of " + name + "/" + process.name +
                      " serve both ends: its share of each is given as an interval");
    }
  }
}

const std::set<const Listener*>& ClientPlan::accepting(const void* what) const {
  static const std::set<const Listener*> nobody;
  const auto found = accepting_.find(what);
  return found == accepting_.end() ? nobody : found->second;
}

const std::set<std::uint64_t>& ClientPlan::named_instances(const HostGroup& host) const {
  static const std::set<std::uint64_t> none;
  const auto found = named_instances_.find(&host);
  return found == named_instances_.end() ? none : found->second;
}

const std::set<const HostGroup*>& ClientPlan::clients_of(const Balancer& balancer) const {
  static const std::set<const HostGroup*> nobody;
  const auto found = clients_of_.find(&balancer);
  return found == clients_of_.end() ? nobody : found->second;
}

Ends ClientPlan::ends_of(const HostGroup& host) const {
  const auto found = ends_.find(&host);
  return found == ends_.end() ? Ends::one : found->second.ends();
}

Ends ClientPlan::ends_of(const Process& process) const {
  const auto found = ends_.find(&process);
  return found == ends_.end() ? Ends::one : found->second.ends();
}

// By one of several that are alike: they take turns.
std::uint64_t ClientPlan::most_begun(const EndsHere& ends, const std::set<std::size_t>& those,
                                     const NetworkQuestion& question) const {
  std::uint64_t sum = 0;
  for (const std::size_t one : those) sum += (question.connections[one] + ends.instances - 1) / ends.instances;
  return sum;
}

// On one host of a group. Those that go by way of a balancer may all come to one, and where several processes of a host
// listen, all to one of them.
std::uint64_t ClientPlan::most_accepted(const EndsHere& ends, const NetworkQuestion& question) const {
  const auto shares = [](std::uint64_t of, std::uint64_t among) { return (of + among - 1) / among; };
  std::uint64_t sum = 0;
  for (const auto& [one, hits] : ends.in) {
    const PlannedWorkload& workload = workloads[one];
    const std::uint64_t connections = question.connections[one];
    if (!hits) {
      sum += connections;
      continue;
    }
    // A program's source changes fastest, then its destination.
    const std::uint64_t of_source = shares(shares(connections, workload.programs), workload.sources);
    const std::uint64_t to_each = workload.programs * workload.sources * shares(of_source, workload.destinations());
    std::uint64_t most = 0;
    for (const auto& [instance, destinations] : *hits) most = std::max(most, destinations);
    sum += most > connections / std::max<std::uint64_t>(1, to_each) ? connections : most * to_each;
  }
  return sum;
}

Interval ClientPlan::shared(const void* what, std::uint64_t free, bool clients, const NetworkQuestion& question) const {
  const auto found = ends_.find(what);
  const Ends ends = found == ends_.end() ? Ends::one : found->second.ends();
  if (ends == Ends::one) return Interval::exactly(free);
  if (ends == Ends::both) {
    // Where the next connection may begin before the last one is accepted, clients may take all there is.
    const bool apart = found->second.apart;
    if (!clients) return {apart ? 0 : free / 2, question.some_end ? free : free / 2};
    if (apart) return {free / 2, free};
    // An odd one that is left over can still be a client's end, whose other end waits to be accepted; where all wait,
    // every one can.
    const bool all_may = question.some_end || (question.accept_queues && found->second.some_wait);
    return {free - free / 2, all_may ? free : free - free / 2};
  }
  const std::uint64_t both = most_begun(found->second, found->second.local, question);
  const std::uint64_t wanted = both + (clients ? most_accepted(found->second, question)
                                               : most_begun(found->second, found->second.out, question));
  Interval share{free - std::min(free, wanted), free};
  const auto part = question.part.find(what);
  if (part == question.part.end()) return share;
  const std::uint64_t mine = clients ? part->second : free - std::min(free, part->second);
  if (question.draws == Draws::worst) return Interval::exactly(mine);
  return {std::min(share.min, mine), mine};
}

Interval ClientPlan::for_clients(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const {
  return shared(&host, free, true, question);
}

Interval ClientPlan::for_clients(const Process& process, std::uint64_t free, const NetworkQuestion& question) const {
  return shared(&process, free, true, question);
}

Interval ClientPlan::for_servers(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const {
  return shared(&host, free, false, question);
}

Interval ClientPlan::for_servers(const Process& process, std::uint64_t free, const NetworkQuestion& question) const {
  return shared(&process, free, false, question);
}

bool ClientPlan::descriptors_run_out_first(const HostGroup& host, const NetworkQuestion& question) const {
  if (ends_of(host) != Ends::one || !host.profile->rules.has(Rule::descriptors_process)) return false;
  std::set<const Process*> processes;
  for (const std::size_t index : of_host.at(host.name)) processes.insert(workloads[index].process);
  std::uint64_t files = free_files(host);
  for (const Process* const process : processes) {
    if (question.lifted.contains({Limit::fd_per_process, process_place(host, *process)})) return false;
    const std::uint64_t each = free_descriptors(*process);
    if (each > files / process->count) return false;
    files -= each * process->count;
  }
  return true;
}

std::vector<Divided> ClientPlan::mixed(const Scenario& scenario) const {
  std::vector<const HostGroup*> hosts;
  for (const auto& [name, host] : scenario.hosts) hosts.push_back(&host);
  const auto first_address = [](const HostGroup* host) {
    return host->addresses.empty() ? IpAddress{} : host->addresses.front().address;
  };
  std::stable_sort(hosts.begin(), hosts.end(),
                   [&](const HostGroup* a, const HostGroup* b) { return first_address(a) < first_address(b); });
  std::vector<Divided> found;
  for (const HostGroup* const one : hosts) {
    const HostGroup& host = *one;
    if (ends_of(host) == Ends::mixed && host.settings.file_max < beyond_reach)
      found.push_back({&host, free_files(host), host.count == 1, {Limit::fd_per_host, host_place(host)}});
    for (const Process& process : host.processes) {
      if (!host.profile->rules.has(Rule::descriptors_process) || ends_of(process) != Ends::mixed) continue;
      found.push_back({&process,
                       free_descriptors(process),
                       host.count * process.count == 1,
                       {Limit::fd_per_process, process_place(host, process)}});
    }
  }
  return found;
}

std::pair<std::uint64_t, std::uint64_t> ClientPlan::extreme_parts(const Divided& of,
                                                                  const NetworkQuestion& question) const {
  NetworkQuestion undivided = question;
  undivided.part.clear();
  return {shared(of.what, of.free, true, undivided).min, of.free - shared(of.what, of.free, false, undivided).min};
}

}  // namespace netlimits::analysis

// Each figure by itself, in arithmetic that stays at the largest number instead of wrapping round.
#include "model/scenario/run_needs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

// Bytes, rounded up from a few runs on x86-64: both sockets of a connection, its attempt and what tables and queues
// keep of it; a process; a host; a window as a count, as JSON and as text.
constexpr std::uint64_t of_connection = 700;
constexpr std::uint64_t of_process = 500;
constexpr std::uint64_t of_host = 8192;
constexpr std::uint64_t of_address = 128;
constexpr std::size_t few_addresses = 8;
constexpr std::uint64_t of_window = 800;

// How long a connection may leave something behind: TIME_WAIT of the longest-waiting system, and a connect() that
// nobody answers.
constexpr Duration longest_trace = std::chrono::seconds(240);

std::string way_to_more_steps() {
  return "make it smaller or its \"duration\" shorter, allow more with --steps, or say how long it may take with "
         "--timeout";
}

std::string in_words(std::uint64_t bytes) {
  constexpr std::uint64_t mebibyte = 1U << 20U;
  return bytes == most_count ? "more than can be counted" : std::to_string(bytes / mebibyte + 1) + " MiB";
}

SimTime last_known_arrival(const Workload& workload) {
  const auto last = last_arrival_by_law(workload);
  // Where chance draws them, or a rate fades away, at least the first one comes.
  return last && *last != end_of_time ? *last : workload.start;
}

std::uint64_t windows_of(const Scenario& scenario, const Workload& workload) {
  if (!scenario.window) return 0;
  const SimTime last = std::min(last_known_arrival(workload), scenario.end.value_or(end_of_time));
  return static_cast<std::uint64_t>(last.time_since_epoch() / *scenario.window) + 1;
}

// The time between two arrivals at their fastest. Zero: several at once.
Duration least_interval(const Arrivals& arrivals) {
  const auto of_rate = [](std::uint64_t milli) {
    return Duration(milli_per_arrival * nanoseconds_per_second /
                    static_cast<std::int64_t>(std::max<std::uint64_t>(1, milli)));
  };
  if (const auto* constant = std::get_if<ConstantRate>(&arrivals)) return constant->interval;
  // Twice the mean is far more than what chance makes of many.
  if (const auto* poisson = std::get_if<PoissonRate>(&arrivals)) return of_rate(poisson->per_second_milli) / 2;
  if (const auto* ramp = std::get_if<RampRate>(&arrivals)) return of_rate(std::max(ramp->from_milli, ramp->to_milli));
  return Duration::zero();
}

// Each connection that is sure to arrive is a step at least.
std::uint64_t steps_of(const Scenario& scenario, const Workload& workload) {
  const auto last = last_arrival_by_law(workload);
  if (!last || *last == end_of_time) return 0;
  if (!scenario.end || *last <= *scenario.end) return workload.connections;
  const Duration interval = least_interval(workload.arrivals);
  if (!std::holds_alternative<ConstantRate>(workload.arrivals) || *scenario.end < workload.start) return 0;
  return static_cast<std::uint64_t>((*scenario.end - workload.start) / interval) + 1;
}

std::uint64_t descriptors_of(const HostGroup& host, const std::string& process_name) {
  const auto process = std::find_if(host.processes.begin(), host.processes.end(),
                                    [&](const Process& one) { return one.name == process_name; });
  if (process == host.processes.end() || !host.profile || !host.profile->rules.has(Rule::descriptors_process))
    return most_count;
  return bounded_product(bounded_product(host.count, process->count), process->nofile);
}

// Those that are open, and those that have left something behind.
std::uint64_t connections_of(const Scenario& scenario, const Workload& workload) {
  const auto host = scenario.hosts.find(workload.from_host);
  if (host == scenario.hosts.end()) return workload.connections;
  const std::uint64_t descriptors = descriptors_of(host->second, workload.from_process);
  std::uint64_t held = 1;  // nanoseconds
  if (const auto* constant = std::get_if<HoldConstant>(&workload.hold)) {
    held = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(constant->time.count()));
  } else if (const auto* drawn = std::get_if<HoldExponential>(&workload.hold)) {
    // As many are open as arrive in a mean hold time; chance makes it a few more.
    held = bounded_product(static_cast<std::uint64_t>(drawn->mean.count()), 2);
  } else {
    return std::min(workload.connections, descriptors);
  }
  // A descriptor serves one after another, and each leaves its trace.
  const auto trace = static_cast<std::uint64_t>(longest_trace.count());
  const std::uint64_t most = std::min(workload.connections, bounded_product(descriptors, trace / held + 2));
  const Duration interval = least_interval(workload.arrivals);
  if (interval <= Duration::zero()) return most;
  return std::min(most, bounded_sum(held, trace) / static_cast<std::uint64_t>(interval.count()) + 1);
}

// The hosts of each group to which something may happen.
std::map<std::string, std::uint64_t> hosts_touched(const Scenario& scenario) {
  std::set<Endpoint> destinations;
  for (const auto& [name, workload] : scenario.workloads) destinations.insert(workload.to.begin(), workload.to.end());
  for (const auto& [name, balancer] : scenario.balancers)
    destinations.insert(balancer.back_ends.begin(), balancer.back_ends.end());
  std::map<std::string, std::uint64_t> touched;
  for (const auto& [name, workload] : scenario.workloads)
    touched[workload.from_host] = bounded_sum(touched[workload.from_host], workload.connections);
  for (const auto& [name, host] : scenario.hosts) {
    std::uint64_t& count = touched[name];
    count = bounded_sum(count, 1 + destinations.size() + scenario.events.size());
    count = host.held_connections.empty() ? std::min(count, host.count) : host.count;
  }
  return touched;
}

std::uint64_t sockets_of_a_port(const HostGroup& host) {
  std::map<Port, std::uint64_t> sharing;
  std::uint64_t most = 0;
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) {
      if (!listener.reuse_port) continue;
      std::uint64_t& count = sharing[listener.endpoint.port];
      count = bounded_sum(count, process.count);
      most = std::max(most, count);
    }
  }
  return most;
}

}  // namespace

RunNeeds needs_of(const Scenario& scenario) {
  RunNeeds needs;
  const std::map<std::string, std::uint64_t> touched = hosts_touched(scenario);
  std::uint64_t held = 0;
  for (const auto& [name, host] : scenario.hosts) {
    const std::uint64_t hosts = touched.at(name);
    // Few addresses of a host are in its own figure.
    if (host.addresses.size() > few_addresses)
      needs.addresses = bounded_sum(needs.addresses, bounded_product(hosts, host.addresses.size()));
    std::uint64_t processes = 0;
    for (const Process& process : host.processes) processes = bounded_sum(processes, process.count);
    needs.hosts = bounded_sum(needs.hosts, hosts);
    needs.processes = bounded_sum(needs.processes, bounded_product(hosts, processes));
    needs.sockets_of_a_port = std::max(needs.sockets_of_a_port, sockets_of_a_port(host));
    for (const HeldConnections& entry : host.held_connections) {
      for (const PortRange& range : entry.ports) held = bounded_sum(held, bounded_product(hosts, range.size().value));
    }
  }
  needs.connections = held;
  for (const auto& [name, workload] : scenario.workloads) {
    needs.connections = bounded_sum(needs.connections, connections_of(scenario, workload));
    needs.windows = bounded_sum(needs.windows, windows_of(scenario, workload));
    needs.steps = bounded_sum(needs.steps, steps_of(scenario, workload));
  }
  needs.memory = bounded_sum(
      bounded_product(needs.addresses, of_address),
      bounded_sum(
          bounded_sum(bounded_product(needs.hosts, of_host), bounded_product(needs.processes, of_process)),
          bounded_sum(bounded_product(needs.connections, of_connection), bounded_product(needs.windows, of_window))));
  return needs;
}

std::optional<TooMuch> too_many_windows(const Scenario& scenario, std::uint64_t windows) {
  if (windows <= most_windows || !scenario.window) return std::nullopt;
  return TooMuch{"its windows of " + std::to_string(scenario.window->count()) + " ns are at least " +
                     std::to_string(windows) + ", and a result has at most " + std::to_string(most_windows),
                 "a \"window\" " + std::to_string(windows / most_windows + 1) +
                     " times as long would do, or a shorter \"duration\""};
}

std::optional<TooMuch> too_much(const Scenario& scenario, std::uint64_t memory, std::uint64_t steps) {
  const RunNeeds needs = needs_of(scenario);
  if (auto refused = too_many_windows(scenario, needs.windows)) return refused;
  if (needs.sockets_of_a_port > most_sockets_of_a_port) {
    return TooMuch{std::to_string(needs.sockets_of_a_port) +
                       " sockets of one host would share a port by \"reuse_port\", and at most " +
                       std::to_string(most_sockets_of_a_port) + " are replayed",
                   "give the process a smaller \"count\", or make the listener \"inherited\""};
  }
  if (needs.memory > memory) {
    return TooMuch{"a run may need " + in_words(needs.memory) + " of memory (" + std::to_string(needs.connections) +
                       " connections at one time, " + std::to_string(needs.processes) + " processes on " +
                       std::to_string(needs.hosts) + " hosts" +
                       (needs.addresses > 0 ? " of " + std::to_string(needs.addresses) + " addresses" : "") +
                       "), and " + in_words(memory - 1) + " are allowed",
                   "make it smaller, or allow more with --memory"};
  }
  if (needs.steps >= steps) {
    return TooMuch{"a run would take more than " + std::to_string(needs.steps) +
                       " steps, one for each connection that begins, and " + std::to_string(steps) + " are allowed",
                   way_to_more_steps()};
  }
  return std::nullopt;
}

TooMuch too_many_steps(std::uint64_t most, std::uint64_t attempts) {
  return {"more than " + std::to_string(most) +
              " steps (events, timers and segments) were not enough: it has come to " + std::to_string(attempts) +
              " attempts to connect",
          way_to_more_steps()};
}

std::uint64_t most_reconnections(const Scenario& scenario) {
  constexpr std::uint64_t rounds = 100;
  constexpr std::uint64_t of_the_smallest = 100'000;
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads) connections = bounded_sum(connections, workload.connections);
  return bounded_sum(of_the_smallest, bounded_product(connections, rounds + scenario.events.size()));
}

TooMuch never_ends(std::uint64_t reconnections) {
  return {"connections were lost and opened anew " + std::to_string(reconnections) +
              " times, and nothing says that this will end",
          "give the scenario a \"duration\", or take \"reconnect\" out: what is lost is not opened "
          "anew then, and the result has fewer attempts, and fewer failures, than there would be"};
}

}  // namespace netlimits

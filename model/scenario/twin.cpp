// Everything counted divided by one number, and the choice of that number.
#include "model/scenario/twin.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "model/net/bounded_time.hpp"
#include "model/net/port_list.hpp"
#include "model/scenario/twin_pace.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits {
namespace {

constexpr std::string_view syn_retries_name = "net.ipv4.tcp_syn_retries";
constexpr std::string_view syn_linear_name = "net.ipv4.tcp_syn_linear_timeouts";
constexpr std::uint32_t short_syn_retries = 2;

// A ratio of whole numbers: what one thing shrinks by.
struct Factor {
  std::uint64_t by = 1;     // divided by this ...
  std::uint64_t times = 1;  // ... and multiplied by that; by >= times

  bool is_one() const { return by == times; }
  std::uint64_t of(std::uint64_t count) const {
    // Counts are far below 2^64 / times: a scenario has at most some 10^9 of anything, a group at most that many hosts.
    return count / by * times + count % by * times / by;
  }
  // At least 1 where there was one.
  std::uint64_t some_of(std::uint64_t count) const { return count == 0 ? 0 : std::max<std::uint64_t>(1, of(count)); }
};

std::uint32_t scaled_ports(std::uint32_t count, const Factor& factor) {
  if (factor.is_one()) return count;
  auto scaled = static_cast<std::uint32_t>(factor.some_of(count));
  if (scaled % 2 != count % 2) ++scaled;
  return std::min(scaled, count);
}

PortRange scaled(const PortRange& range, const Factor& factor) {
  const std::uint32_t size = scaled_ports(range.size().value, factor);
  return {range.first, Port{static_cast<std::uint16_t>(range.first.value + size - 1)}};
}

// A range that lies inside the automatic one keeps its share of it and its place in proportion.
PortRange scaled_within(const PortRange& part, const PortRange& whole, const Factor& factor) {
  if (factor.is_one() || !whole.contains(part.first) || !whole.contains(part.last)) return part;
  const auto offset = static_cast<std::uint32_t>(factor.of(std::uint64_t{part.first.value} - whole.first.value));
  const auto size = static_cast<std::uint32_t>(factor.some_of(part.size().value));
  const auto first = static_cast<std::uint16_t>(whole.first.value + offset);
  return {Port{first}, Port{static_cast<std::uint16_t>(first + size - 1)}};
}

// A queue for a backlog b holds b + 1.
std::int64_t scaled_backlog(std::int64_t backlog, const Factor& factor) {
  if (backlog < 0) return backlog;
  return static_cast<std::int64_t>(factor.some_of(static_cast<std::uint64_t>(backlog) + 1)) - 1;
}

class Shrinking {
 public:
  Shrinking(const Scenario& original, std::uint64_t divisor) : original_(original), divisor_(divisor) {
    twin_.scenario = original;
    twin_.divisor = divisor;
  }

  Twin run() {
    if (divisor_ == 1) return std::move(twin_);
    find_fixed_groups();
    for (auto& [name, group] : twin_.scenario.hosts) shrink(group);
    for (auto& [name, workload] : twin_.scenario.workloads) shrink(workload);
    for (auto& [name, gateway] : twin_.scenario.gateways) shrink(gateway);
    for (Event& event : twin_.scenario.events) {
      if (auto* change = std::get_if<SettingChange>(&event.what)) shrink(*change);
    }
    twin_.changes.insert(
        twin_.changes.begin(),
        fmt::format("connections, rates, ports, descriptor limits, queues and client hosts are divided "
                    "by {}; times are as they were",
                    divisor_));
    return std::move(twin_);
  }

 private:
  // Groups whose single hosts are named by address or by event keep their number.
  void find_fixed_groups() {
    const Topology topology(original_);
    const auto fix_owner = [&](const IpAddress& address) {
      if (const auto owner = topology.owner_of(address)) fixed_.insert(owner->group);
    };
    for (const auto& [name, workload] : original_.workloads) {
      for (const Endpoint& to : workload.to) fix_owner(to.address);
    }
    for (const auto& [name, balancer] : original_.balancers) {
      for (const Endpoint& end : balancer.back_ends) fix_owner(end.address);
    }
    for (const Event& event : original_.events) {
      std::visit(
          [&](const auto& what) {
            if constexpr (requires { what.host; }) fixed_.insert(what.host);
          },
          event.what);
    }
  }

  Factor factor_of(const HostGroup& original) const {
    if (original.count == 1 || fixed_.contains(original.name)) return {divisor_, 1};
    // Fewer hosts take the first share of the shrinking, their limits what is left.
    const std::uint64_t hosts = (original.count + divisor_ - 1) / divisor_;
    return {divisor_ * hosts, original.count};
  }

  void shrink(HostGroup& group) {
    const HostGroup& original = original_.hosts.at(group.name);
    const Factor factor = factor_of(original);
    if (original.count > 1 && !fixed_.contains(group.name)) group.count = (original.count + divisor_ - 1) / divisor_;
    factors_[group.name] = factor;
    Settings& settings = group.settings;
    const PortRange whole = settings.local_port_range;
    settings.local_port_range = scaled(whole, factor);
    for (PortRange& reserved : settings.reserved_ports) reserved = scaled_within(reserved, whole, factor);
    drop_overlaps(settings.reserved_ports);
    for (HeldPorts& held : group.held_ports) held.ports = scaled_within(held.ports, whole, factor);
    shrink_held_connections(group, whole, factor);
    settings.max_time_wait_buckets = factor.some_of(settings.max_time_wait_buckets);
    settings.somaxconn = static_cast<std::uint32_t>(scaled_backlog(settings.somaxconn, factor));
    for (Process& process : group.processes) {
      const std::uint64_t fixed = process.own_descriptors + process.listeners.size();
      if (process.nofile > fixed) process.nofile = fixed + factor.some_of(process.nofile - fixed);
      for (Listener& listener : process.listeners) {
        listener.backlog = scaled_backlog(listener.backlog, factor);
        if (auto* paced = std::get_if<AcceptPaced>(&listener.accept))
          paced->interval = bounded_product(paced->interval, divisor_);
      }
    }
    for (auto& [name, value] : group.set_by_scenario) {
      if (setting_named(group.profile->system, name)) value = read_setting(settings, group.profile->system, name);
    }
  }

  // Connections from before keep their share of the range towards each destination; which ports they have means
  // nothing, so they get the highest ones that nobody else holds. Those outside the range stay as they are.
  static void shrink_held_connections(HostGroup& group, const PortRange& whole, const Factor& factor) {
    if (factor.is_one()) return;
    const PortRange range = group.settings.local_port_range;
    const auto taken = [&](Port port) {
      const auto in = [port](const PortRange& ports) { return ports.contains(port); };
      return std::any_of(group.settings.reserved_ports.begin(), group.settings.reserved_ports.end(), in) ||
             std::any_of(group.held_ports.begin(), group.held_ports.end(),
                         [&](const HeldPorts& held) { return held.ports.contains(port); });
    };
    std::map<std::pair<IpAddress, Endpoint>, std::uint32_t> next;  // towards one destination, one above the next port
    for (HeldConnections& held : group.held_connections) {
      std::vector<PortRange> kept;
      std::uint64_t inside = 0;
      for (const PortRange& ports : held.ports) {
        if (whole.contains(ports.first) && whole.contains(ports.last)) {
          inside += ports.size().value;
        } else {
          kept.push_back(ports);
        }
      }
      std::uint32_t& port = next.try_emplace({held.from, held.to}, range.last.value + 1U).first->second;
      for (std::uint64_t left = factor.some_of(inside); left > 0 && port > range.first.value;) {
        const Port candidate{static_cast<std::uint16_t>(--port)};
        if (taken(candidate)) continue;
        kept.push_back({candidate, candidate});
        --left;
      }
      held.ports = normalised(std::move(kept));
    }
    std::erase_if(group.held_connections, [](const HeldConnections& held) { return held.ports.empty(); });
  }

  // All client hosts together share a gateway's ports, each has a block of its own.
  void shrink(Gateway& gateway) const {
    const Factor factor{divisor_, 1};
    NatSettings& nat = gateway.nat;
    nat.ports = scaled(nat.ports, factor);
    nat.per_destination = static_cast<std::uint32_t>(factor.some_of(nat.per_destination));
    if (nat.block != 0) nat.block = static_cast<std::uint32_t>(factors_.at(gateway.hosts.front()).some_of(nat.block));
  }

  static void drop_overlaps(std::vector<PortRange>& ranges) {
    std::vector<PortRange> kept;
    for (const PortRange& range : ranges) {
      if (kept.empty() || kept.back().last < range.first) kept.push_back(range);
    }
    ranges = std::move(kept);
  }

  void shrink(Workload& workload) const {
    const Factor factor{divisor_, 1};
    workload.connections = factor.some_of(workload.connections);
    if (auto* constant = std::get_if<ConstantRate>(&workload.arrivals)) {
      constant->interval = bounded_product(constant->interval, divisor_);
    } else if (auto* poisson = std::get_if<PoissonRate>(&workload.arrivals)) {
      poisson->per_second_milli = factor.some_of(poisson->per_second_milli);
    } else if (auto* ramp = std::get_if<RampRate>(&workload.arrivals)) {
      ramp->from_milli = factor.of(ramp->from_milli);
      ramp->to_milli = factor.some_of(ramp->to_milli);
    }
    auto* ports = std::get_if<BindExplicit>(&workload.bind);
    if (ports == nullptr) return;
    for (PortRange& range : ports->ports) range = scaled(range, factors_.at(workload.from_host));
  }

  void shrink(SettingChange& change) const {
    const HostGroup& group = twin_.scenario.hosts.at(change.host);
    const std::string& system = group.profile->system;
    if (!setting_named(system, change.name)) return;
    Settings changed = original_.hosts.at(change.host).settings;
    if (!write_setting(changed, system, change.name, change.value)) return;
    const Factor& factor = factors_.at(change.host);
    changed.local_port_range = scaled(changed.local_port_range, factor);
    changed.max_time_wait_buckets = factor.some_of(changed.max_time_wait_buckets);
    changed.somaxconn = static_cast<std::uint32_t>(scaled_backlog(changed.somaxconn, factor));
    change.value = read_setting(changed, system, change.name);
  }

  const Scenario& original_;
  std::uint64_t divisor_;
  Twin twin_;
  std::set<std::string> fixed_;
  std::map<std::string, Factor> factors_;
};

std::uint64_t total_connections(const Scenario& scenario) {
  std::uint64_t total = 0;
  for (const auto& [name, workload] : scenario.workloads) total += workload.connections;
  return total;
}

std::uint64_t divide_up(std::uint64_t amount, std::uint64_t part) { return (amount + part - 1) / part; }

// Hosts that only connect with ports chosen by connect() can be source addresses of one network; others cannot.
bool needs_networks(const Scenario& scenario, const HostGroup& group) {
  const auto serves = [](const Process& process) { return !process.listeners.empty(); };
  if (!group.held_ports.empty() || !group.held_connections.empty() ||
      std::any_of(group.processes.begin(), group.processes.end(), serves))
    return true;
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& each) {
    const Workload& workload = each.second;
    return workload.from_host == group.name &&
           (std::holds_alternative<BindExplicit>(workload.bind) || std::holds_alternative<BindAddress>(workload.bind));
  });
}

// Can a SYN go unanswered? A listener that does not accept at once, a server that can run out of descriptors, a host
// that goes down, an address that nobody has, a gateway.
bool silence_possible(const Scenario& scenario) {
  const std::uint64_t most = total_connections(scenario);
  for (const auto& [name, group] : scenario.hosts) {
    for (const Process& process : group.processes) {
      if (process.listeners.empty()) continue;
      if (process.own_descriptors + process.listeners.size() + most > process.nofile) return true;
      for (const Listener& listener : process.listeners) {
        if (!std::holds_alternative<AcceptImmediately>(listener.accept)) return true;
      }
    }
  }
  if (!scenario.events.empty() || !scenario.gateways.empty()) return true;
  const Wiring wiring(scenario);
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) {
      const Reach reach = wiring.of(workload.from_host, to).reach;
      if (reach == Reach::no_route || reach == Reach::held_listener) return true;
    }
  }
  return false;
}

void give_up_sooner(Twin& twin) {
  bool any = false;
  std::set<std::string> clients;
  for (const auto& [name, workload] : twin.scenario.workloads) clients.insert(workload.from_host);
  for (auto& [name, group] : twin.scenario.hosts) {
    const bool client = clients.contains(name);
    const bool set = group.set_by_scenario.contains(std::string(syn_retries_name)) ||
                     group.set_by_scenario.contains(std::string(syn_linear_name));
    if (!client || set || group.settings.syn_retries <= short_syn_retries) continue;
    group.settings.syn_retries = short_syn_retries;
    group.settings.syn_linear_timeouts = 0;
    any = true;
  }
  if (any)
    twin.changes.push_back(
        fmt::format("a client gives up on an unanswered SYN after 7 s instead of 131 s ({} = {}, {} = 0)",
                    syn_retries_name, short_syn_retries, syn_linear_name));
}

void without_delay(Twin& twin) {
  std::vector<Path>& paths = twin.scenario.paths;
  if (std::none_of(paths.begin(), paths.end(), [](const Path& path) { return path.round_trip > Duration::zero(); }))
    return;
  for (Path& path : paths) twin.round_trips.push_back(std::exchange(path.round_trip, Duration::zero()));
  twin.changes.emplace_back(
      "round trips take no time: a sandbox cannot delay packets; what depends on them is not determined");
}

}  // namespace

Twin scaled_down(const Scenario& scenario, std::uint64_t divisor) { return Shrinking(scenario, divisor).run(); }

std::uint64_t divisor_for(const Scenario& scenario, const MachineSize& machine) {
  std::uint64_t divisor = std::max<std::uint64_t>(1, divide_up(total_connections(scenario), machine.connections));
  const std::uint64_t most = total_connections(scenario);
  for (const auto& [name, group] : scenario.hosts) {
    for (const Process& process : group.processes) {
      const std::uint64_t fixed = process.own_descriptors + process.listeners.size();
      // A limit that nothing can meet need not be had.
      if (process.nofile <= machine.nofile_hard || fixed + most <= process.nofile) continue;
      if (fixed >= machine.nofile_hard) continue;
      divisor = std::max(divisor, divide_up(process.nofile - fixed, machine.nofile_hard - fixed));
    }
    if (needs_networks(scenario, group)) divisor = std::max(divisor, divide_up(group.count, machine.hosts));
  }
  return divisor;
}

Twin twin_for(const Scenario& scenario, const MachineSize& machine) {
  Twin twin = scaled_down(scenario, divisor_for(scenario, machine));
  without_delay(twin);
  if (silence_possible(twin.scenario)) give_up_sooner(twin);
  fit_into(twin, machine);
  return twin;
}

Twin full_size(const Scenario& scenario) {
  Twin twin = scaled_down(scenario, 1);
  without_delay(twin);
  return twin;
}

Scenario with_round_trips(const Twin& twin) {
  Scenario scenario = twin.scenario;
  for (std::size_t i = 0; i < twin.round_trips.size(); ++i) scenario.paths[i].round_trip = twin.round_trips[i];
  return scenario;
}

}  // namespace netlimits

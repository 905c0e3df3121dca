// The hosts of a group one by one.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "fuzz/scenarios/scenario_relatives.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits::fuzz {
namespace {

std::string member(const std::string& group, std::uint64_t instance) {
  return fmt::format("{}.{}", group, instance + 1);
}

class Split {
 public:
  explicit Split(const Scenario& scenario) : from_(scenario), made_(scenario) {}

  std::optional<Relative> split() {
    if (!has_groups() || !can_be_split()) return std::nullopt;
    made_.hosts.clear();
    for (const auto& [name, group] : from_.hosts) add_host(group);
    add_paths();
    for (auto& [name, gateway] : made_.gateways) gateway.hosts = members_of(gateway.hosts);
    made_.workloads.clear();
    for (const auto& [name, workload] : from_.workloads) add_workload(workload);
    made_.events.clear();
    for (const Event& event : from_.events) add_event(event);
    return Relative{std::move(made_), keeps_order() ? Bond::same_in_sum : Bond::none,
                    come_and_go() || end_cuts_arrivals() ? Bond::none : Bond::same_in_sum};
  }

 private:
  std::uint64_t count_of(const std::string& host) const {
    const auto found = from_.hosts.find(host);
    return found == from_.hosts.end() ? 1 : found->second.count;  // a balancer
  }

  std::string site(const std::string& name, std::uint64_t instance) const {
    return count_of(name) > 1 ? member(name, instance) : name;
  }

  bool has_groups() const {
    return std::any_of(from_.hosts.begin(), from_.hosts.end(),
                       [](const auto& named) { return named.second.count > 1; });
  }

  std::uint64_t processes_of(const Workload& workload) const {
    for (const Process& process : from_.hosts.at(workload.from_host).processes)
      if (process.name == workload.from_process) return process.count;
    return 1;
  }

  bool can_be_split() const {
    const bool to_itself = std::any_of(from_.paths.begin(), from_.paths.end(),
                                       [&](const Path& path) { return path.a == path.b && count_of(path.a) > 1; });
    return !to_itself && std::all_of(from_.workloads.begin(), from_.workloads.end(), [&](const auto& named) {
      const Workload& workload = named.second;
      return count_of(workload.from_host) == 1 || workload.to.size() == 1 || processes_of(workload) == 1;
    });
  }

  bool keeps_order() const {
    return from_.workloads.size() == 1 &&
           std::holds_alternative<ConstantRate>(from_.workloads.begin()->second.arrivals) &&
           from_.workloads.begin()->second.retry.attempts == 0;
  }

  // Each part of a workload rounds by itself how many have begun by then.
  bool end_cuts_arrivals() const {
    return from_.end && std::any_of(from_.workloads.begin(), from_.workloads.end(), [&](const auto& named) {
             const auto last = last_arrival_by_law(named.second);
             return !std::holds_alternative<AtOnce>(named.second.arrivals) && (!last || *last > *from_.end);
           });
  }

  bool come_and_go() const {
    return std::any_of(from_.workloads.begin(), from_.workloads.end(), [](const auto& named) {
      return !std::holds_alternative<AtOnce>(named.second.arrivals) &&
             !std::holds_alternative<HoldForever>(named.second.hold);
    });
  }

  std::vector<std::string> members_of(const std::vector<std::string>& groups) const {
    std::vector<std::string> members;
    for (const std::string& group : groups) {
      for (std::uint64_t i = 0; i < count_of(group); ++i) members.push_back(site(group, i));
    }
    return members;
  }

  void add_host(const HostGroup& group) {
    for (std::uint64_t i = 0; i < group.count; ++i) {
      HostGroup one = group;
      one.name = site(group.name, i);
      one.count = 1;
      one.address_stride = 1;
      for (AddressBlock& block : one.addresses) block.address = block.address.plus(i * group.address_stride);
      for (HeldPorts& held : one.held_ports) {
        if (!held.address.is_wildcard() && !held.address.is_loopback())
          held.address = held.address.plus(i * group.address_stride);
      }
      for (HeldConnections& held : one.held_connections) {
        if (!held.from.is_loopback()) held.from = held.from.plus(i * group.address_stride);
      }
      std::string name = one.name;
      made_.hosts.emplace(std::move(name), std::move(one));
    }
  }

  // The hosts of a group are at one place: whoever passes one of them passes all.
  void add_paths() {
    if (from_.paths.empty()) return;
    made_.paths.clear();
    for (const Path& path : from_.paths) {
      for (std::uint64_t a = 0; a < count_of(path.a); ++a) {
        for (std::uint64_t b = 0; b < count_of(path.b); ++b)
          made_.paths.push_back({site(path.a, a), site(path.b, b), path.round_trip});
      }
    }
    for (const auto& [name, group] : from_.hosts) {
      for (std::uint64_t i = 1; i < group.count; ++i)
        made_.paths.push_back({site(name, i - 1), site(name, i), Duration::zero()});
    }
  }

  void add_workload(const Workload& workload) {
    const std::uint64_t count = count_of(workload.from_host);
    for (std::uint64_t i = 0; i < std::min(count, workload.connections); ++i) {
      Workload one = workload;
      if (count > 1) one.name = member(workload.name, i);
      one.from_host = site(workload.from_host, i);
      one.connections = (workload.connections - i + count - 1) / count;
      for (IpAddress& source : one.sources) {
        if (!source.is_loopback() && !source.is_wildcard())
          source = source.plus(i * from_.hosts.at(workload.from_host).address_stride);
      }
      const auto first = static_cast<std::ptrdiff_t>(i % one.to.size());
      std::rotate(one.to.begin(), one.to.begin() + first, one.to.end());
      if (count > 1) share_arrivals(one, count, i);
      std::string name = one.name;
      made_.workloads.emplace(std::move(name), std::move(one));
    }
  }

  static void share_arrivals(Workload& one, std::uint64_t count, std::uint64_t instance) {
    if (auto* constant = std::get_if<ConstantRate>(&one.arrivals)) {
      one.start += constant->interval * static_cast<std::int64_t>(instance);
      constant->interval *= static_cast<std::int64_t>(count);
    } else if (auto* poisson = std::get_if<PoissonRate>(&one.arrivals)) {
      poisson->per_second_milli = std::max<std::uint64_t>(1, poisson->per_second_milli / count);
    } else if (auto* ramp = std::get_if<RampRate>(&one.arrivals)) {
      ramp->from_milli /= count;
      ramp->to_milli = std::max<std::uint64_t>(1, ramp->to_milli / count);
    }
  }

  void add_event(const Event& event) {
    Event one = event;
    if (auto* down = std::get_if<HostDown>(&one.what)) {
      *down = {site(down->host, down->instance), 0};
    } else if (auto* up = std::get_if<HostUp>(&one.what)) {
      *up = {site(up->host, up->instance), 0};
    } else if (auto* change = std::get_if<SettingChange>(&one.what)) {
      const std::string group = change->host;
      for (std::uint64_t i = 0; i + 1 < count_of(group); ++i) {
        change->host = site(group, i);
        made_.events.push_back(one);
      }
      change->host = site(group, count_of(group) - 1);
    }
    made_.events.push_back(one);
  }

  const Scenario& from_;
  Scenario made_;
};

}  // namespace

std::optional<Relative> with_groups_split(const Scenario& scenario) { return Split(scenario).split(); }

}  // namespace netlimits::fuzz

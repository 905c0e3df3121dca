// Everything that names a part marks it; what is left without a mark is told.
#include "scenarios/whole/unused_parts.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "model/scenario/json_pointer.hpp"

namespace netlimits::scenarios {
namespace {

class Marks {
 public:
  Marks(const Scenario& scenario, const Wiring& wiring) : scenario_(scenario), wiring_(wiring) {
    for (const auto& [name, workload] : scenario.workloads) {
      mark_program(workload.from_host, workload.from_process);
      for (const Endpoint& to : workload.to) {
        mark_endpoint(workload.from_host, to);
        gateways_.insert(wiring.of(workload.from_host, to).gateway);
      }
    }
    for (const auto& [name, proxy] : scenario.proxies) {
      mark_program(proxy.host, proxy.process);
      for (const Endpoint& to : proxy.to) mark_endpoint(proxy.host, to);
    }
    for (const Path& path : scenario.paths) {
      hosts_.insert(path.a);
      hosts_.insert(path.b);
    }
    for (const auto& [name, host] : scenario.hosts) {
      for (const HeldConnections& held : host.held_connections) mark_endpoint(name, held.to);
    }
    for (const Event& event : scenario.events) std::visit([this](const auto& what) { mark_event(what); }, event.what);
    for (const Expectation& claim : scenario.expect) mark_claim(claim);
  }

  bool uses(const Balancer& balancer) const { return balancers_.contains(balancer.name); }
  bool uses(const Gateway& gateway) const { return gateways_.contains(&gateway); }
  bool uses(const HostGroup& host) const { return hosts_.contains(host.name); }
  bool uses(const HostGroup& host, const Process& process) const {
    return processes_.contains({host.name, process.name});
  }
  bool uses(const HostGroup& host, const Listener& listener) const {
    return listeners_.contains(&listener) || (connects_.contains(host.name) && takes_a_port(host, listener));
  }

 private:
  void mark_program(const std::string& host, const std::string& process) {
    hosts_.insert(host);
    connects_.insert(host);
    processes_.insert({host, process});
  }

  // A balancer is of use where something leads to it, and with it what it leads to.
  void mark_balancer(const std::string& name) {
    const auto found = scenario_.balancers.find(name);
    if (found == scenario_.balancers.end() || !balancers_.insert(name).second) return;
    for (const Endpoint& back_end : found->second.back_ends) mark_endpoint(name, back_end);
  }

  // All listeners there that a connection may come to, on each host of a group.
  void mark_endpoint(const std::string& from, const Endpoint& to) {
    for (const auto& [name, balancer] : scenario_.balancers)
      if (balancer.endpoint == to) mark_balancer(name);
    const auto owner = wiring_.topology().owner_of(to.address);
    const auto found = scenario_.hosts.find(owner ? owner->group : from);
    if (found == scenario_.hosts.end() || (!owner && !to.address.is_loopback())) return;
    const HostGroup& host = found->second;
    hosts_.insert(host.name);
    for (const ListenerId& id : wiring_.listening().at(host, to).listeners) {
      const Process& process = host.processes[id.process];
      processes_.insert({host.name, process.name});
      listeners_.insert(&process.listeners[id.listener]);
    }
  }

  void mark_event(const HostDown& event) { hosts_.insert(event.host); }
  void mark_event(const HostUp& event) { hosts_.insert(event.host); }
  void mark_event(const SettingChange& event) { hosts_.insert(event.host); }
  void mark_event(const AddressAdded& event) { hosts_.insert(event.host); }
  void mark_event(const BackEndDown& event) { mark_balancer(event.balancer); }
  void mark_event(const BackEndUp& event) { mark_balancer(event.balancer); }

  void mark_place(const std::string& place) {
    const std::size_t end = place.find_first_of("/[ ");
    const std::string first = place.substr(0, end);
    mark_balancer(first);
    if (!scenario_.hosts.contains(first)) return;
    hosts_.insert(first);
    const std::size_t slash = place.find('/');
    if (slash != std::string::npos && slash < place.find(' '))
      processes_.insert({first, place.substr(slash + 1, place.find(' ', slash) - slash - 1)});
  }

  void mark_claim(const Expectation& claim) {
    if (claim.claim && claim.claim->limit) mark_place(claim.claim->place);
    const auto steps = steps_of_pointer(claim.pointer);
    if (!steps || steps->size() < 2) return;
    if (steps->front() == "balancers") mark_balancer((*steps)[1]);
    if (steps->front() != "hosts") return;
    hosts_.insert((*steps)[1]);
    if (steps->size() >= 4) processes_.insert({(*steps)[1], (*steps)[3]});
  }

  static bool takes_a_port(const HostGroup& host, const Listener& listener) {
    return host.settings.local_port_range.contains(listener.endpoint.port);
  }

  const Scenario& scenario_;
  const Wiring& wiring_;
  std::set<std::string> hosts_;
  std::set<std::string> balancers_;
  std::set<const Gateway*> gateways_;
  std::set<std::string> connects_;  // hosts from which somebody connects
  std::set<std::pair<std::string, std::string>> processes_;
  std::set<const Listener*> listeners_;
};

const char* const no_use = "no workload, balancer, path, held connection, event or claim has to do with it";

void warn_of_listeners(const Field& field, const HostGroup& host, const Process& process, const Marks& marks) {
  const JsonNode* const list = field.node().member("listeners");
  if (list == nullptr) return;
  const Field listeners(*list, pointer_to(field.pointer(), "listeners"), field.errors());
  for (std::size_t i = 0; i < process.listeners.size(); ++i) {
    const Listener& listener = process.listeners[i];
    if (marks.uses(host, listener)) continue;
    listeners.item(i).complain(
        fmt::format("nothing uses the listener at {} of {}/{}: no workload, balancer or held "
                    "connection leads to it",
                    listener.endpoint.text(), host.name, process.name));
  }
}

void warn_of_processes(const Field& field, const HostGroup& host, const Marks& marks) {
  const JsonNode* const processes = field.node().member("processes");
  if (processes == nullptr) return;
  const Field all(*processes, pointer_to(field.pointer(), "processes"), field.errors());
  for (std::size_t i = 0; i < host.processes.size(); ++i) {
    const Process& process = host.processes[i];
    const Field one = all.value(processes->members[i]);
    bool used = marks.uses(host, process);
    for (const Listener& listener : process.listeners) used = used || marks.uses(host, listener);
    if (used) {
      warn_of_listeners(one, host, process, marks);
    } else {
      one.complain(fmt::format("nothing uses the process {}/{}: {}", host.name, process.name, no_use));
    }
  }
}

}  // namespace

void warn_of_unused_parts(const Field& whole, const Scenario& scenario, const Wiring& wiring) {
  const Marks marks(scenario, wiring);
  const auto part = [&](const char* key) {
    return Field(*whole.node().member(key), fmt::format("/{}", key), whole.errors());
  };
  if (!scenario.balancers.empty()) {
    const Field balancers = part("balancers");
    for (const JsonMember& member : balancers.node().members) {
      const auto balancer = scenario.balancers.find(member.key);
      if (balancer == scenario.balancers.end() || marks.uses(balancer->second)) continue;
      balancers.value(member).complain(fmt::format(
          "nothing uses the balancer {}: no workload, used balancer, held connection, event or claim leads to it",
          member.key));
    }
  }
  if (!scenario.gateways.empty()) {
    const Field gateways = part("gateways");
    for (const JsonMember& member : gateways.node().members) {
      const auto gateway = scenario.gateways.find(member.key);
      if (gateway == scenario.gateways.end() || marks.uses(gateway->second)) continue;
      gateways.value(member).complain(
          fmt::format("nothing uses the gateway {}: no workload goes through it to where a path leads", member.key));
    }
  }
  const Field field = part("hosts");
  for (const JsonMember& member : field.node().members) {
    const auto host = scenario.hosts.find(member.key);
    if (host == scenario.hosts.end()) continue;
    const Field value = field.value(member);
    if (marks.uses(host->second)) {
      warn_of_processes(value, host->second, marks);
    } else {
      value.complain(fmt::format("nothing uses the host {}: {}", member.key, no_use));
    }
  }
}

}  // namespace netlimits::scenarios

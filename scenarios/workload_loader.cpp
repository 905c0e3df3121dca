// WorkloadLoader: program, destinations, bind style, sources and retries of one workload, and the sum of all
// connections.
#include "scenarios/workload_loader.hpp"

#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "model/scenario/wiring.hpp"
#include "model/systems/rule_book.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/arrival_loader.hpp"
#include "scenarios/host_loader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::scenarios {
namespace {

const std::vector<std::string> closer_names{"client", "server", "reset"};
const std::vector<std::string> bind_names{"connect", "address", "address_no_port"};

class WorkloadLoader {
 public:
  explicit WorkloadLoader(Scenario& scenario) : scenario_(scenario), wiring_(scenario) {
    for (const auto& [host_name, host] : scenario.hosts) {
      for (const Process& process : host.processes) {
        programs_.emplace(fmt::format("{}/{}", host_name, process.name), std::pair(&host, &process));
      }
    }
  }

  Workload load(const Field& field, const std::string& name) {
    const ObjectReader reader(field, workload_keys);
    Workload workload;
    workload.name = name;
    const HostGroup* from = nullptr;
    const Process* program = nullptr;
    if (const auto from_field = reader.need("from", "the host and process that connect, such as \"client/app\"")) {
      std::tie(from, program) = find_program(*from_field, workload);
    }
    if (const auto connections = reader.need("connections", "how many")) {
      workload.connections = static_cast<std::uint64_t>(
          connections->integer(1, most_connections, "as many as this program replays").value_or(1));
    }
    if (const auto arrivals = reader.get("arrivals"))
      workload.arrivals = load_arrivals(*arrivals, workload.connections);
    if (const auto start = reader.get("start")) workload.start = SimTime(duration_of(*start).value_or(Duration{}));
    if (const auto hold = reader.get("hold")) workload.hold = load_hold(*hold);
    if (const auto close = reader.get("close")) {
      workload.closer = static_cast<Closer>(close->choice(closer_names).value_or(0));
    }
    if (const auto retry = reader.get("retry")) workload.retry = load_retry(*retry);
    const auto no_listener = reader.get("no_listener");
    const bool may_fail = no_listener && no_listener->boolean().value_or(false);
    load_ways(reader, from, program, may_fail, workload);
    return workload;
  }

  Proxy load_proxy(const Field& field, const std::string& name) {
    const ObjectReader reader(field, proxy_keys);
    Workload passed;
    passed.name = name;
    passed.connections = 1;
    const HostGroup* from = nullptr;
    const Process* program = nullptr;
    if (const auto at = reader.need("at", "the host and process that passes on, such as \"proxy/nginx\""))
      std::tie(from, program) = find_program(*at, passed);
    load_ways(reader, from, program, false, passed);
    Proxy proxy{.name = name,
                .host = passed.from_host,
                .process = passed.from_process,
                .to = passed.to,
                .bind = passed.bind,
                .sources = passed.sources};
    if (const auto connections = reader.get("worker_connections"))
      proxy.worker_connections = static_cast<std::uint64_t>(connections->integer(1, most_connections).value_or(1));
    return proxy;
  }

 private:
  // Where to, and how it binds.
  void load_ways(const ObjectReader& reader, const HostGroup* from, const Process* program, bool may_fail,
                 Workload& workload) {
    const auto to = reader.need("to", "a list of destinations");
    if (from == nullptr || program == nullptr) return;
    if (to) load_destinations(*to, *from, may_fail, workload);
    if (const auto bind = reader.get("bind")) load_bind(*bind, *from, *program, workload);
    if (const auto sources = reader.get("sources")) load_sources(*sources, *from, workload);
    if (!reader.get("sources") && !std::holds_alternative<PlainConnect>(workload.bind)) {
      check_usual_source(*reader.get("bind"), *from, workload);
    }
  }

  // In the order of the hosts' names and of the processes in the file.
  std::vector<std::string> known_programs() const {
    std::vector<std::string> known;
    for (const auto& [host_name, host] : scenario_.hosts) {
      for (const Process& process : host.processes) known.push_back(fmt::format("{}/{}", host_name, process.name));
    }
    return known;
  }

  std::pair<const HostGroup*, const Process*> find_program(const Field& field, Workload& workload) const {
    const auto text = field.string("a host and a process such as \"client/app\"");
    if (!text) return {nullptr, nullptr};
    if (const auto found_program = programs_.find(*text); found_program != programs_.end()) {
      workload.from_host = found_program->second.first->name;
      workload.from_process = found_program->second.second->name;
      return found_program->second;
    }
    field.refuse("a host and one of its processes, \"host/process\"",
                 field.errors().full() ? "" : suggestion(*text, known_programs()));
    return {nullptr, nullptr};
  }

  void load_destinations(const Field& field, const HostGroup& from, bool may_fail, Workload& workload) const {
    const auto list = field.list("a list of destinations such as [\"10.1.0.9:443\"], or balancers by name");
    if (!list) return;
    if (list->empty()) field.refuse("at least one destination");
    for (const Field& item : *list) {
      std::optional<Endpoint> endpoint;
      const auto balancer =
          item.node().kind == JsonKind::string ? scenario_.balancers.find(item.node().text) : scenario_.balancers.end();
      if (balancer != scenario_.balancers.end()) {
        endpoint = balancer->second.endpoint;
      } else if (item.node().kind == JsonKind::string && item.node().text.find(':') == std::string::npos) {
        item.refuse("an address and a port such as \"10.1.0.9:443\", or the name of a balancer",
                    item.errors().full() ? "" : suggestion(item.node().text, names_of(scenario_.balancers)));
      } else {
        endpoint = endpoint_of(item);
      }
      if (!endpoint) continue;
      if (!may_fail) check_reached(item, from, *endpoint);
      workload.to.push_back(*endpoint);
    }
  }

  // `who`: the host group whose program connects.
  void check_reached(const Field& field, const HostGroup& who, const Endpoint& endpoint) const {
    constexpr std::string_view deliberate = "if that is what the workload shows, say \"no_listener\": true";
    if (const Balancer* const balancer = wiring_.balancer_at(endpoint)) {
      if (!wiring_.round_trip_between(who.name, balancer->name)) {
        complain_of_no_path(field, who, balancer->name);
      }
      return;
    }
    const HostGroup* owner = endpoint.address.is_loopback() ? &who : nullptr;
    if (const auto found_owner = wiring_.topology().owner_of(endpoint.address))
      owner = &scenario_.hosts.at(found_owner->group);
    if (owner == nullptr) {
      field.complain(fmt::format("no host and no balancer has the address {}", endpoint.address.text()),
                     std::string(deliberate));
    } else if (!check_listener_at(field, *owner, endpoint, wiring_.listening(), deliberate)) {
      return;
    } else if (owner != &who && !lets_nobody_in(who, *owner) && !wiring_.round_trip_between(who.name, owner->name)) {
      complain_of_no_path(field, who, owner->name);
    }
  }

  // Behind a gateway that the client is not behind: the gateway's own complaint.
  bool lets_nobody_in(const HostGroup& who, const HostGroup& owner) const {
    const Gateway* const gateway = wiring_.gateway_of(owner.name);
    return gateway != nullptr && gateway != wiring_.gateway_of(who.name);
  }

  void complain_of_no_path(const Field& field, const HostGroup& who, const std::string& to) const {
    const Gateway* const gateway = wiring_.gateway_of(who.name);
    const std::string through = gateway == nullptr ? "" : fmt::format(" through {}", gateway->name);
    field.complain(fmt::format("no path joins {} and {}{}", who.name, to, through), "add one to \"paths\"");
  }

  void load_bind(const Field& field, const HostGroup& from, const Process& program, Workload& workload) const {
    if (field.node().kind == JsonKind::object) {
      const ObjectReader reader(field, bind_keys);
      BindExplicit bind;
      if (const auto reuse = reader.get("reuse_address")) bind.reuse_address = reuse->boolean().value_or(false);
      if (const auto ports = reader.need("ports", "the ports to take in turn")) {
        bind.ports = ports_of(*ports).value_or(std::vector<PortRange>{});
        for (const PortRange& range : bind.ports) {
          if (program.uid != 0 && range.first.value < from.settings.unprivileged_port_start) {
            ports->complain(fmt::format("user {} may not bind a port below {}", program.uid,
                                        from.settings.unprivileged_port_start));
            break;
          }
        }
      }
      workload.bind = bind;
      return;
    }
    const auto index = field.choice(bind_names);
    if (index == 1U) workload.bind = BindAddress{};
    if (index != 2U) return;
    if (!from.profile->rules.has(Rule::option_bind_no_port)) {
      field.complain(
          fmt::format("{} has no IP_BIND_ADDRESS_NO_PORT", from.profile->name),
          "use another profile; with \"address\" a port serves one destination only, and the result says too little "
          "where there are several");
      return;
    }
    workload.bind = BindAddressNoPort{};
  }

  void load_sources(const Field& field, const HostGroup& from, Workload& workload) {
    const auto list = field.list("a list of the host's own addresses");
    if (!list) return;
    if (list->empty()) field.refuse("at least one address");
    if (std::holds_alternative<PlainConnect>(workload.bind)) {
      field.complain("a plain connect() leaves the source address to the kernel",
                     "say how the program binds: \"bind\": \"address_no_port\", for example");
      return;
    }
    for (const Field& item : *list) {
      const auto address = address_of(item);
      if (!address) continue;
      if (!address->is_loopback() && !own_addresses(from).contains(*address)) {
        item.refuse(fmt::format("an address of {}", from.name),
                    from.count > 1 ? "name those of the group's first host; the others' follow" : "");
        continue;
      }
      for (const Endpoint& destination : workload.to) {
        if (destination.address.family() == address->family()) continue;
        item.complain(fmt::format("{} cannot reach {}: another family", address->text(), destination.text()),
                      "make one workload for each family");
        break;
      }
      workload.sources.push_back(*address);
    }
  }

  // Of the group's first host.
  const std::unordered_set<IpAddress>& own_addresses(const HostGroup& host) {
    const auto [known, is_new] = own_addresses_.try_emplace(&host);
    if (is_new) {
      for (const AddressBlock& block : host.addresses) known->second.insert(block.address);
    }
    return known->second;
  }

  void check_usual_source(const Field& bind, const HostGroup& from, const Workload& workload) {
    const SourceChoice& choice = source_choices_.try_emplace(&from, from, 0).first->second;
    for (const Endpoint& destination : workload.to) {
      if (choice.towards(destination.address)) continue;
      bind.complain(fmt::format("{} has no address to bind for {}", from.name, destination.text()),
                    "give it \"addresses\", or the workload \"sources\"");
      return;
    }
  }

  static Retry load_retry(const Field& field) {
    const ObjectReader reader(field, retry_keys);
    Retry retry;
    if (const auto attempts = reader.get("attempts")) {
      retry.attempts = static_cast<std::uint32_t>(attempts->integer(0, most_attempts).value_or(0));
    }
    if (const auto after = reader.get("after")) retry.after = duration_of(*after).value_or(Duration{});
    if (const auto reconnect = reader.get("reconnect")) retry.reconnect = reconnect->boolean().value_or(false);
    return retry;
  }

  Scenario& scenario_;
  Wiring wiring_;
  std::map<std::string, std::pair<const HostGroup*, const Process*>> programs_{};  // by "host/process"
  // Of hosts that were asked for.
  std::map<const HostGroup*, std::unordered_set<IpAddress>> own_addresses_{};
  std::map<const HostGroup*, SourceChoice> source_choices_{};
};

}  // namespace

void load_workloads(const Field& field, Scenario& scenario) {
  if (field.node().kind != JsonKind::object || field.node().members.empty()) {
    field.refuse("an object of workloads by name");
    return;
  }
  WorkloadLoader loader(scenario);
  std::uint64_t total = 0;
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "workload");
    Workload workload = loader.load(value, member.key);
    total += workload.connections;
    scenario.workloads[member.key] = std::move(workload);
  }
  if (total > static_cast<std::uint64_t>(most_connections)) {
    field.complain(fmt::format("{} connections in all", total),
                   fmt::format("at most {} are replayed", most_connections));
  }
}

void load_proxies(const Field& field, Scenario& scenario) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of proxies by name");
    return;
  }
  WorkloadLoader loader(scenario);
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "proxy");
    scenario.proxies[member.key] = loader.load_proxy(value, member.key);
  }
}

}  // namespace netlimits::scenarios

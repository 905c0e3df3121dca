// A process, its listeners, and whether those that are open already let one more listen.
#include "scenarios/process_loader.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/net/bounded_time.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/scenario/bound_socket.hpp"
#include "model/scenario/open_listeners.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/address_ownership.hpp"
#include "scenarios/host_loader.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::scenarios {
namespace {

const std::vector<std::string> accept_names{"immediately", "stalled"};
const std::vector<std::string> shared_names{"inherited", "reuse_port"};

AcceptPolicy load_accept(const Field& field) {
  if (field.node().kind == JsonKind::object) {
    const ObjectReader reader(field, accept_keys);
    const auto rate = reader.need("rate", "how many a second");
    const auto value = rate ? rate_of(*rate) : std::nullopt;
    return value ? AcceptPolicy(AcceptPaced{interval_of(*value)}) : AcceptPolicy(AcceptImmediately{});
  }
  const auto index = field.choice(accept_names);
  return index == 1U ? AcceptPolicy(AcceptStalled{}) : AcceptPolicy(AcceptImmediately{});
}

// The host, and what of it is asked for every listener.
struct ListeningHost {
  explicit ListeningHost(const HostGroup& of) : host(of), local(of), open(of.settings, of.profile->rules) {}

  const HostGroup& host;
  LocalAddresses local;
  OpenListeners open;
};

void check_listener(const Field& field, const Listener& listener, const Process& process, const ListeningHost& on) {
  const Endpoint& endpoint = listener.endpoint;
  const HostGroup& host = on.host;
  if (!on.local.has(endpoint.address)) {
    field.complain(fmt::format("{} is no address of {}", endpoint.address.text(), host.name),
                   host.count > 1 ? fmt::format("each host of a group has addresses of its own: listen at {}:{}",
                                                endpoint.address.is_v4() ? "0.0.0.0" : "[::]", endpoint.port.value)
                                  : "add it to the host's \"addresses\"");
  }
  if (host.settings.ipv6_disabled && !endpoint.address.unmapped().is_v4() && !endpoint.address.is_wildcard())
    field.complain(
        fmt::format("{} has no IPv6: bind() to {} ends with EADDRNOTAVAIL", host.name, endpoint.address.text()),
        "leave net.ipv6.conf.all.disable_ipv6 at 0");
  if (process.uid != 0 && endpoint.port.value < host.settings.unprivileged_port_start) {
    field.complain(
        fmt::format("user {} may not listen at a port below {}", process.uid, host.settings.unprivileged_port_start),
        "use uid 0, another port, or net.ipv4.ip_unprivileged_port_start");
  }
  for (const HeldPorts& held : host.held_ports) {
    if (held.ports.contains(endpoint.port) &&
        bound_addresses_overlap(host.settings, host.profile->rules, held.address, endpoint.address)) {
      field.complain(fmt::format("port {} is among the held ports of {}", endpoint.port.value, host.name));
    }
  }
  // No option excuses what a client left, not even its TIME_WAIT entry.
  for (const HeldConnections& held : host.held_connections) {
    const bool has_port = std::any_of(held.ports.begin(), held.ports.end(),
                                      [&](const PortRange& range) { return range.contains(endpoint.port); });
    if (!has_port || !bind_addresses_overlap(bound_socket(host.settings, endpoint.address), connected_socket(held.from),
                                             host.profile->rules))
      continue;
    field.complain(fmt::format("{} cannot be listened at: a held connection from {} to {} has the port (EADDRINUSE)",
                               endpoint.text(), held.from.text(), held.to.text()),
                   "net.ipv4.ip_local_reserved_ports keeps connect() from a listener's port");
    break;
  }
  if (const auto* const open = on.open.in_the_way(listener)) {
    field.complain(
        fmt::format("{} is taken by the listener at {} of {}", endpoint.text(), open->endpoint.text(), open->process),
        "\"shared\": \"reuse_port\" on both lets them share it");
  }
}

void load_listener(const Field& field, Process& process, ListeningHost& on) {
  const ObjectReader reader(field, listener_keys);
  Listener listener;
  if (const auto backlog = reader.get("backlog")) {
    listener.backlog =
        backlog->integer(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max())
            .value_or(listener.backlog);
  }
  if (const auto accept = reader.get("accept")) listener.accept = load_accept(*accept);
  if (const auto shared = reader.get("shared")) {
    const auto index = shared->choice(shared_names);
    listener.inherited = index == 0U;
    listener.reuse_port = index == 1U;
  } else if (process.count > 1) {
    reader.need("shared", "how several processes come to one port: \"inherited\" or \"reuse_port\"");
  }
  const auto endpoint_field = reader.need("endpoint", "where it listens");
  const auto endpoint = endpoint_field ? endpoint_of(*endpoint_field) : std::nullopt;
  if (!endpoint) return;
  listener.endpoint = *endpoint;
  check_listener(*endpoint_field, listener, process, on);
  on.open.add(listener, process.name);
  process.listeners.push_back(listener);
}

Process load_process(const Field& field, const std::string& name, ListeningHost& on) {
  const HostGroup& host = on.host;
  const ObjectReader reader(field, process_keys);
  Process process;
  process.name = name;
  process.nofile = host.profile->nofile_soft;
  process.own_descriptors = host.profile->own_descriptors;
  if (const auto count = reader.get("count")) {
    process.count = static_cast<std::uint64_t>(count->integer(1, most_processes).value_or(1));
  }
  if (const auto nofile = reader.get("nofile")) {
    const auto value = nofile->integer(1, std::numeric_limits<std::int64_t>::max());
    process.nofile = static_cast<std::uint64_t>(value.value_or(1));
    if (value && host.profile->rules.has(Rule::descriptors_process) && process.nofile > host.settings.nr_open) {
      nofile->refuse(
          fmt::format("at most {}, the highest limit that {} lets a process have", host.settings.nr_open, host.name),
          "raise the host's setting for it first");
    }
  }
  if (const auto own = reader.get("own_descriptors")) {
    process.own_descriptors = static_cast<std::uint32_t>(own->integer(0, 1 << 30).value_or(3));
  }
  if (const auto uid = reader.get("uid")) {
    process.uid = static_cast<std::uint32_t>(uid->integer(0, 0xfffffffe).value_or(0));
  }
  if (const auto listeners = reader.get("listeners")) {
    for (const Field& item : listeners->list("a list of listeners").value_or(std::vector<Field>{})) {
      load_listener(item, process, on);
    }
  }
  const std::uint64_t needed = std::uint64_t{process.own_descriptors} + process.listeners.size();
  if (reader.is_object() && host.profile->rules.has(Rule::descriptors_process) && needed > process.nofile) {
    field.complain(fmt::format("its {} own descriptors and {} listeners do not fit into nofile {}",
                               process.own_descriptors, process.listeners.size(), process.nofile));
  }
  return process;
}

// The process, its listeners and those before it.
std::uint64_t files_with(std::uint64_t before, const Process& process) {
  std::uint64_t files = bounded_sum(before, bounded_product(process.count, process.own_descriptors));
  for (const Listener& listener : process.listeners) files = bounded_sum(files, listener.inherited ? 1 : process.count);
  return files;
}

}  // namespace

void load_processes(const Field& field, HostGroup& host) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of processes by name");
    return;
  }
  ListeningHost on(host);
  std::uint64_t files = 0;
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "process");
    host.processes.push_back(load_process(value, member.key, on));
    files = files_with(files, host.processes.back());
    if (host.processes.back().listeners.empty() || files <= host.settings.file_max) continue;
    value.complain(fmt::format("{} lets {} files be open on the whole host, and with its listeners {} would be",
                               host.name, host.settings.file_max, files),
                   "give it fewer instances, or raise the host's setting for it");
  }
}

void check_held_ports_fit(const Field& field, const HostGroup& host) {
  std::uint64_t files = 0;
  for (const Process& process : host.processes) files = files_with(files, process);
  for (const HeldPorts& held : host.held_ports) files = bounded_sum(files, held.ports.size().value);
  if (host.held_ports.empty() || files <= host.settings.file_max) return;
  field.complain(fmt::format("{} lets {} files be open on the whole host, and with those of its processes {} would be",
                             host.name, host.settings.file_max, files),
                 "name fewer, or raise the host's setting for it");
}

}  // namespace netlimits::scenarios

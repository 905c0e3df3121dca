// The order in which the parts are read, as each may speak of those before; paths and balancers are read here.
#include "scenarios/scenario_loader.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/scenario/listening.hpp"
#include "model/scenario/topology.hpp"
#include "scenarios/address_fields.hpp"
#include "scenarios/claims/expectation_loader.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/event_loader.hpp"
#include "scenarios/gateways/conntrack_loader.hpp"
#include "scenarios/gateways/gateway_loader.hpp"
#include "scenarios/host_loader.hpp"
#include "scenarios/json/json_override.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"
#include "scenarios/proxies/proxy_checks.hpp"
#include "scenarios/scenario_keys.hpp"
#include "scenarios/whole/scenario_basis.hpp"
#include "scenarios/whole/unused_parts.hpp"
#include "scenarios/workload_loader.hpp"

namespace netlimits::scenarios {
namespace {

// The hosts of a scenario whose balancers are not known yet.
struct HostsRead {
  explicit HostsRead(const Scenario& scenario) : topology(scenario), listening(scenario) {}

  Topology topology;
  ListeningIndex listening;
};

void load_back_ends(const Field& field, const HostsRead& read, const Scenario& scenario, Balancer& balancer) {
  const auto list = field.list("a list of back ends such as [\"10.1.0.9:443\"]");
  if (!list) return;
  if (list->empty()) field.refuse("at least one back end");
  std::set<Endpoint> known;
  for (const Field& item : *list) {
    const auto endpoint = endpoint_of(item);
    if (!endpoint) continue;
    const auto owner = read.topology.owner_of(endpoint->address);
    if (!owner) {
      item.complain(fmt::format("no host has the address {}", endpoint->address.text()));
    } else if (check_listener_at(item, scenario.hosts.at(owner->group), *endpoint, read.listening) &&
               endpoint->address.family() != balancer.endpoint.address.family()) {
      item.complain(fmt::format("{} cannot pass on to {}: another family", balancer.endpoint.text(), endpoint->text()));
    }
    if (!known.insert(*endpoint).second) {
      item.complain("the same back end twice",
                    "weights are not modelled yet by this version: without them each back end gets as much as any "
                    "other, and the result "
                    "says too much where one would get more");
    }
    balancer.back_ends.push_back(*endpoint);
  }
}

void load_balancers(const Field& field, Scenario& scenario) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of balancers by name");
    return;
  }
  const HostsRead read(scenario);
  std::map<Endpoint, std::string> endpoints;  // and who has each
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_name(value, member.key, "balancer");
    const ObjectReader reader(value, balancer_keys);
    Balancer balancer;
    balancer.name = member.key;
    if (scenario.hosts.contains(member.key)) {
      value.complain(fmt::format("a host is named {} already", in_quotes(member.key)),
                     "hosts and balancers share their names");
    }
    if (const auto endpoint_field = reader.need("endpoint", "where clients connect to")) {
      if (const auto endpoint = endpoint_of(*endpoint_field)) {
        balancer.endpoint = *endpoint;
        if (endpoint->address.is_wildcard() || endpoint->address.is_loopback() ||
            read.topology.owner_of(endpoint->address)) {
          endpoint_field->refuse("an address of the balancer's own", "no host may have it");
        }
        const auto [other, is_new] = endpoints.emplace(*endpoint, member.key);
        if (!is_new) endpoint_field->complain(fmt::format("{} has this endpoint already", other->second));
      }
    }
    if (const auto method = reader.get("method")) {
      if (const auto index = method->choice({"round_robin", "least_connections", "source_hash"});
          index && *index != 0) {
        method->complain(
            fmt::format("{} is not modelled yet by this version", in_quotes(method->node().text)),
            "\"round_robin\" in its place shares out evenly: the result says too much where one back end would "
            "get more than the others");
      }
    }
    if (const auto notices = reader.get("notices_after")) {
      balancer.notices_after = duration_of(*notices).value_or(Duration{});
    }
    if (const auto back_ends = reader.need("back_ends", "where they are passed on to")) {
      load_back_ends(*back_ends, read, scenario, balancer);
    }
    scenario.balancers[member.key] = std::move(balancer);
  }
}

std::vector<std::string> known_ends(const Scenario& scenario) {
  std::vector<std::string> known = names_of(scenario.hosts);
  for (std::string& name : names_of(scenario.balancers)) known.push_back(std::move(name));
  for (std::string& name : names_of(scenario.gateways)) known.push_back(std::move(name));
  return known;
}

void load_paths(const Field& field, Scenario& scenario) {
  const ErrorList& errors = field.errors();
  std::set<std::pair<std::string, std::string>> joined;  // the lesser name first
  for (const Field& item : field.list("a list of paths").value_or(std::vector<Field>{})) {
    const ObjectReader reader(item, path_keys);
    Path path;
    if (const auto rtt = reader.need("rtt", "the round-trip time"))
      path.round_trip = duration_of(*rtt).value_or(Duration{});
    const auto between = reader.need("between", "the two ends, hosts, balancers or gateways");
    if (!between) continue;
    if (between->node().kind != JsonKind::array || between->node().items.size() != 2) {
      between->refuse("two names, [a, b]");
      continue;
    }
    for (std::size_t end = 0; end < 2; ++end) {
      const Field name_field = between->item(end);
      const auto name = name_field.string("the name of a host, balancer or gateway");
      if (!name) continue;
      if (!scenario.hosts.contains(*name) && !scenario.balancers.contains(*name) &&
          !scenario.gateways.contains(*name)) {
        name_field.refuse("the name of a host, balancer or gateway",
                          errors.full() ? "" : suggestion(*name, known_ends(scenario)));
      }
      (end == 0 ? path.a : path.b) = *name;
    }
    if (!joined.insert(std::minmax(path.a, path.b)).second) {
      item.complain(fmt::format("a second path between {} and {}", path.a, path.b));
    }
    scenario.paths.push_back(std::move(path));
  }
}

void load(const ObjectReader& reader, const ProfileSet& profiles, const LoadOptions& options, Scenario& scenario,
          ErrorList& errors) {
  if (const auto version = reader.need("netlimits", "the version of the format, 1")) {
    version->integer(1, 1, "the only version there is");
  }
  if (const auto schema = reader.get("$schema")) schema->string();
  if (const auto name = reader.need("name", "what the scenario is called")) {
    scenario.name = name->string("a name").value_or("");
    if (name->node().kind == JsonKind::string && scenario.name.empty()) name->refuse("a name");
  }
  if (const auto description = reader.get("description")) scenario.description = description->string().value_or("");
  if (const auto seed = reader.get("seed")) {
    scenario.seed = static_cast<std::uint64_t>(seed->integer(0, std::numeric_limits<std::int64_t>::max()).value_or(1));
  }
  if (options.seed) scenario.seed = *options.seed;
  if (const auto duration = reader.get("duration")) {
    if (const auto value = duration_of(*duration, Duration(1))) scenario.end = SimTime(*value);
  }
  if (const auto window = reader.get("window")) scenario.window = duration_of(*window, std::chrono::microseconds(1));
  const auto hosts = reader.need("hosts", "an object of hosts by name");
  const auto workloads = reader.need("workloads", "an object of workloads by name");
  if (hosts) scenario.hosts = load_hosts(*hosts, profiles);
  // What follows refers to the hosts: with those in doubt it would only repeat their errors.
  if (!errors.empty()) return;
  if (const auto balancers = reader.get("balancers")) load_balancers(*balancers, scenario);
  const auto gateways = reader.get("gateways");
  if (gateways) load_gateways(*gateways, scenario);
  if (const auto paths = reader.get("paths")) load_paths(*paths, scenario);
  if (!errors.empty()) return;
  load_workloads(*workloads, scenario);
  const auto proxies = reader.get("proxies");
  if (proxies) load_proxies(*proxies, scenario);
  if (proxies && errors.empty()) check_proxies(*proxies, scenario);
  if (gateways) check_gateways(*gateways, scenario);
  if (errors.empty()) check_conntrack(reader.field(), scenario);
  if (const auto events = reader.get("events")) {
    load_events(*events, scenario);
    check_events_of_proxies(*events, scenario);
  }
  if (const auto expect = reader.get("expect")) load_expectations(*expect, scenario);
}

// Which members of a scenario are names that its author gave.
bool are_names(std::span<const std::string> steps) {
  if (steps.size() == 1)
    return steps[0] == "hosts" || steps[0] == "workloads" || steps[0] == "balancers" || steps[0] == "gateways" ||
           steps[0] == "proxies";
  return steps.size() == 3 && steps[0] == "hosts" && steps[2] == "processes";
}

}  // namespace

Loaded<Scenario> load_scenario(std::string_view text, std::string name, const ProfileSet& profiles,
                               const LoadOptions& options) {
  auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(std::move(document.error()));
  for (const std::string& override_text : options.overrides) {
    if (auto applied = apply_override(*document, override_text, are_names); !applied)
      return tl::unexpected(applied.error());
  }
  ErrorList errors(*document);
  Scenario scenario;
  const ObjectReader reader(Field(document->root, {}, errors), scenario_keys);
  if (reader.is_object()) load(reader, profiles, options, scenario, errors);
  if (!errors.empty()) return tl::unexpected(errors.take());
  scenario.basis = basis_of(text, *document, options.overrides, scenario);
  if (options.warnings != nullptr) {
    ErrorList warnings(*document);
    warn_of_unused_parts(Field(document->root, "", warnings), scenario, Wiring(scenario));
    *options.warnings = warnings.take();
  }
  return scenario;
}

std::string_view scenario_schema() { return embedded_schema(); }

}  // namespace netlimits::scenarios

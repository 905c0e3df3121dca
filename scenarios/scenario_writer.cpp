// Writes a scenario: paths, balancers, gateways, workloads, events and expectations; its hosts are host_writer.hpp's.
#include "scenarios/scenario_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/scenario/wiring.hpp"
#include "scenarios/gateways/conntrack_loader.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/gateways/nat_figures.hpp"
#include "scenarios/host_writer.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

using json = nlohmann::ordered_json;

json json_of(const Path& path) {
  return {{"between", json::array({path.a, path.b})}, {"rtt", duration_text(path.round_trip)}};
}

json json_of(const Balancer& balancer) {
  json made{{"back_ends", json::array()}, {"endpoint", balancer.endpoint.text()}};
  for (const Endpoint& back_end : balancer.back_ends) made["back_ends"].push_back(back_end.text());
  if (balancer.notices_after != Duration::zero()) made["notices_after"] = duration_text(balancer.notices_after);
  return made;
}

// Figures that are not those of its kind.
json json_of(const Gateway& gateway) {
  json made{{"addresses", json::array()}, {"hosts", gateway.hosts}, {"kind", gateway.kind}};
  for (const IpAddress& address : gateway.addresses) made["addresses"].push_back(address.text());
  if (gateway.conntrack) made["conntrack"] = conntrack_value(*gateway.conntrack, TableOf::gateway);
  const NatSettings& usual = gateway_kinds().at(gateway.kind).nat;
  for (const NatFigure& figure : nat_figures()) {
    const json value = figure.write(gateway.nat);
    if (value != figure.write(usual)) made[std::string(figure.key)] = value;
  }
  return made;
}

// ---- workloads

struct ArrivalsWriter {
  json operator()(const AtOnce&) const { return "at_once"; }
  json operator()(const ConstantRate& rate) const { return {{"rate", rate_text(rate.interval)}}; }
  json operator()(const PoissonRate& rate) const { return {{"poisson", rate_text(rate.per_second_milli)}}; }
  json operator()(const RampRate& ramp) const {
    return {{"ramp", json{{"from", rate_text(ramp.from_milli)},
                          {"over", duration_text(ramp.over)},
                          {"to", rate_text(ramp.to_milli)}}}};
  }
};

struct HoldWriter {
  json operator()(const HoldForever&) const { return "forever"; }
  json operator()(const HoldConstant& hold) const { return duration_text(hold.time); }
  json operator()(const HoldExponential& hold) const { return {{"exponential", duration_text(hold.mean)}}; }
};

struct BindWriter {
  json operator()(const PlainConnect&) const { return "connect"; }
  json operator()(const BindAddress&) const { return "address"; }
  json operator()(const BindAddressNoPort&) const { return "address_no_port"; }
  json operator()(const BindExplicit& bind) const {
    json made{{"ports", ports_value(bind.ports)}};
    if (bind.reuse_address) made["reuse_address"] = true;
    return made;
  }
};

json json_of(const Retry& retry) {
  json made{{"after", duration_text(retry.after)}, {"attempts", retry.attempts}};
  if (retry.reconnect) made["reconnect"] = true;
  return made;
}

const char* name_of(Closer closer) {
  switch (closer) {
    case Closer::client:
      return "client";
    case Closer::server:
      return "server";
    case Closer::reset:
      return "reset";
  }
  return "client";
}

json json_of(const Wiring& wiring, const Workload& workload) {
  json made;
  if (!std::holds_alternative<AtOnce>(workload.arrivals))
    made["arrivals"] = std::visit(ArrivalsWriter{}, workload.arrivals);
  if (!std::holds_alternative<PlainConnect>(workload.bind)) made["bind"] = std::visit(BindWriter{}, workload.bind);
  if (workload.closer != Closer::client) made["close"] = name_of(workload.closer);
  made["connections"] = workload.connections;
  made["from"] = fmt::format("{}/{}", workload.from_host, workload.from_process);
  if (!std::holds_alternative<HoldForever>(workload.hold)) made["hold"] = std::visit(HoldWriter{}, workload.hold);
  if (std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Reach reach = wiring.of(workload.from_host, to).reach;
        return reach != Reach::listener && reach != Reach::balancer;
      })) {
    made["no_listener"] = true;
  }
  if (workload.retry.attempts != 0 || workload.retry.reconnect) made["retry"] = json_of(workload.retry);
  for (const IpAddress& source : workload.sources) made["sources"].push_back(source.text());
  if (workload.start != time_zero) made["start"] = duration_text(workload.start.time_since_epoch());
  for (const Endpoint& to : workload.to) made["to"].push_back(to.text());
  return made;
}

json json_of(const Proxy& proxy) {
  json made{{"at", fmt::format("{}/{}", proxy.host, proxy.process)}};
  if (!std::holds_alternative<PlainConnect>(proxy.bind)) made["bind"] = std::visit(BindWriter{}, proxy.bind);
  for (const IpAddress& source : proxy.sources) made["sources"].push_back(source.text());
  for (const Endpoint& to : proxy.to) made["to"].push_back(to.text());
  if (proxy.worker_connections != 0) made["worker_connections"] = proxy.worker_connections;
  return made;
}

// ---- events

struct EventWriter {
  json& made;

  void operator()(const HostDown& down) const { made["host_down"] = instance(down.host, down.instance); }
  void operator()(const HostUp& up) const { made["host_up"] = instance(up.host, up.instance); }
  void operator()(const BackEndDown& down) const { made["back_end_down"] = back_end(down.balancer, down.back_end); }
  void operator()(const BackEndUp& up) const { made["back_end_up"] = back_end(up.balancer, up.back_end); }
  void operator()(const SettingChange& change) const {
    made["set"] = {{"host", change.host}, {"setting", change.name}, {"value", change.value}};
  }
  void operator()(const AddressAdded& added) const {
    made["add_address"] = {{"address", interface_address_text(added.block)}, {"host", added.host}};
  }

  static json instance(const std::string& host, std::uint64_t instance) {
    return {{"host", host}, {"instance", instance}};
  }
  static json back_end(const std::string& balancer, const Endpoint& endpoint) {
    return {{"back_end", endpoint.text()}, {"balancer", balancer}};
  }
};

json json_of(const Event& event) {
  json made{{"at", duration_text(event.at.time_since_epoch())}};
  std::visit(EventWriter{made}, event.what);
  return made;
}

void write_claim(const FigureClaim& claim, json& made) {
  if (claim.limit) {
    made["limit"] = name_of(*claim.limit);
    made["place"] = claim.place;
  }
  if (!claim.workload.empty()) made["workload"] = claim.workload;
  switch (claim.figure) {
    case ClaimedFigure::capacity:
      made["capacity_at_least"] = claim.at_least;
      break;
    case ClaimedFigure::sustained_rate:
      made["sustains_at_least"] = claim.said;
      break;
    case ClaimedFigure::headroom:
      made["headroom_at_least"] = claim.said;
      break;
    case ClaimedFigure::exhausted:
      made["exhausted"] = claim.exhausted;
      break;
  }
}

json json_of(const Expectation& expectation) {
  if (expectation.claim) {
    json made = json::object();
    write_claim(*expectation.claim, made);
    made["name"] = expectation.name;
    return made;
  }
  json made{{"at", expectation.pointer}};
  const json expected = std::visit([](const auto& value) { return json(value); }, expectation.expected);
  switch (expectation.relation) {
    case Relation::equals:
      made["equals"] = expected;
      break;
    case Relation::at_least:
      made["at_least"] = expected;
      break;
    case Relation::at_most:
      made["at_most"] = expected;
      break;
    case Relation::within:
      made["within"] = json::array({expectation.low, expectation.high});
      break;
  }
  made["name"] = expectation.name;
  return made;
}

// ---- the order of keys

json backwards(const json& value, bool keep_order) {
  if (value.is_array()) {
    json made = json::array();
    for (const json& item : value) made.push_back(backwards(item, false));
    return made;
  }
  if (!value.is_object()) return value;
  std::vector<std::pair<std::string, json>> members;
  for (const auto& [key, item] : value.items()) members.emplace_back(key, backwards(item, key == "processes"));
  json made = json::object();
  if (keep_order) {
    for (auto& [key, item] : members) made[key] = std::move(item);
  } else {
    for (auto member = members.rbegin(); member != members.rend(); ++member)
      made[member->first] = std::move(member->second);
  }
  return made;
}

}  // namespace

std::string scenario_text(const Scenario& scenario) {
  const Wiring wiring(scenario);
  json made{{"netlimits", 1}, {"name", scenario.name}};
  if (!scenario.description.empty()) made["description"] = scenario.description;
  if (scenario.seed != 1) made["seed"] = scenario.seed;
  if (scenario.end) made["duration"] = duration_text(scenario.end->time_since_epoch());
  if (scenario.window) made["window"] = duration_text(*scenario.window);
  for (const auto& [name, host] : scenario.hosts) made["hosts"][name] = host_value(host);
  for (const Path& path : scenario.paths) made["paths"].push_back(json_of(path));
  for (const auto& [name, balancer] : scenario.balancers) made["balancers"][name] = json_of(balancer);
  for (const auto& [name, gateway] : scenario.gateways) made["gateways"][name] = json_of(gateway);
  for (const auto& [name, proxy] : scenario.proxies) made["proxies"][name] = json_of(proxy);
  for (const auto& [name, workload] : scenario.workloads) made["workloads"][name] = json_of(wiring, workload);
  for (const Event& event : scenario.events) made["events"].push_back(json_of(event));
  for (const Expectation& expectation : scenario.expect) made["expect"].push_back(json_of(expectation));
  return laid_out(made);
}

std::string with_keys_backwards(std::string_view scenario_text) {
  return laid_out(backwards(json::parse(scenario_text), false));
}

}  // namespace netlimits::scenarios

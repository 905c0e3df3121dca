// Files as they are; the others are put together as JSON, in the order in which a reader expects their keys.
#include "scenarios/templates/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/net/bounded_time.hpp"
#include "model/net/endpoint.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/json/json_difference.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/json/plain_text.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr std::uint64_t connections_at_once = 100'000;
constexpr std::uint64_t seconds_of_a_rate = 120;  // as long as two TIME_WAITs of Linux

std::string written(const Ordered& scenario) {
  return escaped_json(scenario.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)) + "\n";
}

tl::unexpected<InputErrors> refused(std::string name, std::string expected, std::string message, std::string hint) {
  return tl::unexpected(InputErrors{{.file = std::move(name),
                                     .pointer = {},
                                     .expected = std::move(expected),
                                     .message = std::move(message),
                                     .hint = std::move(hint)}});
}

// As many as come while a figure of the rate settles; a rate that is none is for the loader to refuse.
std::uint64_t connections_of(const OneLine& options) {
  if (options.connections) return *options.connections;
  const auto rate = parse_rate(options.rate);
  const auto each = rate ? thousandths_per_second(*rate) : std::nullopt;
  if (!each) return options.rate.empty() ? connections_at_once : seconds_of_a_rate;
  return std::max<std::uint64_t>(1, bounded_product(*each, seconds_of_a_rate) / 1000);
}

}  // namespace

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const EmbeddedText& text : embedded_templates()) names.emplace_back(text.name);
  return names;
}

std::optional<std::string_view> template_named(std::string_view name) {
  for (const EmbeddedText& text : embedded_templates()) {
    if (text.name == name) return text.text;
  }
  return std::nullopt;
}

Loaded<std::string> scenario_around_host(std::string_view host_json, std::string name, const std::string& to) {
  const auto document = parse_json(host_json, name);
  if (!document) return tl::unexpected(document.error());
  const JsonNode* processes = document->root.kind == JsonKind::object ? document->root.member("processes") : nullptr;
  if (processes == nullptr || processes->kind != JsonKind::object || processes->members.empty())
    return refused(std::move(name), "a host with a process", found(document->root),
                   "netlimits probe --pid PID --format json prints one");
  const auto endpoint = Endpoint::parse(to);
  if (!endpoint) return refused("--to", "an address and a port such as 10.1.0.9:443", "found " + in_quotes(to), {});
  const bool is_v4 = endpoint->address.family() == Family::inet;
  const std::string& program = processes->members.front().key;
  Ordered scenario;
  scenario["netlimits"] = 1;
  scenario["name"] = "from-probe";
  scenario["description"] = fmt::format(
      "How many connections {} of a measured machine can make to {}. Change: connections, arrivals and hold "
      "of the workload, and the server, which is made up and large enough.",
      program, to);
  scenario["hosts"]["machine"] = Ordered::parse(one_line(document->root));
  Ordered listener;
  listener["endpoint"] = fmt::format("{}:{}", is_v4 ? "0.0.0.0" : "[::]", endpoint->port.value);
  listener["backlog"] = 4096;
  Ordered destination;
  destination["addresses"] = Ordered::array({endpoint->address.text()});
  destination["processes"]["server"]["nofile"] = 1'048'576;
  destination["processes"]["server"]["listeners"] = Ordered::array({std::move(listener)});
  scenario["hosts"]["destination"] = std::move(destination);
  Ordered load;
  load["from"] = fmt::format("machine/{}", program);
  load["to"] = Ordered::array({to});
  load["connections"] = 1000;
  load["arrivals"]["rate"] = "1000/s";
  load["hold"] = "forever";
  scenario["workloads"]["load"] = std::move(load);
  return written(scenario);
}

std::string scenario_text(const OneLine& options, const std::string& line) {
  Ordered program = Ordered::object();
  if (options.nofile) program["nofile"] = *options.nofile;
  Ordered listener{{"endpoint", fmt::format("0.0.0.0:{}", options.port)}};
  if (options.backlog) listener["backlog"] = *options.backlog;

  Ordered client = Ordered::object();
  if (!options.profile.empty()) client["profile"] = options.profile;
  if (options.clients != 1) client["count"] = options.clients;
  Ordered server = Ordered::object();
  if (!options.profile.empty()) server["profile"] = options.profile;
  if (options.servers != 1) server["count"] = options.servers;
  client["addresses"] = Ordered::array({"10.0.0.1"});
  if (!options.ports.empty()) client["settings"]["net.ipv4.ip_local_port_range"] = options.ports;
  client["processes"]["app"] = program;
  server["addresses"] = Ordered::array({"172.16.0.1"});
  program["listeners"] = Ordered::array({std::move(listener)});
  server["processes"]["web"] = std::move(program);

  Ordered load;
  load["from"] = "client/app";
  load["to"] = Ordered::array();
  for (std::uint64_t i = 1; i <= options.servers; ++i)
    load["to"].push_back(fmt::format("172.16.{}.{}:{}", i / 256, i % 256, options.port));
  load["connections"] = connections_of(options);
  if (!options.rate.empty()) load["arrivals"]["rate"] = options.rate;
  if (!options.hold.empty()) load["hold"] = options.hold;

  Ordered scenario;
  scenario["netlimits"] = 1;
  scenario["name"] = "one-line";
  scenario["description"] = line;
  scenario["hosts"]["client"] = std::move(client);
  scenario["hosts"]["server"] = std::move(server);
  if (!options.round_trip.empty()) {
    Ordered path;
    path["between"] = Ordered::array({"client", "server"});
    path["rtt"] = options.round_trip;
    scenario["paths"] = Ordered::array({std::move(path)});
  }
  scenario["workloads"]["load"] = std::move(load);
  return written(scenario);
}

}  // namespace netlimits::scenarios

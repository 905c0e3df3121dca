// The end of the sentence: what is next once the limit that it names is lifted, and how sure it is of what is first.
#include <optional>
#include <string>
#include <utility>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "report/sentence/verdict_sentence.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using analysis::outbound;

namespace {

std::string of_capacity(const Scenario& scenario) {
  return report::verdict_sentence(scenario, analysis::capacity(scenario));
}

std::string of_run(const Scenario& scenario, std::uint64_t held, std::optional<PlacedLimit> first) {
  const analysis::Capacity capacity = analysis::capacity(scenario);
  RunResult result;
  result.held_peak = held;
  result.binding = std::move(first);
  return report::verdict_sentence(scenario, result, &capacity);
}

// Two client hosts that run out of different things: "client" of ports, "other" of descriptors.
Scenario two_clients() {
  Scenario scenario = outbound(30, 12);
  analysis::set_range(scenario, 40001, 1);
  HostGroup other = analysis::host("other", "10.0.0.7");
  other.processes.push_back({.name = "app", .nofile = 16});
  scenario.hosts.emplace("other", other);
  Workload more = scenario.workloads.at("load");
  more.name = "more";
  more.from_host = "other";
  scenario.workloads.emplace("more", more);
  return scenario;
}

}  // namespace

TEST_CASE("the limit that is named first is not named as the next one") {
  Scenario scenario = outbound(8, 6, 1024);
  scenario.hosts.at("server").processes.front().listeners.front().accept = AcceptStalled{};
  const std::string expected =
      "breaks first at fd_per_process (client/app, EMFILE); next at 512: listen_backlog (server/web 0.0.0.0:443)";
  CHECK(of_capacity(scenario) == "holds 0 connections; " + expected);
  const auto refusing = analysis::capacity(scenario).refusing;
  REQUIRE(refusing.size() == 1);
  CHECK(of_run(scenario, 0, PlacedLimit{refusing.front().limit, refusing.front().place}) ==
        "holds 0 connections; " + expected);
}

TEST_CASE("a run lifts the one limit that it names, a capacity all of the cut") {
  const Scenario scenario = two_clients();
  const analysis::Capacity capacity = analysis::capacity(scenario);
  REQUIRE(capacity.binding.size() == 2);
  CHECK(of_capacity(scenario) ==
        "holds 14 connections; breaks first at fd_per_process (other/app, EMFILE) and 1 more place; next at 39: "
        "fd_per_process (client/app)");
  const analysis::Binding& ports = capacity.binding.back();
  REQUIRE(ports.limit == Limit::ephemeral_ports);
  CHECK(of_run(scenario, 14, PlacedLimit{ports.limit, ports.place}) ==
        "holds 14 connections; breaks first at ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL); next "
        "at 22: fd_per_process (client/app) and 1 more place");
}

TEST_CASE("a limit that an event brought in first is lifted alone of all as well") {
  const Scenario scenario = outbound(40, 1024);  // as it is before the event
  const auto ladder = analysis::capacity(scenario).ladder;
  REQUIRE(ladder.size() > 1);
  const analysis::Binding& ports = ladder[1].binding.front();
  REQUIRE(ports.limit == Limit::ephemeral_ports);
  CHECK(of_run(scenario, 13, PlacedLimit{ports.limit, ports.place}) ==
        "holds 13 connections; breaks first at ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL); next "
        "at 1,021: fd_per_process (client/app)");
}

TEST_CASE("where chance decides whether one is refused, nothing is sure") {
  Scenario scenario = outbound(12, 1024, 14);
  Process& web = scenario.hosts.at("server").processes.front();
  web.count = 2;
  web.listeners.front().reuse_port = true;
  CHECK(of_run(scenario, 12, std::nullopt) ==
        "holds 12 connections; nothing breaks; first at 10 to 12: fd_per_process (server/web, EMFILE)");
  CHECK(of_capacity(scenario) ==
        "holds 10 to 12 connections; may break first at fd_per_process (server/web, EMFILE); next at 1,021: "
        "fd_per_process (client/app)");
  scenario.workloads.at("load").connections = 100;
  web.listeners.front().backlog = 8;
  CHECK(of_capacity(scenario).starts_with(
      "holds 10 to 20 connections; breaks first at fd_per_process (server/web, EMFILE)"));
}

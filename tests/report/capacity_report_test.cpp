// The analysis as a sentence, as JSON and as a table.
#include "report/capacity_report.hpp"

#include <nlohmann/json.hpp>

#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using nlohmann::json;

namespace {

report::CapacityReport report_of(const Scenario& scenario) {
  return report::make_capacity_report(scenario, analysis::capacity(scenario));
}

}  // namespace

TEST_CASE("the verdict of an analysis names what binds and what comes next") {
  CHECK(report_of(analysis::outbound(30'000)).summary ==
        "holds 28,232 connections; breaks first at ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL); "
        "next at 65,535: four_tuple (client 10.0.0.5 -> 10.1.0.9:443)");
  CHECK(report_of(analysis::outbound(1)).summary ==
        "holds 1 connection; nothing breaks; first at 28,232: ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, "
        "EADDRNOTAVAIL)");
}

TEST_CASE("the error is the one that the workload's way of binding meets") {
  Scenario scenario = analysis::outbound(30'000);
  scenario.workloads.at("load").bind = BindAddress{};
  CHECK(report_of(scenario).summary.find("(client 10.0.0.5 -> *, EADDRINUSE)") != std::string::npos);
}

TEST_CASE("capacity as JSON: a figure, or an interval where the kernel draws") {
  Scenario scenario = analysis::outbound(30'000);
  json parsed = json::parse(report::capacity_json(report_of(scenario)));
  CHECK(parsed.at("format") == "netlimits.capacity/1");
  CHECK(parsed.at("capacity") == 28'232);
  CHECK(parsed.at("asked") == 30'000);
  CHECK(parsed.at("binding") ==
        json::array({{{"limit", "ephemeral_ports"},
                      {"place", "client 10.0.0.5 -> 10.1.0.9:443"},
                      {"place_parts", {{"host", "client"}, {"source", "10.0.0.5"}, {"destination", "10.1.0.9:443"}}},
                      {"capacity", 28'232}}}));
  CHECK(parsed.at("ladder").at(0).at("capacity") == 65'535);
  CHECK(parsed.at("ladder").at(0).at("binding").at(0).at("limit") == "four_tuple");

  analysis::set_range(scenario, 40'000, 301);
  parsed = json::parse(report::capacity_json(report_of(scenario)));
  CHECK(parsed.at("capacity") == json{{"min", 300}, {"max", 301}});
  CHECK(report_of(scenario).summary.rfind("holds 300 to 301 connections; ", 0) == 0);
}

TEST_CASE("where the rate of short connections binds, the sentence names it and what is asked for") {
  Scenario scenario = analysis::outbound(1'000);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{};
  const std::string ports = ": ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL)";
  load.arrivals = ConstantRate{std::chrono::milliseconds(10)};
  CHECK(report_of(scenario).summary ==
        "holds 1 connection; nothing breaks; first above 470.533 a second (100.000 asked for)" + ports);
  load.arrivals = ConstantRate{std::chrono::milliseconds(1)};
  CHECK(report_of(scenario).summary ==
        "sustains 470.533 of 1000.000 a second, holds 1 connection; nothing breaks; first after 28,232 connections, at "
        "28.232 s" +
            ports);
}

TEST_CASE("capacity as text shows the ladder and what short connections sustain") {
  Scenario scenario = analysis::outbound(60'000);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{std::chrono::milliseconds(1)};
  load.hold = HoldConstant{};
  const auto report = report_of(scenario);
  CHECK(
      report.summary ==
      "sustains 470.533 of 1000.000 a second, holds 1 connection; breaks first at ephemeral_ports (client 10.0.0.5 -> "
      "10.1.0.9:443, EADDRNOTAVAIL) after 28,232 connections, at 28.232 s");
  const std::string text = report::capacity_text(report, {});
  CHECK(text.find("470.533/s") != std::string::npos);
  CHECK(text.find("after 28,232, at 28.232 s") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

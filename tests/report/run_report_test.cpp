// The sentence, the JSON, the claims, the text and the page of one hand-made result.
#include "report/run_report.hpp"

#include "model/systems/os_profile.hpp"
#include "report/forms/html_page.hpp"
#include "report/run_tables.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace netlimits;
using nlohmann::json;
using report::RunReport;

namespace {

Scenario outbound() {
  Scenario scenario;
  scenario.name = "outbound-exhaustion";
  scenario.basis.sha256 = "00ff";
  scenario.basis.effective_sha256 = "11ff";
  auto profile = std::make_shared<OsProfile>();
  profile->name = "linux";
  HostGroup client;
  client.name = "client";
  client.profile = profile;
  client.processes.push_back({.name = "app", .nofile = 40000});
  HostGroup server;
  server.name = "server";
  server.profile = profile;
  server.processes.push_back({.name = "web", .nofile = 40000});
  scenario.hosts = {{"client", client}, {"server", server}};
  Workload workload;
  workload.name = "calls";
  workload.from_host = "client";
  workload.from_process = "app";
  workload.to = {*Endpoint::parse("10.1.0.9:443")};
  workload.connections = 30000;
  scenario.workloads.emplace("calls", workload);
  return scenario;
}

// client 10.0.0.5 -> 10.1.0.9:443
Place way_out() {
  return {OutboundPlace{.on = {Name("client")},
                        .source = *IpAddress::parse("10.0.0.5"),
                        .destination = *Endpoint::parse("10.1.0.9:443")}};
}

Place process(const std::string& host, const std::string& name) { return {ProcessPlace{{Name(host)}, Name(name)}}; }

RunResult outcome() {
  RunResult result;
  result.seed = 1;
  result.held_peak = 28232;
  WorkloadResult& calls = result.workloads["calls"];
  calls.attempted = 30000;
  calls.established = 28232;
  calls.failed = 1768;
  calls.open_at_end = calls.peak_open = 28232;
  calls.failures.push_back({.limit = Limit::ephemeral_ports,
                            .place = way_out(),
                            .error = Error::eaddrnotavail,
                            .count = 1768,
                            .first_at = time_zero,
                            .first_after_established = 28232});
  result.hosts["client"].processes["app"].descriptors_peak = 28236;
  result.hosts["server"].processes["web"].accepted = 28232;
  result.limits.push_back({.limit = Limit::ephemeral_ports,
                           .place = way_out(),
                           .capacity = 28232,
                           .peak = 28232,
                           .exhausted = true,
                           .first_exhausted_at = time_zero});
  result.binding = PlacedLimit{Limit::ephemeral_ports, way_out()};
  return result;
}

Expectation claim(const std::string& name, const std::string& pointer, Scalar expected,
                  Relation relation = Relation::equals) {
  Expectation made;
  made.name = name;
  made.pointer = pointer;
  made.expected = std::move(expected);
  made.relation = relation;
  return made;
}

analysis::Capacity ladder() {
  analysis::Capacity capacity;
  capacity.capacity = capacity.established = analysis::Interval::exactly(28232);
  capacity.asked = 30000;
  capacity.binding = {{Limit::ephemeral_ports, way_out(), {28232, 28232}}};
  capacity.ladder = {{{30001, 30001}, {{Limit::fd_per_process, process("proxy", "worker-2"), {30001, 30001}}}}};
  return capacity;
}

}  // namespace

TEST_CASE("the verdict of a run is one sentence with the count, the limit, the place, the error and what comes next") {
  const RunReport report = report::make_run_report(outbound(), outcome(), ladder());
  CHECK(report.summary ==
        "holds 28,232 connections; breaks first at ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL); "
        "next at 30,001: fd_per_process (proxy/worker-2)");
  CHECK(report.verdict == report::Verdict::unchecked);
}

TEST_CASE("a run that nothing breaks says so, and where it would") {
  RunResult result = outcome();
  result.binding.reset();
  analysis::Capacity capacity = ladder();
  capacity.binding.clear();
  CHECK(report::make_run_report(outbound(), result, capacity).summary ==
        "holds 28,232 connections; nothing breaks; first at 30,001: fd_per_process (proxy/worker-2)");
  CHECK(report::make_run_report(outbound(), result, std::nullopt).summary ==
        "holds 28,232 connections; nothing breaks");
}

TEST_CASE("a run in which nothing failed names what binds all the same") {
  RunResult result = outcome();
  result.binding.reset();
  analysis::Capacity capacity = ladder();
  const auto summary = [&] { return report::make_run_report(outbound(), result, capacity).summary; };
  SECTION("where chance decides") {
    capacity.capacity = capacity.established = {28'231, 28'232};
    capacity.asked = 28'232;
    CHECK(summary() ==
          "holds 28,232 connections; nothing breaks; first at 28,231 to 28,232: ephemeral_ports (client 10.0.0.5 -> "
          "10.1.0.9:443, EADDRNOTAVAIL)");
  }
  SECTION("where the others wait") {
    capacity.binding = {{Limit::listen_backlog, capacity.binding.front().place, analysis::Interval::exactly(0)}};
    capacity.capacity = analysis::Interval::exactly(0);
    capacity.established = analysis::Interval::exactly(100);
    capacity.asked = 100;
    result.held_peak = 0;
    CHECK(summary() ==
          "holds 0 connections; nothing breaks; at most 0 accepted at once: listen_backlog (client 10.0.0.5 -> "
          "10.1.0.9:443, ETIMEDOUT)");
  }
}

TEST_CASE("what nobody accepted is not held, and a server's own shortage is worded as its program sees it") {
  RunResult result = outcome();
  result.workloads["calls"].peak_open = 2173;
  result.held_peak = 2044;
  result.hosts["server"].processes["web"].queued_at_end = 129;
  result.binding = PlacedLimit{Limit::fd_per_process, process("server", "web")};
  CHECK(report::make_run_report(outbound(), result, std::nullopt).summary ==
        "holds 2,044 connections (129 more wait for accept()); breaks first at fd_per_process (server/web, EMFILE)");
}

TEST_CASE("the JSON of a run has the contract's keys, sorted, and equal bytes for equal input") {
  Scenario scenario = outbound();
  scenario.expect = {claim("28,232 established", "/workloads/calls/established", std::int64_t{28232}),
                     claim("the client runs out", "/binding_limit/limit", std::string("ephemeral_ports"))};
  const std::string text = report::run_json(report::make_run_report(scenario, outcome(), std::nullopt));
  CHECK(text == report::run_json(report::make_run_report(scenario, outcome(), std::nullopt)));
  CHECK(text.back() == '\n');
  const json parsed = json::parse(text);
  CHECK(parsed.dump(2) + "\n" == text);  // a parsed object iterates its keys in order
  CHECK(parsed.at("format") == "netlimits.run/1");
  CHECK(parsed.at("scenario") == json{{"name", "outbound-exhaustion"},
                                      {"sha256", "00ff"},
                                      {"effective_sha256", "11ff"},
                                      {"overrides", json::array()}});
  CHECK(parsed.at("seed") == 1);
  CHECK(parsed.at("ended_at_ns") == 0);
  CHECK(parsed.at("version").is_string());
  const json parts{{"host", "client"}, {"source", "10.0.0.5"}, {"destination", "10.1.0.9:443"}};
  CHECK(parsed.at("workloads").at("calls").at("failures").at(0) == json{{"limit", "ephemeral_ports"},
                                                                        {"place", "client 10.0.0.5 -> 10.1.0.9:443"},
                                                                        {"place_parts", parts},
                                                                        {"error", "EADDRNOTAVAIL"},
                                                                        {"count", 1768},
                                                                        {"first_at_ns", 0},
                                                                        {"first_after_established", 28232}});
  CHECK(parsed.at("limits").at(0).at("place_parts") == parts);
  CHECK(parsed.at("limits").at(0).at("first_exhausted_at_ns") == 0);
  CHECK(parsed.at("binding_limit") ==
        json{{"limit", "ephemeral_ports"}, {"place", "client 10.0.0.5 -> 10.1.0.9:443"}, {"place_parts", parts}});
  CHECK(parsed.at("expectations").at(0).at("expected") == 28232);
  CHECK(parsed.at("expectations").at(0).at("actual") == 28232);
  CHECK(parsed.at("expectations").at(0).at("holds") == true);
  CHECK(parsed.at("verdict") == "holds");
}

TEST_CASE("the JSON of a place has a key for each part that its kind has") {
  const auto written = [](const Place& place) {
    RunResult result = outcome();
    result.binding = PlacedLimit{Limit::no_listener, place};
    const json binding =
        json::parse(report::run_json(report::make_run_report(outbound(), result, std::nullopt))).at("binding_limit");
    CHECK(binding.at("place") == place.text());
    return binding.at("place_parts");
  };
  const Endpoint to = *Endpoint::parse("[2001:db8::9]:443");
  CHECK(written({HostPlace{Name("client")}}) == json{{"host", "client"}});
  CHECK(written({HostPlace{Name("client"), 3000}}) == json{{"host", "client"}, {"hosts", 3000}});
  CHECK(written(process("server", "web")) == json{{"host", "server"}, {"process", "web"}});
  CHECK(written({ListenerPlace{{Name("server")}, Name("web"), to}}) ==
        json{{"host", "server"}, {"process", "web"}, {"listener", "[2001:db8::9]:443"}});
  CHECK(written({OutboundPlace{.on = {Name("client")}, .source = All{}}}) ==
        json{{"host", "client"}, {"source", "*"}, {"destination", "*"}});
  CHECK(written({OutboundPlace{.on = {Name("client"), 2}, .destination = to}}) ==
        json{{"host", "client"}, {"hosts", 2}, {"destination", "[2001:db8::9]:443"}});
  CHECK(written({OutboundPlace{
            .on = {Name("machine")}, .source = *IpAddress::parse("10.0.0.5"), .destination = AnyOne{}}}) ==
        json{{"host", "machine"}, {"source", "10.0.0.5"}, {"destination", "any one"}});
  CHECK(written({BalancerPlace{Name("front")}}) == json{{"balancer", "front"}});
  CHECK(written({BackEndPlace{Name("front"), to}}) == json{{"balancer", "front"}, {"back_end", "[2001:db8::9]:443"}});
}

TEST_CASE("a claim that does not hold says what was expected, what came, and where a pointer ends") {
  Scenario scenario = outbound();
  scenario.expect = {claim("equal", "/workloads/calls/established", std::int64_t{28231}),
                     claim("least", "/workloads/calls/established", std::int64_t{28233}, Relation::at_least),
                     claim("most", "/workloads/calls/failed", std::int64_t{-1}, Relation::at_most),
                     claim("no such key", "/workloads/call/established", std::int64_t{1}),
                     claim("no number", "/binding_limit", std::int64_t{1}, Relation::at_least),
                     claim("not a pointer", "workloads", nullptr)};
  Expectation within = claim("within", "/workloads/calls/failed", nullptr, Relation::within);
  within.low = 1700;
  within.high = 1767;
  scenario.expect.push_back(within);
  const RunReport report = report::make_run_report(scenario, outcome(), std::nullopt);
  CHECK(report.verdict == report::Verdict::fails);
  std::vector<std::string> reasons;
  for (const auto& expectation : report.expectations) {
    CHECK_FALSE(expectation.holds);
    reasons.push_back(expectation.why);
  }
  CHECK(reasons[0] == "/workloads/calls/established: expected 28231, got 28232");
  CHECK(reasons[1] == "/workloads/calls/established: expected at least 28233, got 28232");
  CHECK(reasons[2] == "/workloads/calls/failed: expected at most -1, got 1768");
  CHECK(reasons[3] == "nothing at /workloads/call/established; /workloads has calls");
  CHECK(reasons[4].find("no whole number") != std::string::npos);
  CHECK(reasons[5] == "a JSON pointer begins with /");
  CHECK(reasons[6] == "/workloads/calls/failed: expected 1700 to 1767, got 1768");
}

TEST_CASE("claims about null, words and borders hold where they should") {
  Scenario scenario = outbound();
  Expectation within = claim("within", "/workloads/calls/failed", nullptr, Relation::within);
  within.low = within.high = 1768;
  scenario.expect = {within, claim("least", "/workloads/calls/failed", std::int64_t{1768}, Relation::at_least),
                     claim("most", "/workloads/calls/failed", std::int64_t{1768}, Relation::at_most),
                     claim("null", "/binding_limit", nullptr), claim("true", "/limits/0/exhausted", true)};
  RunResult result = outcome();
  result.binding.reset();
  CHECK(report::make_run_report(scenario, result, std::nullopt).verdict == report::Verdict::holds);
}

TEST_CASE("text begins with the verdict sentence and is plain unless colour is asked for") {
  Scenario scenario = outbound();
  scenario.expect = {claim("wrong", "/workloads/calls/established", std::int64_t{1})};
  const RunReport report = report::make_run_report(scenario, outcome(), ladder());
  const std::string text = report::run_text(report, {});
  CHECK(text.substr(0, text.find('\n')) == report.summary);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("FAILS  wrong") != std::string::npos);
  CHECK(text.find(" \n") == std::string::npos);
  CHECK(report::run_text(report, {.colour = true}).find('\x1b') != std::string::npos);
}

TEST_CASE("the page of a run has the verdict sentence, the claims and every table of the text, escaped") {
  Scenario scenario = outbound();
  scenario.name = "a<b";
  scenario.expect = {claim("wrong", "/workloads/calls/established", std::int64_t{1})};
  const std::vector reports{report::make_run_report(scenario, outcome(), ladder())};
  const std::string page = report::run_html(reports);
  CHECK(page.find("<title>a&lt;b</title>") != std::string::npos);
  CHECK(page.find("<p class=\"verdict\">" + report::html_text(reports[0].summary) + "</p>") != std::string::npos);
  CHECK(page.find("<span class=\"bad\">FAILS</span> wrong") != std::string::npos);
  for (const report::Table& table : report::run_tables(reports[0].result))
    CHECK(page.find(table.html()) != std::string::npos);
  CHECK(page == report::run_html(reports));
}

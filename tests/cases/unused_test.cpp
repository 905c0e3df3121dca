// Parts that nothing uses are told of with their places; claims that no result can answer are refused.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "scenarios/scenario_loader.hpp"
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

constexpr const char* base = R"({"netlimits": 1, "name": "base", "window": "1s",
  "hosts": {
    "client": {"addresses": ["10.0.0.5"], "processes": {"app": {}}},
    "server": {"addresses": ["10.1.0.9"], "processes": {"web": {"listeners": [{"endpoint": "0.0.0.0:443"}]}}},
    "other": {"addresses": ["10.1.0.8"], "processes": {"web": {"listeners": [{"endpoint": "0.0.0.0:443"}]}}}},
  "balancers": {"front": {"endpoint": "10.2.0.1:443", "back_ends": ["10.1.0.8:443"]}},
  "workloads": {"load": {"from": "client/app", "to": ["10.1.0.9:443", "front"], "connections": 4}}})";

scenarios::Loaded<Scenario> loaded(const std::vector<std::string>& with, scenarios::InputErrors* warnings = nullptr) {
  return scenarios::load_scenario(base, "base.json", scenarios::ProfileSet::built_in(),
                                  {.overrides = with, .warnings = warnings});
}

struct Unused {
  std::vector<std::string> with;
  std::vector<std::string> pointers;  // of the warnings
};

// A claim by its pointer, and what is said of it; empty: it is taken.
struct Claimed {
  const char* at;
  const char* relation;
  const char* says;
};

}  // namespace

TEST_CASE("a host, process, listener or balancer that nothing uses is told of") {
  const std::string idle =
      R"(/hosts/idle={"addresses":["10.9.0.1"],"processes":{"p":{"listeners":[{"endpoint":"0.0.0.0:1"}]}}})";
  for (const Unused& row : std::vector<Unused>{
           {{}, {}},
           {{idle}, {"/hosts/idle"}},
           {{idle, R"(/paths=[{"between":["client","idle"],"rtt":"1ms"},{"between":["client","server"],"rtt":"1ms"},
                      {"between":["client","front"],"rtt":"1ms"},{"between":["front","other"],"rtt":"1ms"}])"},
            {"/hosts/idle/processes/p"}},
           {{idle, R"(/events=[{"at":"1s","host_down":"idle"}])"}, {"/hosts/idle/processes/p"}},
           {{idle, R"(/expect=[{"name":"x","at":"/hosts/idle/processes/p/accepted","equals":0}])"},
            {"/hosts/idle/processes/p/listeners/0"}},
           {{idle, R"(/hosts/client/held_connections=[{"from":"10.0.0.5","to":"10.9.0.1:1","ports":[40000]}])"}, {}},
           {{idle, "/workloads/load/to/-=10.9.0.1:1"}, {}},
           {{R"(/hosts/client/processes/idle={})"}, {"/hosts/client/processes/idle"}},
           {{R"(/hosts/server/processes/web/listeners/-={"endpoint":"0.0.0.0:80"})"},
            {"/hosts/server/processes/web/listeners/1"}},
           // It keeps a port from those who connect there.
           {{R"(/hosts/client/processes/idle={"listeners":[{"endpoint":"0.0.0.0:40000"}]})"}, {}},
           {{R"(/hosts/client/processes/idle={"listeners":[{"endpoint":"0.0.0.0:80"}]})"},
            {"/hosts/client/processes/idle"}},
           {{"/workloads/load/to=[\"10.1.0.9:443\"]", "/balancers={}"}, {"/hosts/other"}},
           // A balancer makes nothing used that it is not used for.
           {{"/workloads/load/to=[\"10.1.0.9:443\"]"}, {"/balancers/front", "/hosts/other"}},
           {{"/workloads/load/to=[\"10.1.0.9:443\"]",
             R"(/expect=[{"name":"x","at":"/balancers/front/0/connections","equals":0}])"},
            {}},
           {{R"(/balancers/spare={"endpoint":"10.2.0.2:443","back_ends":["10.1.0.8:443"]})"}, {"/balancers/spare"}},
       }) {
    CAPTURE(row.with);
    scenarios::InputErrors warnings;
    const auto scenario = loaded(row.with, &warnings);
    if (!scenario) FAIL(scenarios::text_of(scenario.error()));
    std::vector<std::string> pointers;
    for (const scenarios::InputError& warning : warnings) {
      pointers.push_back(warning.pointer);
      CHECK(warning.message.find("nothing uses") == 0);
    }
    CHECK(pointers == row.pointers);
  }
}

TEST_CASE("a warning has its line") {
  scenarios::InputErrors warnings;
  REQUIRE(loaded({"/balancers={}", "/workloads/load/to=[\"10.1.0.9:443\"]"}, &warnings).has_value());
  REQUIRE(warnings.size() == 1);
  CHECK(warnings.front().line == 5);
  CHECK(warnings.front().text().find("base.json:5:") == 0);
}

TEST_CASE("no shipped scenario has a part that nothing uses") {
  namespace fs = std::filesystem;
  for (const char* folder : {"scenarios", "scenarios/real-programs"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".json") continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      scenarios::InputErrors warnings;
      const auto scenario = scenarios::load_scenario(text, entry.path().filename().string(),
                                                     scenarios::ProfileSet::built_in(), {.warnings = &warnings});
      CAPTURE(entry.path().filename().string(), scenarios::text_of(warnings));
      CHECK(scenario.has_value());
      CHECK(warnings.empty());
    }
  }
}

TEST_CASE("a claim that points nowhere is bad input, with its place") {
  const char* const count = R"("equals": 1)";
  for (const Claimed& row : {
           Claimed{"/workloads/load/established", count, ""},
           Claimed{"/workloads/laod/established", count, "no workload named \"laod\"; did you mean load?"},
           Claimed{"/workloads/load/establisht", count, "did you mean established?"},
           Claimed{"/workloads/load", count, "leads to a workload's result, and not to a value"},
           Claimed{"/workloads", count, "leads to all workloads, and not to a value"},
           Claimed{"/workloads/load/failures/0/count", count, ""},
           Claimed{"/workloads/load/failures/0/place_parts/host", R"("equals": "client")", ""},
           Claimed{"/workloads/load/failures/0/place_parts/hots", count, "did you mean host?"},
           Claimed{"/workloads/load/failures/first/count", count, "\"first\" is no index"},
           Claimed{"/workloads/load/failures", count, "leads to a list"},
           Claimed{"/workloads/load/windows/3/failed", count, ""},
           Claimed{"/workloads/load/established/0", count, "nothing lies below it"},
           Claimed{"/hosts/server/time_wait_peak", count, ""},
           Claimed{"/hosts/sevrer/time_wait_peak", count, "no host named \"sevrer\"; did you mean server?"},
           Claimed{"/hosts/server/processes/web/accepted", count, ""},
           Claimed{"/hosts/server/processes/app/accepted", count, "no process of server named \"app\""},
           Claimed{"/hosts/server/processes/web/acepted", count, "did you mean accepted?"},
           Claimed{"/balancers/front/0/connections", count, ""},
           Claimed{"/balancers/front/1/connections", count, "the list has 1 elements"},
           Claimed{"/balancers/back/0/connections", count, "no balancer named \"back\""},
           Claimed{"/limits/7/peak", count, ""},
           Claimed{"/limits/7/used", count, "a limit has no key \"used\""},
           Claimed{"/limits/fd_per_process/peak", count, "is no index"},
           Claimed{"/limits/0/place", R"("equals": "server/web")", ""},
           Claimed{"/limits/0/place", R"("equals": "sevrer/web")", "no place of the scenario begins with \"sevrer\""},
           Claimed{"/limits/0/place", R"("equals": "server/wbe")", "server has no process named \"wbe\""},
           Claimed{"/limits/0/place", R"("equals": "front -> 10.1.0.8:443")", ""},
           Claimed{"/limits/0/limit", R"("equals": "fd_per_proces")", "did you mean fd_per_process?"},
           Claimed{"/binding_limit", R"("equals": null)", ""},
           Claimed{"/binding_limit", R"("equals": "memory")", "is no single value"},
           Claimed{"/binding_limit/limit", R"("equals": "ephemeral_port")", "did you mean ephemeral_ports?"},
           Claimed{"/binding_limit/limit", R"("at_least": 3)", "is no whole number"},
           Claimed{"/workloads/load/failures/0/error", R"("equals": "EADDRNOTAVIAL")", "the name of an error"},
           Claimed{"/workloads/load/failed", R"("equals": "none")", "a whole number"},
           Claimed{"/limits/0/exhausted", R"("equals": 1)", "true or false"},
           Claimed{"/seed", count, ""},
           Claimed{"/held_peak", count, ""},
           Claimed{"/verdict", R"("equals": "holds")", "no key \"verdict\""},
           Claimed{"held_peak", count, "no JSON pointer"},
       }) {
    CAPTURE(row.at, row.relation);
    const auto scenario = loaded({fmt::format(R"(/expect=[{{"name": "x", "at": "{}", {}}}])", row.at, row.relation)});
    if (*row.says == 0) {
      if (!scenario) FAIL(scenarios::text_of(scenario.error()));
      continue;
    }
    REQUIRE_FALSE(scenario.has_value());
    const scenarios::InputError& error = scenario.error().front();
    CAPTURE(error.text());
    CHECK(error.text().find(row.says) != std::string::npos);
    CHECK(error.pointer.find("/expect/0") == 0);
  }
  CHECK_FALSE(loaded({"/window=1s", R"(/expect=[{"name": "x", "at": "/windows/0", "equals": 1}])"}).has_value());
}

TEST_CASE("the advice to take a word out says what the result is wrong about without it") {
  for (const auto& [change, says] : std::vector<std::pair<std::string, std::string>>{
           {R"(/gateways={"nat":{"idle_timeout":"350s"}})", "cut off there"},
           {"/conntrack={}", "no table of connections fills"},
           {R"(/hosts/client/conntrack={"nf_conntrack_max":9,"nf_conntrack_tcp_timeout_established":"1h"})",
            "keeps its entry"},
           {"/hosts/client/memory=1GiB", "memory never runs out"},
           {"/balancers/front/mode=proxy", "twice too much"},
           {"/balancers/front/method=least_connections", "says too much where one back end would get more"},
           {R"(/workloads/load/arrivals={"stages":[]})", "the peaks are missing"},
       }) {
    CAPTURE(change);
    const auto scenario = loaded({change});
    REQUIRE_FALSE(scenario.has_value());
    CAPTURE(scenarios::text_of(scenario.error()));
    CHECK(scenarios::text_of(scenario.error()).find(says) != std::string::npos);
  }
}

}  // namespace netlimits::cases

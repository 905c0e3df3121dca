// Proxies of a scenario: what is read, what is refused and how, and what is written again.
#include <string>
#include <vector>

#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/replaced.hpp"

namespace netlimits::scenarios {
namespace {

const std::string proxied = R"({
 "netlimits": 1, "name": "small",
 "hosts": {"c": {"addresses": ["10.0.0.1"], "processes": {"p": {}}},
           "x": {"addresses": ["10.0.1.1", "10.0.1.2"], "processes": {"nginx": {"listeners": [{"endpoint": "0.0.0.0:80"}]}}},
           "s": {"addresses": ["10.0.2.1"], "processes": {"p": {"listeners": [{"endpoint": "0.0.0.0:81"}]}}}},
 "proxies": {"edge": {"at": "x/nginx", "to": ["10.0.2.1:81"]}},
 "workloads": {"w": {"from": "c/p", "to": ["10.0.1.1:80"], "connections": 10}}
})";

Loaded<Scenario> proxied_with(const std::string& before, const std::string& after) {
  return load_scenario(replaced(proxied, before, after), "f.json", ProfileSet::built_in(), {});
}

TEST_CASE("a proxy is written as it was read") {
  const std::string at = R"("to": ["10.0.2.1:81"])";
  for (const std::string& edge :
       std::vector<std::string>{at, at + R"(, "worker_connections": 1024)",
                                at + R"(, "bind": "address_no_port", "sources": ["10.0.1.2", "10.0.1.1"])"}) {
    CAPTURE(edge);
    const auto loaded = proxied_with(at, edge);
    if (!loaded) FAIL(text_of(loaded.error()));
    const Proxy& proxy = loaded->proxies.at("edge");
    CHECK(proxy.host == "x");
    CHECK(proxy.process == "nginx");
    CHECK(proxy.to == std::vector<Endpoint>{*Endpoint::parse("10.0.2.1:81")});
    const std::string text = scenario_text(*loaded);
    const auto again = load_scenario(text, "f.json", ProfileSet::built_in(), {});
    if (!again) FAIL(text_of(again.error()));
    CHECK(again->proxies.at("edge").sources == proxy.sources);
    CHECK(again->proxies.at("edge").worker_connections == proxy.worker_connections);
    CHECK(scenario_text(*again) == text);
  }
}

TEST_CASE("a proxy that cannot be answered is refused with its place and a way to ask all the same") {
  struct Row {
    std::string before;
    std::string after;
    const char* says;
  };
  const std::string at = R"("at": "x/nginx")";
  const std::string to = R"("to": ["10.0.2.1:81"])";
  const std::string x = R"("addresses": ["10.0.1.1", "10.0.1.2"])";
  for (const Row& row : std::vector<Row>{
           {at, R"("at": "x/apache")", "x/nginx"},
           {at, R"("at": "c/p")", "c/p has no listener"},
           {to, R"("to": ["10.0.2.1:82"])", "/proxies/edge/to/0"},
           {to, R"("to": ["10.0.1.2:80"])", "leads to a proxy, or to its own host"},
           {to, to + R"(, "worker_connections": 0)", "/proxies/edge/worker_connections"},
           {to, to + R"(, "pool": 5)", "a key of a proxy"},
           {R"("to": ["10.0.1.1:80"])", R"("to": ["10.0.1.1:80", "10.0.2.1:81"])",
            "w goes to more than one proxy, or past it"},
           {R"("edge": {)", R"("w": {)", "a workload is named w already"},
           {x, x + R"(, "conntrack": {"nf_conntrack_max": 9})", "x tracks connections or is behind a gateway"},
           {R"("proxies": {)", R"("events": [{"at": "1s", "host_down": "x"}], "proxies": {)",
            "/events: x is the host of a proxy"},
       }) {
    CAPTURE(row.after);
    const auto loaded = proxied_with(row.before, row.after);
    REQUIRE_FALSE(loaded.has_value());
    CAPTURE(text_of(loaded.error()));
    CHECK(text_of(loaded.error()).find(row.says) != std::string::npos);
  }
}

}  // namespace
}  // namespace netlimits::scenarios

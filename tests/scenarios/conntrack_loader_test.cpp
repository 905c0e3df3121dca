// Tables of tracked connections in a scenario: what is read, what is refused and how, and what is written again.
#include <chrono>
#include <string>
#include <vector>

#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/replaced.hpp"

namespace netlimits::scenarios {
namespace {

using std::chrono::seconds;

const std::string world = R"({
 "netlimits": 1, "name": "small",
 "hosts": {"c": {"addresses": ["10.0.0.1"], "processes": {"p": {"listeners": [{"endpoint": "127.0.0.1:9"}]}}},
           "o": {"addresses": ["10.0.2.1"], "processes": {"p": {"listeners": [{"endpoint": "0.0.0.0:81"}]}}},
           "s": {"addresses": ["10.0.1.1"], "processes": {"p": {"listeners": [{"endpoint": "0.0.0.0:80"}]}}}},
 "gateways": {"g": {"kind": "linux-masquerade", "hosts": ["c"], "addresses": ["203.0.113.7"]}},
 "workloads": {"w": {"from": "c/p", "to": ["10.0.1.1:80"], "connections": 10},
               "v": {"from": "o/p", "to": ["10.0.1.1:80"], "connections": 10}}
})";

Loaded<Scenario> world_with(const std::string& before, const std::string& after) {
  return load_scenario(replaced(world, before, after), "f.json", ProfileSet::built_in(), {});
}

std::string table_at(const std::string& host_address, const std::string& table) {
  return host_address + R"(, "conntrack": )" + table;
}

TEST_CASE("a table has the times of a kernel where the scenario says nothing else") {
  const std::string at = R"("addresses": ["10.0.1.1"])";
  auto loaded = world_with(at, table_at(at, R"({"nf_conntrack_max": 100})"));
  if (!loaded) FAIL(text_of(loaded.error()));
  REQUIRE(loaded->hosts.at("s").conntrack);
  CHECK(*loaded->hosts.at("s").conntrack == ConntrackSettings{.max = 100, .buckets = 100});
  CHECK(loaded->hosts.at("s").conntrack->time_wait == seconds(120));
  loaded = world_with(at, table_at(at, R"({"nf_conntrack_max": 100, "nf_conntrack_buckets": 7, "held": 3,
      "nf_conntrack_tcp_timeout_time_wait": 30, "nf_conntrack_tcp_timeout_close": "2s"})"));
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(*loaded->hosts.at("s").conntrack ==
        ConntrackSettings{.max = 100, .buckets = 7, .held = 3, .time_wait = seconds(30), .close = seconds(2)});
  const std::string text = scenario_text(*loaded);
  const auto again = load_scenario(text, "f.json", ProfileSet::built_in(), {});
  if (!again) FAIL(text_of(again.error()));
  CHECK(again->hosts.at("s").conntrack == loaded->hosts.at("s").conntrack);
  CHECK(scenario_text(*again) == text);
}

TEST_CASE("a gateway's table is written as it was read") {
  const std::string at = R"("hosts": ["c"])";
  const auto loaded = world_with(at, table_at(at, R"({"nf_conntrack_max": 100, "held": 3})"));
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(loaded->gateways.at("g").conntrack == ConntrackSettings{.max = 100, .buckets = 100, .held = 3});
  const std::string text = scenario_text(*loaded);
  const auto again = load_scenario(text, "f.json", ProfileSet::built_in(), {});
  if (!again) FAIL(text_of(again.error()));
  CHECK(scenario_text(*again) == text);
}

TEST_CASE("a table that cannot be answered is refused with its place and a way to ask all the same") {
  struct Row {
    std::string before;
    std::string after;
    const char* says;
  };
  const std::string c = R"("addresses": ["10.0.0.1"])";
  const std::string o = R"("addresses": ["10.0.2.1"])";
  const std::string g = R"("hosts": ["c"])";
  for (const Row& row : std::vector<Row>{
           {c, table_at(c, R"({"nf_conntrack_max": 5, "held": 6})"), "6 entries are held in a table of 5"},
           {c, table_at(c, R"({"nf_conntrack_max": 5, "nf_conntrack_tcp_timeout_close": "1ms"})"),
            "/hosts/c/conntrack"},
           {c, table_at(c, R"({"nf_conntrack_max": 5, "nf_conntrack_maxx": 5})"), "nf_conntrack_max"},
           {c, table_at(c, R"({"nf_conntrack_max": 5, "nf_conntrack_tcp_timeout_established": "1h"})"),
            "not modelled yet"},
           {g, table_at(g, R"({"nf_conntrack_max": 5, "nf_conntrack_tcp_timeout_time_wait": "1s"})"),
            "say \"hold_after_close\""},
           {R"("to": ["10.0.1.1:80"], "connections": 10},)",
            R"("to": ["10.0.1.1:80", "127.0.0.1:9"], "connections": 10},)", ""},
       }) {
    CAPTURE(row.after);
    const auto loaded = world_with(row.before, row.after);
    if (std::string(row.says).empty()) {
      CHECK(loaded.has_value());
      continue;
    }
    REQUIRE_FALSE(loaded.has_value());
    CAPTURE(text_of(loaded.error()));
    CHECK(text_of(loaded.error()).find(row.says) != std::string::npos);
  }
  // Connections begin on the host and come to it.
  std::string both = replaced(world, R"("to": ["10.0.1.1:80"], "connections": 10},)",
                              R"("to": ["10.0.1.1:80", "10.0.2.1:81"], "connections": 10},)");
  both = replaced(both, o, table_at(o, R"({"nf_conntrack_max": 5})"));
  auto loaded = load_scenario(both, "f.json", ProfileSet::built_in(), {});
  REQUIRE_FALSE(loaded.has_value());
  CHECK(text_of(loaded.error()).find("/hosts/o/conntrack: v begins on o and w comes there") != std::string::npos);
  // Some of what the hosts behind a gateway send does not go through it.
  std::string past = replaced(world, R"("to": ["10.0.1.1:80"], "connections": 10},)",
                              R"("to": ["10.0.1.1:80", "127.0.0.1:9"], "connections": 10},)");
  past = replaced(past, g, table_at(g, R"({"nf_conntrack_max": 5})"));
  loaded = load_scenario(past, "f.json", ProfileSet::built_in(), {});
  REQUIRE_FALSE(loaded.has_value());
  CHECK(text_of(loaded.error()).find("/gateways/g/conntrack: w has destinations that it reaches without g") !=
        std::string::npos);
}

}  // namespace
}  // namespace netlimits::scenarios

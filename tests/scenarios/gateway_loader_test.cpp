// Gateways of a scenario: what is read, what is refused and how, and what is written again; and the kinds of devices.
#include <string>
#include <vector>

#include "model/scenario/wiring.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/replaced.hpp"

namespace netlimits::scenarios {
namespace {

const std::string small = R"({
 "netlimits": 1, "name": "small",
 "hosts": {"c": {"addresses": ["10.0.0.1"], "count": 3, "processes": {"p": {}}},
           "o": {"addresses": ["10.0.2.1"], "processes": {"p": {}}},
           "s": {"addresses": ["10.0.1.1"], "processes": {"p": {"listeners": [{"endpoint": "0.0.0.0:80"}]}}}},
 "gateways": {"g": {"kind": "linux-masquerade", "hosts": ["c"], "addresses": ["203.0.113.7"]}},
 "workloads": {"w": {"from": "c/p", "to": ["10.0.1.1:80"], "connections": 10}}
})";

std::string changed(const std::string& before, const std::string& after) { return replaced(small, before, after); }

Loaded<Scenario> loaded_text(const std::string& text) {
  return load_scenario(text, "f.json", ProfileSet::built_in(), {});
}

TEST_CASE("a gateway has the figures of its kind where the scenario says nothing else") {
  auto loaded = loaded_text(small);
  if (!loaded) FAIL(text_of(loaded.error()));
  const Gateway& usual = loaded->gateways.at("g");
  CHECK(usual.nat == gateway_kinds().at("linux-masquerade").nat);
  CHECK(usual.nat.ports == PortRange{Port{1024}, Port{65535}});
  CHECK(usual.hosts == std::vector<std::string>{"c"});
  loaded = loaded_text(changed("\"hosts\": [\"c\"]", R"("hosts": ["c"], "ports": "20000-20063", "half_open": "5s")"));
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(loaded->gateways.at("g").nat.ports.size().value == 64);
  CHECK(loaded->gateways.at("g").nat.half_open == std::chrono::seconds(5));
  CHECK(loaded->gateways.at("g").nat.hold_after_close == std::chrono::seconds(120));
}

TEST_CASE("a gateway is written as it was read") {
  for (const std::string& gateway : std::vector<std::string>{
           R"("kind": "linux-masquerade", "ports": "20000-20063", "when_full": "reset", "half_closed": "3s")",
           R"("kind": "aws-nat-gateway", "per_destination": 7, "hold_after_close": "1s", "hold_after_reset": "2s")",
           R"("kind": "google-cloud-nat", "block": 100, "hold_after_refusal": "0s")",
           R"("kind": "azure-nat-gateway", "port_choice": "kept_or_searched", "per_destination": 0)"}) {
    CAPTURE(gateway);
    const auto loaded = loaded_text(changed("\"kind\": \"linux-masquerade\"", gateway));
    if (!loaded) FAIL(text_of(loaded.error()));
    const std::string text = scenario_text(*loaded);
    const auto again = loaded_text(text);
    if (!again) FAIL(text_of(again.error()));
    CHECK(again->gateways.at("g").nat == loaded->gateways.at("g").nat);
    CHECK(scenario_text(*again) == text);
  }
}

TEST_CASE("a mistake in a gateway is refused with what was expected, or how to ask all the same") {
  struct Row {
    std::string before;
    std::string after;
    std::string words;
  };
  const std::string kind = "\"kind\": \"linux-masquerade\"";
  for (const Row& row : std::vector<Row>{
           {kind, "\"kind\": \"linux-masquerad\"", "did you mean linux-masquerade?"},
           {kind + ", ", "", "which device it is"},
           {kind, kind + ", \"idle_timeout\": \"350s\"", "keep-alives"},
           {kind, kind + ", \"unique_by\": \"address\"", "as many times as there are destinations"},
           {kind, kind + ", \"address_choice\": \"hash\"", "one address is full before the others"},
           {kind, kind + ", \"ports\": \"0-5\"", "a range of ports"},
           {kind, kind + ", \"ports\": \"1-5,7\"", "a range of ports"},
           {kind, kind + ", \"block\": 5", "any_free"},
           {kind, R"("kind": "aws-nat-gateway", "block": 5)", "both \"block\" and \"per_destination\""},
           {kind, R"("kind": "google-cloud-nat", "block": 30000)", "3 hosts are behind g, which has 2 blocks"},
           {"\"hosts\": [\"c\"]", "\"hosts\": []", "at least one host"},
           {"\"hosts\": [\"c\"]", "\"hosts\": [\"x\"]", "the name of a host"},
           {"\"hosts\": [\"c\"]", "\"hosts\": [\"c\", \"c\"]", "c is behind g already"},
           {"[\"203.0.113.7\"]", "[]", "at least one address"},
           {"[\"203.0.113.7\"]", "[\"10.0.1.1\"]", "no host and no balancer may have it"},
           {"[\"203.0.113.7\"]", "[\"203.0.113.7\", \"203.0.113.8\"]", "a gateway for each address"},
           {"[\"203.0.113.7\"]", "[\"2001:db8::7\"]", "no address of that family"},
           {"\"g\": {", "\"s\": {", "is named \"s\" already"},
           {"\"c/p\", \"to\": [\"10.0.1.1:80\"]", "\"o/p\", \"to\": [\"10.0.0.1:80\"], \"no_listener\": true",
            "w comes from outside to a host behind g"},
           {"\"connections\": 10", "\"connections\": 10, \"bind\": {\"ports\": [1000]}", "ports below 1024"},
       }) {
    CAPTURE(row.after);
    const auto loaded = loaded_text(changed(row.before, row.after));
    REQUIRE_FALSE(loaded.has_value());
    CAPTURE(text_of(loaded.error()));
    CHECK(text_of(loaded.error()).find(row.words) != std::string::npos);
  }
}

TEST_CASE("a time that nobody has published has to be said where connections end, and only there") {
  const std::string aws = changed("linux-masquerade", "aws-nat-gateway");
  CHECK(loaded_text(aws).has_value());
  const auto with_hold = [&](const std::string& text, const std::string& how) {
    std::string made = text;
    return made.replace(made.find("\"connections\": 10"), 17, "\"connections\": 10, \"hold\": \"1s\"" + how);
  };
  auto loaded = loaded_text(with_hold(aws, ""));
  REQUIRE_FALSE(loaded.has_value());
  CHECK(text_of(loaded.error()).find("\"hold_after_close\": \"60s\"") != std::string::npos);
  loaded = loaded_text(with_hold(aws, ", \"close\": \"reset\""));
  REQUIRE_FALSE(loaded.has_value());
  CHECK(text_of(loaded.error()).find("\"hold_after_reset\": \"60s\"") != std::string::npos);
}

TEST_CASE("a way through a gateway needs a path to it and from it") {
  const std::string paths =
      R"("paths": [{"between": ["c", "s"], "rtt": "1ms"}, {"between": ["c", "g"], "rtt": "1ms"}],)";
  std::string text = small;
  text.insert(text.find("\"workloads\""), paths);
  const auto loaded = loaded_text(text);
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(Wiring(*loaded).round_trip("c", Wiring(*loaded).of("c", *Endpoint::parse("10.0.1.1:80"))) ==
        std::chrono::milliseconds(3));
}

TEST_CASE("every figure of a kind of gateway has a source and says how sure it is, and each kind says the main ones") {
  CHECK(gateway_kinds().size() >= 4);
  for (const auto& [name, kind] : gateway_kinds()) {
    CAPTURE(name);
    CHECK_FALSE(kind.title.empty());
    for (const char* key : {"ports", "port_choice", "when_full", "hold_after_refusal", "half_closed", "half_open"})
      CHECK(kind.provenance.contains(key));
    for (const auto& [key, provenance] : kind.provenance) {
      CAPTURE(key);
      CHECK_FALSE(provenance.source.empty());
      CHECK_FALSE(provenance.confidence.empty());
    }
  }
}

}  // namespace
}  // namespace netlimits::scenarios

// The program's own `plan`: the four multipliers, every form, wishes, exit codes, and a scenario that can be run.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"
#include "tests/hostile_strings.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

Said in_sources(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM + "' " +
                                   words);
}

Said planned(const std::string& words) { return in_sources("plan " + words + " 2>&1"); }

json plan_json(const std::string& words) {
  const Said said = in_sources("plan " + words + " --format json 2>/dev/null");
  INFO(said.text);
  return json::parse(said.text);
}

std::set<std::string> knobs_in(const json& one) {
  std::set<std::string> knobs;
  for (const json& change : one.at("changes")) knobs.insert(change.at("knob").get<std::string>());
  return knobs;
}

// The change by that knob in a plan.
json change_by(const json& one, const std::string& knob) {
  for (const json& change : one.at("changes")) {
    if (change.at("knob") == knob) return change;
  }
  return nullptr;
}

const std::string one_client = "scenarios/outbound-exhaustion.json ";
const std::string short_ones = "scenarios/time-wait-churn.json ";

}  // namespace

TEST_CASE("a million connections out of one client: each of the four multipliers is offered") {
  const json answer = plan_json(one_client + "--target 1000000 --plans 20 --prove none");
  std::set<std::string> all;
  for (const json& one : answer.at("plans")) {
    CAPTURE(one.dump(1));
    const auto knobs = knobs_in(one);
    all.insert(knobs.begin(), knobs.end());
    // Both ends have a descriptor for each.
    CHECK((knobs.contains("nofile") || knobs.contains("hosts") || knobs.contains("instances")));
  }
  for (const char* knob : {"client_addresses", "port_range", "server_addresses", "server_ports"}) {
    CAPTURE(knob);
    CHECK(all.contains(knob));
  }
  bool addresses_alone = false;
  for (const json& one : answer.at("plans")) {
    if (knobs_in(one) != std::set<std::string>{"client_addresses", "nofile"}) continue;
    addresses_alone = true;
    CHECK(change_by(one, "client_addresses").at("after") == 36);  // 1,000,000 / 28,232, rounded up
    CHECK(change_by(one, "nofile").at("after") == 1'000'003);     // its own three besides
  }
  CHECK(addresses_alone);
}

TEST_CASE("how a program binds is offered where it matters, and only there") {
  const json bound = plan_json("scenarios/extra-addresses-bound-small.json --target 2000 --plans 30 --prove none");
  const json unbound = plan_json("scenarios/outbound-exhaustion-small.json --target 2000 --plans 30 --prove none");
  const auto offers = [](const json& answer) {
    for (const json& one : answer.at("plans")) {
      if (knobs_in(one).contains("bind_style")) return true;
    }
    return false;
  };
  CHECK_FALSE(offers(unbound));
  const json two = plan_json(
      "scenarios/outbound-two-destinations-small.json --set /workloads/load/bind='\"address\"' --target 600 "
      "--plans 30 --prove none");
  CHECK(offers(two));
  CHECK(bound.at("reached") == true);
}

TEST_CASE("each form has the same first line, and nothing in it steers anybody") {
  const std::string asked = "scenarios/outbound-exhaustion-small.json --target 1000 ";
  const Said text = planned(asked);
  CHECK(text.code == 0);
  const std::string first = text.text.substr(0, text.text.find('\n'));
  CHECK(first.starts_with("carries 1,000 connections at once with "));
  CHECK(plan_json(asked).at("summary") == first);
  CHECK_THAT(text.text, Catch::Matchers::Contains("proven by simulation: 1,000 established, none failed"));
  CHECK_THAT(text.text, Catch::Matchers::Contains("sysctl -w net.ipv4.ip_local_port_range='"));
  CHECK_THAT(text.text, Catch::Matchers::Contains("LimitNOFILE="));
  for (const char* format : {"text", "json", "markdown"}) {
    const Said said = planned(asked + "--format " + format);
    CHECK(said.code == 0);
    CHECK(netlimits::tests::steering(said.text).empty());
    if (format == std::string("markdown")) CHECK(netlimits::tests::alive_in_markdown(said.text).empty());
    CHECK(planned(asked + "--format " + format).text == said.text);
  }
}

TEST_CASE("wishes: what is forbidden is in no plan, what is preferred costs less") {
  const std::string asked = "scenarios/outbound-exhaustion-small.json --target 1000 --prove none ";
  for (const json& one : plan_json(asked + "--forbid port_range --forbid client_addresses").at("plans")) {
    CHECK_FALSE(knobs_in(one).contains("port_range"));
    CHECK_FALSE(knobs_in(one).contains("client_addresses"));
  }
  const json preferred = plan_json(asked + "--forbid port_range --prefer server_ports");
  CHECK(knobs_in(preferred.at("plans").at(0)).contains("server_ports"));
  CHECK(planned(asked + "--forbid prayer").code == 2);
}

TEST_CASE("exit codes") {
  struct Row {
    std::string words;
    int code;
    std::string says;
  };
  for (const Row& row :
       {Row{one_client + "--target 20000 --prove none", 0,
            "carries 20,000 connections at once already: nothing has to change"},
        Row{one_client + "--target 30000 --forbid port_range --forbid client_addresses --forbid server_addresses "
                         "--forbid server_ports --forbid hosts",
            1, "no plan reaches 30,000 connections at once: ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443)"},
        Row{one_client + "--rate 10/s", 2, "no connection of it ends"}, Row{one_client, 2, "--target"},
        Row{one_client + "--target 0", 2, ""}, Row{one_client + "--survive 2", 2, ""},
        Row{one_client + "--target 10 --workload nobody", 2, "the scenario has no workload nobody"},
        Row{one_client + "--survive 1", 1, "nothing takes its place when it is down"},
        Row{one_client + "--target 30000 --prove none --apply 99", 2, "there are plans 1 to"},
        Row{"no-such.json --target 1", 2, ""}, Row{short_ones + "--target 100 --rate 100/s", 2, ""}}) {
    CAPTURE(row.words);
    const Said said = planned(row.words);
    INFO(said.text);
    CHECK(said.code == row.code);
    CHECK_THAT(said.text, Catch::Matchers::Contains(row.says));
  }
}

TEST_CASE("a rate: TIME_WAIT is taken over, or left to the server, or spread") {
  const json answer = plan_json("scenarios/time-wait-churn-small.json --rate 20/s --plans 20");
  std::set<std::string> all;
  for (const json& one : answer.at("plans")) {
    CAPTURE(one.dump(1));
    CHECK(one.at("proof").at("simulation").at("verdict") == "holds");
    const auto knobs = knobs_in(one);
    all.insert(knobs.begin(), knobs.end());
  }
  for (const char* knob : {"time_wait_reuse", "closer", "port_range", "client_addresses", "server_ports"}) {
    CAPTURE(knob);
    CHECK(all.contains(knob));
  }
}

TEST_CASE("the loss of a back end: what is left carries all") {
  const json answer =
      plan_json("scenarios/balancer-failover-small.json --target 60 --survive 1 --set /events='[]' --prove all");
  CHECK(answer.at("reached") == true);
  CHECK(answer.at("now").contains("while_down"));
  for (const json& one : answer.at("plans")) {
    CHECK(one.at("proof").at("simulation").at("verdict") == "holds");
    CHECK(one.at("proof").at("simulation").at("runs").get<int>() > 3);
  }
  CHECK(std::any_of(answer.at("plans").begin(), answer.at("plans").end(),
                    [](const json& one) { return knobs_in(one).contains("hosts"); }));
}

TEST_CASE("the changed scenario can be run, and needs no plan") {
  const std::string file = "/tmp/netlimits-plan-test.json";
  const std::string asked = "scenarios/outbound-exhaustion-small.json --target 1000 ";
  REQUIRE(planned(asked + "--apply 2 --output " + file).code == 0);
  CHECK_THAT(in_sources("run " + file + " 2>&1").text,
             Catch::Matchers::StartsWith("holds 1,000 connections; nothing breaks"));
  CHECK_THAT(planned(file + " --target 1000").text,
             Catch::Matchers::StartsWith("carries 1,000 connections at once already"));
  CHECK(in_sources("plan " + asked + "--apply 2 2>/dev/null").text.starts_with("{"));
  REQUIRE(std::remove(file.c_str()) == 0);
}

TEST_CASE("every shipped scenario is planned for: twice as many as it asks for") {
  for (const char* name :
       {"aws-nat-55000", "balancer-round-robin-small", "c10k-one-process-small", "extra-addresses-small",
        "extra-addresses-bound-small", "four-tuple-small", "many-processes-small", "nat-64-ports-small",
        "one-port-many-clients-small", "outbound-descriptors-first-small", "outbound-exhaustion-ipv6-small",
        "server-descriptors-2048-small", "windows-loopback-16372"}) {
    CAPTURE(name);
    const json answer = plan_json(std::string("scenarios/") + name + ".json --target 3000");
    INFO(answer.at("summary").get<std::string>());
    for (const json& one : answer.at("plans")) {
      CAPTURE(one.dump(1));
      CHECK(one.at("proof").at("simulation").at("verdict") != "fails");
      for (const json& change : one.at("changes")) CHECK_FALSE(change.at("commands").empty());
    }
    if (name != std::string("windows-loopback-16372")) CHECK(answer.at("reached") == true);
  }
}

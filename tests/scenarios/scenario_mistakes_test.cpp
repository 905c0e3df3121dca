// One small scenario, and a table of mistakes made in it.
#include <string>
#include <vector>

#include "scenarios/json/sha256.hpp"
#include "scenarios/scenario_loader.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/replaced.hpp"

namespace netlimits::scenarios {
namespace {

Loaded<Scenario> loaded_text(const std::string& text, const LoadOptions& options = {}) {
  return load_scenario(text, "f.json", ProfileSet::built_in(), options);
}

// The smallest scenario there is, with one piece of text replaced.
const std::string small = R"({
 "netlimits": 1, "name": "small",
 "hosts": {"h": {"addresses": ["10.0.0.1"],
                 "processes": {"s": {"listeners": [{"endpoint": "0.0.0.0:80"}]}, "c": {"nofile": 64}}}},
 "workloads": {"w": {"from": "h/c", "to": ["10.0.0.1:80"], "connections": 10}}
})";

std::string changed(const std::string& before, const std::string& after) { return replaced(small, before, after); }

TEST_CASE("the smallest scenario loads") {
  const auto loaded = loaded_text(small);
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(loaded->hosts.at("h").processes[0].nofile == 1024);
  CHECK(loaded->hosts.at("h").profile->name == "linux");
}

TEST_CASE("a scenario with a mistake is refused with the place and what was expected") {
  struct Row {
    std::string before;
    std::string after;
    std::string words;
  };
  for (const Row& row : std::vector<Row>{
           {"\"nofile\": 64", "\"nofiles\": 64",
            "f.json:4:88: /hosts/h/processes/c/nofiles: expected a key of a process, found \"nofiles\"; did you mean "
            "nofile?"},
           {"\"nofile\": 64", "\"nofile\": 64, \"nofile\": 65",
            "f.json:4:102: /hosts/h/processes/c/nofile: expected each key once, found \"nofile\" again"},
           {"\"nofile\": 64", "\"nofile\": -1", "a whole number from 1 to"},
           {"\"nofile\": 64", "\"nofile\": 1048577", "at most 1048576"},
           {"\"nofile\": 64", "\"memory\": \"1GiB\"", "\"memory\" of a process is not modelled yet by this version"},
           {"\"nofile\": 64", "\"nofile\": 64.5", "found 64.5"},
           {"\"connections\": 10", "\"connections\": -10",
            "f.json:5:75: /workloads/w/connections: expected a whole number from 1 to 100000000"},
           {"\"connections\": 10", "\"connections\": 1000000000000000", "as many as this program replays"},
           {"\"connections\": 10", "\"connections\": 99999999999999999999999", "found 99999999999999999999999"},
           {"\"connections\": 10", "\"connections\": 10, \"hold\": \"60 parsecs\"",
            "found \"60 parsecs\"; units: ns, us, ms, s, min, h, d"},
           {"\"connections\": 10", "\"connections\": 10, \"hold\": {\"lognormal\": 1}", "not modelled yet"},
           {"\"connections\": 10", "\"connections\": 10, \"arrivals\": {\"rate\": \"5\"}", "a rate such as"},
           {"\"connections\": 10", "\"connections\": 10, \"arrivals\": {\"rate\": \"1/d\", \"poisson\": \"1/s\"}",
            "one of \"rate\""},
           {"\"connections\": 10", "\"connections\": 1000000, \"arrivals\": {\"rate\": \"1/d\"}",
            "longer than 100 years"},
           {"\"connections\": 10", "\"connections\": 10, \"sources\": [\"10.0.0.1\"]",
            "leaves the source address to the kernel"},
           {"\"connections\": 10", "\"connections\": 10, \"bind\": \"address\", \"sources\": [\"10.0.0.2\"]",
            "an address of h"},
           {"\"connections\": 10", "\"connections\": 10, \"bind\": {\"ports\": []}", "at least one port"},
           {"\"connections\": 10", "\"connections\": 10, \"bind\": {\"ports\": [0]}", "a port from 1 to 65535"},
           {"\"connections\": 10", "\"connections\": 10, \"bind\": \"adress\"", "did you mean \"address\"?"},
           {"\"connections\": 10", "\"connections\": 10, \"close\": \"cleint\"", "did you mean \"client\"?"},
           {"\"from\": \"h/c\"", "\"from\": \"h/d\"", "did you mean h/s?"},
           {"\"from\": \"h/c\"", "\"from\": 5", "a host and a process"},
           {"10.0.0.1:80\"", "10.0.0.1:70000\"", "expected a port from 1 to 65535, found \"10.0.0.1:70000\""},
           {"10.0.0.1:80\"", "10.0.0.1:81\"", "nothing listens at 10.0.0.1:81 on h (it listens at 0.0.0.0:80)"},
           {"10.0.0.1:80\"", "10.0.0.2:80\"", "no host and no balancer has the address 10.0.0.2"},
           {"10.0.0.1:80\"", "[::1]:80\"", "nothing listens at [::1]:80"},
           {"10.0.0.1:80\"", "lb\"", "the name of a balancer"},
           {"0.0.0.0:80\"", "0.0.0.0:0\"", "a port from 1 to 65535"},
           {"0.0.0.0:80\"", "10.0.0.7:80\"", "10.0.0.7 is no address of h"},
           {"{\"endpoint\": \"0.0.0.0:80\"}", "{\"endpoint\": \"0.0.0.0:80\"}, {\"endpoint\": \"10.0.0.1:80\"}",
            "is taken by the listener"},
           {"{\"endpoint\": \"0.0.0.0:80\"}", "{\"backlog\": 5}", "expected a key \"endpoint\""},
           {"\"s\": {", "\"s\": {\"uid\": 5, ", "user 5 may not listen at a port below 1024"},
           {"\"s\": {", "\"s\": {\"count\": 2, ", "expected a key \"shared\""},
           {"\"s\": {", "\"s\": {\"nofile\": 3, ", "do not fit into nofile 3"},
           {"\"s\": {", "\"a/b\": {", "is no name for a process"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\", \"10.0.0.1\"]", "the address 10.0.0.1 is there twice"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1/33\"]", "an address such as"},
           {"[\"10.0.0.1\"]", "[\"127.0.0.1\"]", "on every host already"},
           {"[\"10.0.0.1\"]", "[\"::ffff:10.0.0.1\"]", "write 10.0.0.1"},
           {"[\"10.0.0.1\"]", "[{\"first\": \"255.255.255.250\", \"count\": 10}]", "leave the address space"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"settings\": {\"net.core.somaxcon\": 1}",
            "did you mean net.core.somaxconn?"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"settings\": {\"net.ipv4.ip_local_port_range\": \"5 3\"}",
            "two ports, low and high"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"settings\": {\"TCP_TIMEWAIT_LEN\": 5}", "a constant of the system"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"settings\": {\"nofile\": 5}", "a limit of a process"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"profile\": \"linux-5.4\", \"settings\": {\"net.ipv4.ip_autobind_reuse\": 1}",
            "does not exist in linux-5.4"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"profile\": \"lunix\"", "did you mean linux?"},
           {"[\"10.0.0.1\"]", "[\"255.255.255.255\"]",
            "/hosts/h/addresses/0: expected an address that a host can have"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\", \"fe80::1/64\"]",
            "/hosts/h/addresses/1: expected an address that means the same on every interface, found \"fe80::1/64\""},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"held_ports\": [{\"address\": \"fe80::1\", \"ports\": [9]}]",
            "/hosts/h/held_ports/0/address: expected an address that means the same on every interface"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"count\": 10000001",
            "as many hosts of a group as this program replays"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"held_ports\": [{\"address\": \"0.0.0.0\", \"ports\": [80]}]",
            "among the held ports"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_ports\": [{\"address\": \"0.0.0.0\", \"ports\": [90, \"85-95\"]}]", "held already"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.2\", \"to\": \"10.9.9.9:1\", \"ports\": [9]}]",
            "/hosts/h/held_connections/0/from: expected a loopback address, or an address of this host"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.1\", \"to\": \"[::2]:1\", \"ports\": [9]}]",
            "another family"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [9, "
            "\"8-10\"]}]",
            "/hosts/h/held_connections/0: one of these connections is there already"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [9]}, "
            "{\"from\": \"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [9], \"state\": \"time_wait\"}]",
            "/hosts/h/held_connections/1: one of these connections is there already"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [9], "
            "\"ends_after\": \"1s\"}]",
            "only entries in time_wait or fin_wait_2 end by themselves"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"held_connections\": [{\"from\": \"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [9], "
            "\"state\": \"time_wait\", \"ends_after\": \"61s\"}]",
            "at most 60 s"},
           {"[\"10.0.0.1\"]",
            "[\"10.0.0.1\"], \"settings\": {\"net.ipv4.tcp_max_tw_buckets\": 1}, \"held_connections\": [{\"from\": "
            "\"10.0.0.1\", \"to\": \"10.9.9.9:1\", \"ports\": [\"9-10\"], \"state\": \"time_wait\"}]",
            "the host keeps at most 1"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"conntrack\": {}", "\"nf_conntrack_max\""},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"conntrack\": {\"nf_conntrack_max\": 0}", "1 to 2147483647"},
           {"[\"10.0.0.1\"]", "[\"10.0.0.1\"], \"origin\": {\"when\": \"now\"}", "expected a key of an origin"},
           {"\"netlimits\": 1", "\"netlimits\": 2", "the only version there is"},
           {"\"netlimits\": 1,", "", "expected a key \"netlimits\""},
           {"\"name\": \"small\"", "\"name\": \"\"", "expected a name"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"conntrack\": {}", "not modelled yet"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"duration\": \"1 fortnight\"", "\"1 fortnight\""},
           {"\"name\": \"small\"", "\"name\": \"small\", \"paths\": [{\"between\": [\"h\", \"g\"], \"rtt\": \"1ms\"}]",
            "the name of a host, balancer or gateway"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"paths\": [{\"between\": [\"h\"], \"rtt\": \"1ms\"}]",
            "two names"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"events\": [{\"at\": \"1s\", \"host_down\": \"g\"}]",
            "the name of a host"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"events\": [{\"at\": \"1s\"}]", "one thing that happens"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"events\": [{\"at\": \"1s\", \"set\": {\"host\": \"h\", \"setting\": "
            "\"net.core.somaxconn\", \"value\": -1}}]",
            "linux refuses it"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"balancers\": {\"lb\": {\"endpoint\": \"10.0.0.1:443\", \"back_ends\": "
            "[\"10.0.0.1:80\"]}}",
            "an address of the balancer's own"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"balancers\": {\"lb\": {\"endpoint\": \"10.0.0.9:443\", \"back_ends\": "
            "[\"10.0.0.1:81\"]}}",
            "nothing listens at 10.0.0.1:81"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"balancers\": {\"lb\": {\"endpoint\": \"10.0.0.9:443\", \"method\": "
            "\"source_hash\", \"back_ends\": [\"10.0.0.1:80\"]}}",
            "not modelled yet"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"expect\": [{\"name\": \"n\", \"at\": \"/workloads/x/failed\", \"equals\": 0}]",
            "has no workload named \"x\""},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"expect\": [{\"name\": \"n\", \"at\": \"workloads\", \"equals\": 0}]",
            "a JSON pointer"},
           {"\"name\": \"small\"", "\"name\": \"small\", \"expect\": [{\"name\": \"n\", \"at\": \"/seed\"}]",
            "one of \"equals\""},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"expect\": [{\"name\": \"n\", \"at\": \"/seed\", \"equals\": 0.5}]",
            "a whole number, a string"},
           {"\"name\": \"small\"",
            "\"name\": \"small\", \"expect\": [{\"name\": \"n\", \"at\": \"/seed\", \"within\": [5, 1]}]", "from 5 to"},
       }) {
    CAPTURE(row.before, row.after);
    const auto loaded = loaded_text(changed(row.before, row.after));
    REQUIRE_FALSE(loaded.has_value());
    CHECK_THAT(text_of(loaded.error()), Catch::Matchers::Contains(row.words));
    CHECK_THAT(text_of(loaded.error()), Catch::Matchers::StartsWith("f.json:"));
  }
}

TEST_CASE("a text that is no scenario is refused") {
  for (const std::string text : {"", "{", "[]", "5", "null", "{\"netlimits\": 1}", "\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(loaded_text(text).has_value());
  }
}

TEST_CASE("changes of settings are checked in the order of time") {
  const std::string events = R"("name": "small", "events": [
    {"at": "2s", "set": {"host": "h", "setting": "net.ipv4.ip_local_port_range", "value": "80 99"}},
    {"at": "1s", "set": {"host": "h", "setting": "net.ipv4.ip_unprivileged_port_start", "value": 0}}])";
  CHECK(loaded_text(changed("\"name\": \"small\"", events)).has_value());
}

TEST_CASE("hosts of a group may not share addresses with each other or with others") {
  const auto overlapping =
      loaded_text(changed("[\"10.0.0.1\"]", "[\"10.0.0.1\", \"10.0.0.3\"], \"count\": 5, \"address_stride\": 2"));
  REQUIRE_FALSE(overlapping.has_value());
  CHECK_THAT(text_of(overlapping.error()), Catch::Matchers::Contains("there twice"));
  const auto two =
      loaded_text(changed("\"hosts\": {", "\"hosts\": {\"g\": {\"count\": 300, \"addresses\": [\"9.255.255.0\"]}, "));
  REQUIRE_FALSE(two.has_value());
  CHECK_THAT(text_of(two.error()), Catch::Matchers::Contains("the address 10.0.0.1 belongs to g and to h"));
}

TEST_CASE("hosts that no path joins do not reach each other") {
  const std::string two_hosts = R"({"netlimits": 1, "name": "n",
    "hosts": {"a": {"addresses": ["10.0.0.1"], "processes": {"p": {}}}, "b": {"addresses": ["10.0.0.2"], "processes": {"p": {"listeners": [{"endpoint": "0.0.0.0:80"}]}}},
              "c": {"addresses": ["10.0.0.3"]}},
    "paths": [{"between": ["a", "c"], "rtt": "1ms"}],
    "workloads": {"w": {"from": "a/p", "to": ["10.0.0.2:80"], "connections": 1}}})";
  const auto loaded = loaded_text(two_hosts);
  REQUIRE_FALSE(loaded.has_value());
  CHECK_THAT(text_of(loaded.error()), Catch::Matchers::Contains("no path joins a and b"));
}

TEST_CASE("an override changes the scenario before it is checked") {
  const auto loaded = loaded_text(
      small,
      {.overrides = {"/workloads/w/connections=77", "/hosts/h/settings/net.core.somaxconn=9", "/workloads/w/hold=60s"},
       .seed = 42});
  if (!loaded) FAIL(text_of(loaded.error()));
  CHECK(loaded->workloads.at("w").connections == 77);
  CHECK(loaded->hosts.at("h").settings.somaxconn == 9);
  CHECK(loaded->seed == 42);
  CHECK(loaded->basis.sha256 == sha256(small));
  const auto wrong = loaded_text(small, {.overrides = {"/workloads/w/connections=many"}, .seed = {}});
  REQUIRE_FALSE(wrong.has_value());
  CHECK_THAT(wrong.error().front().text(),
             Catch::Matchers::StartsWith(
                 "--set /workloads/w/connections=many: /workloads/w/connections: expected a whole number"));
}

TEST_CASE("an override inside a host, process or workload that is not there is a slip, and is refused") {
  for (const std::string slip : {"/hosts/hh/settings/net.core.somaxconn=9", "/hosts/h/processes/x/nofile=9",
                                 "/workloads/v/connections=3", "/balancers/b/endpoint=\"10.0.0.9:1\""}) {
    INFO(slip);
    const auto loaded = loaded_text(small, {.overrides = {slip}, .seed = {}});
    REQUIRE_FALSE(loaded.has_value());
    CHECK_THAT(loaded.error().front().text(), Catch::Matchers::Contains("a name that is there"));
  }
  const auto added = loaded_text(small, {.overrides = {R"(/hosts/h/processes/x={"nofile": 9})"}, .seed = {}});
  REQUIRE(added.has_value());
  CHECK(added->hosts.at("h").processes.size() == 3);
}

}  // namespace
}  // namespace netlimits::scenarios

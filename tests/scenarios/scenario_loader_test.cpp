// One scenario with every key, whole and spoilt, and those that are shipped.
#include "scenarios/scenario_loader.hpp"

#include <string>
#include <vector>

#include "scenarios/embedded.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/json/sha256.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

Loaded<Scenario> load(const std::string& text, const LoadOptions& options = {}) {
  return load_scenario(text, "f.json", ProfileSet::built_in(), options);
}

// A scenario that uses every key of the format at least once.
const std::string everything = R"({
 "$schema": "schema/scenario.schema.json",
 "netlimits": 1, "name": "everything", "description": "all keys", "seed": 7, "duration": "300s", "window": "60s",
 "hosts": {
  "client": {"profile": "linux", "count": 10, "addresses": ["10.0.0.1/16", {"first": "10.0.0.2/16", "count": 3}],
             "address_stride": 8, "settings": {"net.ipv4.ip_local_port_range": "80 99",
                                               "net.ipv4.ip_unprivileged_port_start": 0, "net.ipv4.tcp_tw_reuse": 0},
             "processes": {"app": {"count": 2, "nofile": 2048, "own_descriptors": 5, "uid": 1000}}},
  "server": {"addresses": ["10.1.0.9", "2001:db8::9/64"], "held_ports": [{"address": "0.0.0.0", "ports": [5000, "5010-5019"]}, {"address": "::1", "ports": [7], "listens": false}],
             "held_connections": [{"from": "10.1.0.9", "to": "192.0.2.1:443", "ports": ["40000-40009", 40020]},
               {"from": "::1", "to": "[::1]:5432", "ports": [40000], "state": "time_wait", "ends_after": "12.5s"},
               {"from": "127.0.0.1", "to": "127.0.0.1:5432", "ports": [40000], "state": "fin_wait_2"}],
             "open_files": 5000,
             "origin": {"format": "netlimits.probe/1", "source": "this machine", "kernel": "6.18.1", "summary": "s",
                        "limits": [{"limit": "fd_per_process", "place": "p", "unit": "descriptors", "capacity": 20000, "used": null,
                                    "headroom": 5, "connections": 4, "from_profile": true, "note": "n"}],
                        "sockets": {"established": 7}, "measured": ["addresses"],
                        "from_profile": ["net.core.somaxconn"], "not_determined": ["nothing"], "notes": ["a", "b"]},
             "processes": {"web": {"count": 4, "nofile": 64, "listeners": [
               {"endpoint": "0.0.0.0:443", "backlog": 128, "accept": "immediately", "shared": "inherited"},
               {"endpoint": "10.1.0.9:8080", "accept": "stalled", "shared": "reuse_port"},
               {"endpoint": "[2001:db8::9]:443", "accept": {"rate": "100/s"}, "shared": "inherited"}]}}},
  "other": {"profile": "freebsd", "addresses": ["10.2.0.9"], "settings": {"kern.ipc.soacceptqueue": 256},
            "processes": {"p": {"listeners": [{"endpoint": "10.2.0.9:443"}]}}}
 },
 "paths": [{"between": ["client", "lb"], "rtt": "10ms"}, {"between": ["lb", "server"], "rtt": "100us"},
           {"between": ["lb", "other"], "rtt": 1}],
 "balancers": {"lb": {"endpoint": "192.0.2.10:443", "method": "round_robin",
                      "back_ends": ["10.1.0.9:443", "10.2.0.9:443"], "notices_after": "2s"}},
 "workloads": {
  "a": {"from": "client/app", "to": ["lb", "10.1.0.9:8080"], "connections": 100, "arrivals": {"rate": "3/s"}, "start": "1s",
        "hold": {"exponential": "60s"}, "close": "server", "bind": "address_no_port",
        "sources": ["10.0.0.1", "10.0.0.4"], "retry": {"attempts": 3, "after": "500ms", "reconnect": true}},
  "b": {"from": "client/app", "to": ["10.1.0.9:9"], "connections": 1, "arrivals": {"poisson": "0.5/s"}, "hold": "60s",
        "close": "reset", "bind": "address", "no_listener": true},
  "c": {"from": "client/app", "to": ["lb"], "connections": 5, "arrivals": {"ramp": {"from": 0, "to": "10/s", "over": "1min"}},
        "hold": "forever", "bind": {"ports": [100, "200-209"], "reuse_address": true}},
  "d": {"from": "server/web", "to": ["127.0.0.1:443"], "connections": 5, "arrivals": "at_once", "hold": 3, "bind": "connect"}
 },
 "events": [
  {"at": "20s", "host_up": {"host": "client", "instance": 9}},
  {"at": "10s", "host_down": {"host": "client", "instance": 9}},
  {"at": "10s", "host_down": "other"},
  {"at": "11s", "back_end_down": {"balancer": "lb", "back_end": "10.1.0.9:443"}},
  {"at": "12s", "back_end_up": {"balancer": "lb", "back_end": "10.1.0.9:443"}},
  {"at": "13s", "set": {"host": "client", "setting": "net.ipv4.ip_local_port_range", "value": "80 199"}},
  {"at": "14s", "add_address": {"host": "server", "address": "10.1.0.10/24"}}
 ],
 "expect": [
  {"name": "one", "at": "/workloads/a/established", "equals": 5}, {"name": "two", "at": "/binding_limit", "equals": null},
  {"name": "three", "at": "/hosts/server/processes/web/accepted", "at_least": 1},
  {"name": "four", "at": "/balancers/lb/0/connections", "at_most": 9},
  {"name": "five", "at": "/workloads/b/failed", "within": [0, 1]},
  {"name": "six", "at": "/binding_limit/limit", "equals": "no_listener"}
 ]
})";

TEST_CASE("a scenario is read with everything that the format can say") {
  const auto loaded = load(everything);
  if (!loaded) FAIL(text_of(loaded.error()));
  const Scenario& scenario = *loaded;
  CHECK(scenario.name == "everything");
  CHECK(scenario.seed == 7);
  CHECK(scenario.end == SimTime(300s));
  CHECK(scenario.window == Duration(60s));
  CHECK(scenario.basis.sha256 == sha256(everything));
  const HostGroup& client = scenario.hosts.at("client");
  CHECK(client.count == 10);
  REQUIRE(client.addresses.size() == 4);
  CHECK(client.addresses[3].text() == "10.0.0.4/16");
  CHECK(client.address_stride == 8);
  CHECK(client.settings.local_port_range == PortRange{Port{80}, Port{99}});
  CHECK(client.settings.time_wait_reuse == TimeWaitReuse::never);
  CHECK(client.set_by_scenario.at("net.ipv4.ip_unprivileged_port_start") == "0");
  CHECK(client.processes.front().count == 2);
  CHECK(client.processes.front().own_descriptors == 5);
  const HostGroup& server = scenario.hosts.at("server");
  REQUIRE(server.held_ports.size() == 3);
  CHECK(server.held_ports[1].listens);
  CHECK_FALSE(server.held_ports[2].listens);
  REQUIRE(server.held_connections.size() == 3);
  CHECK(server.held_connections[0].from.text() == "10.1.0.9");
  CHECK(server.held_connections[0].to.text() == "192.0.2.1:443");
  CHECK(server.held_connections[0].ports.size() == 2);
  CHECK(server.held_connections[0].state == HeldConnectionState::open);
  CHECK(server.held_connections[1].state == HeldConnectionState::time_wait);
  CHECK(server.held_connections[1].ends_after == Duration(12500ms));
  CHECK(server.held_connections[2].state == HeldConnectionState::fin_wait_2);
  CHECK(server.held_connections[2].ends_after == Duration(60s));
  CHECK(server.open_files == 5000);
  REQUIRE(server.origin);
  CHECK(server.origin->kernel == "6.18.1");
  CHECK(server.origin->from_profile == std::vector<std::string>{"net.core.somaxconn"});
  CHECK(server.origin->notes.size() == 2);
  CHECK(server.origin->summary == "s");
  CHECK(server.origin->sockets.at("established") == 7);
  REQUIRE(server.origin->limits.size() == 1);
  CHECK(server.origin->limits[0].capacity == 20000);
  CHECK_FALSE(server.origin->limits[0].used);
  CHECK(server.origin->limits[0].from_profile);
  const auto& listeners = server.processes.front().listeners;
  REQUIRE(listeners.size() == 3);
  CHECK(listeners[0].inherited);
  CHECK(listeners[0].backlog == 128);
  CHECK(listeners[1].reuse_port);
  CHECK(listeners[1].backlog == 511);
  CHECK(std::holds_alternative<AcceptStalled>(listeners[1].accept));
  CHECK(std::get<AcceptPaced>(listeners[2].accept).interval == Duration(10ms));
  CHECK(scenario.hosts.at("other").settings.somaxconn == 256);
  CHECK(scenario.paths.size() == 3);
  CHECK(scenario.paths[2].round_trip == Duration(1s));
  CHECK(scenario.balancers.at("lb").notices_after == Duration(2s));
  const Workload& a = scenario.workloads.at("a");
  CHECK(a.to.front().text() == "192.0.2.10:443");
  CHECK(std::get<ConstantRate>(a.arrivals).interval == Duration(333333333ns));
  CHECK(a.start == SimTime(1s));
  CHECK(std::get<HoldExponential>(a.hold).mean == Duration(60s));
  CHECK(a.closer == Closer::server);
  CHECK(std::holds_alternative<BindAddressNoPort>(a.bind));
  CHECK(a.sources.size() == 2);
  CHECK(a.retry.attempts == 3);
  CHECK(a.retry.reconnect);
  CHECK(std::get<PoissonRate>(scenario.workloads.at("b").arrivals).per_second_milli == 500);
  CHECK(std::get<RampRate>(scenario.workloads.at("c").arrivals).to_milli == 10000);
  CHECK(std::get<BindExplicit>(scenario.workloads.at("c").bind).ports.size() == 2);
  CHECK(std::get<HoldConstant>(scenario.workloads.at("d").hold).time == Duration(3s));
  REQUIRE(scenario.events.size() == 7);
  CHECK(std::get<HostDown>(scenario.events[0].what).host == "client");
  CHECK(std::get<HostDown>(scenario.events[1].what).host == "other");
  CHECK(std::get<HostUp>(scenario.events[6].what).instance == 9);
  REQUIRE(scenario.expect.size() == 6);
  CHECK(std::get<std::int64_t>(scenario.expect[0].expected) == 5);
  CHECK(std::holds_alternative<std::nullptr_t>(scenario.expect[1].expected));
  CHECK(scenario.expect[4].high == 1);
}

TEST_CASE("a scenario cut at any byte is refused and never crashes") {
  for (std::size_t length = 0; length < everything.size(); length += 7) {
    CAPTURE(length);
    CHECK_FALSE(load(everything.substr(0, length)).has_value());
  }
}

void collect_pointers(const JsonNode& node, const std::string& pointer, std::vector<std::string>& pointers) {
  pointers.push_back(pointer);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    collect_pointers(node.items[i], pointer_to(pointer, std::to_string(i)), pointers);
  }
  for (const JsonMember& member : node.members) {
    collect_pointers(member.value, pointer_to(pointer, member.key), pointers);
  }
}

TEST_CASE("any value of another kind or size is taken or refused, with a place, and never crashes") {
  std::vector<std::string> pointers;
  const auto document = parse_json(everything, "f.json");
  REQUIRE(document.has_value());
  collect_pointers(document->root, "", pointers);
  CHECK(pointers.size() > 200);
  for (const std::string& pointer : pointers) {
    if (pointer.empty()) continue;
    for (const std::string value : {"null",        "true", "0",   "-1",       "1",   "65536",     "9223372036854775807",
                                    "1e300",       "",     "x",   "10.0.0.1", "::1", "0.0.0.0:1", "60s",
                                    "9999999999d", "[]",   "[1]", "[[]]",     "{}",  "{\"x\": 1}"}) {
      const auto loaded = load(everything, {.overrides = {pointer + "=" + value}, .seed = {}});
      if (loaded) continue;
      CAPTURE(pointer, value);
      CHECK(text_of(loaded.error()).find(": /") != std::string::npos);
    }
  }
}

TEST_CASE("every shipped scenario loads, and is named as its file") {
  CHECK(embedded_scenarios().size() >= 30);
  for (const EmbeddedText& file : embedded_scenarios()) {
    CAPTURE(file.name);
    const auto loaded = load_scenario(file.text, std::string(file.name), ProfileSet::built_in());
    if (!loaded) FAIL(text_of(loaded.error()));
    CHECK(loaded->name == file.name);
    CHECK_FALSE(loaded->description.empty());
    CHECK_FALSE(loaded->expect.empty());
  }
}

TEST_CASE("SHA-256 of known texts") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace netlimits::scenarios

// What a scenario means: sources, listeners, destinations, pools of ports and take-overs.
#include "model/scenario/wiring.hpp"

#include <memory>
#include <string>
#include <vector>

#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/time_wait_takeover.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
Endpoint at(const char* text) { return *Endpoint::parse(text); }

HostGroup made_host(const std::string& name, const std::vector<const char*>& addresses, std::uint64_t count = 1) {
  HostGroup made;
  made.name = name;
  made.profile = std::make_shared<OsProfile>();
  made.settings = made.profile->settings;
  made.count = count;
  made.address_stride = count > 1 ? addresses.size() : 1;
  for (const char* address : addresses) made.addresses.push_back(*AddressBlock::parse(address));
  return made;
}

HostGroup server(const std::vector<const char*>& listeners) {
  HostGroup made = made_host("server", {"10.0.0.9/24", "2001:db8::9/64"});
  for (const char* listener : listeners)
    made.processes.push_back({.name = listener, .listeners = {{.endpoint = at(listener)}}});
  return made;
}

std::string source(const HostGroup& from, const char* to, std::uint64_t instance = 0) {
  const auto chosen = SourceChoice(from, instance).towards(ip(to));
  return chosen ? chosen->text() : std::string(name_of(chosen.error().error));
}

// The names of the processes that take a connection there; "held" for something outside the scenario.
std::vector<std::string> takers(const HostGroup& made_host, const char* destination) {
  const Listening found = listening_at(made_host, at(destination));
  std::vector<std::string> names;
  for (const ListenerId& id : found.listeners) names.push_back(made_host.processes[id.process].name);
  if (found.held) names.emplace_back("held");
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the source is the address of the nearest subnet, not the first one") {
  const HostGroup client = made_host("client", {"10.0.0.5/24", "192.168.1.5/24", "192.168.1.6/24", "192.168.0.7/16"});
  CHECK(source(client, "192.168.1.9") == "192.168.1.5");
  CHECK(source(client, "192.168.2.9") == "192.168.0.7");
  CHECK(source(client, "10.0.0.9") == "10.0.0.5");
  CHECK(source(client, "203.0.113.9") == "10.0.0.5");
  CHECK(source(client, "127.0.0.9") == "127.0.0.1");
  CHECK(source(client, "192.168.1.6") == "192.168.1.5");
  CHECK(source(client, "::ffff:192.168.1.9") == "::ffff:192.168.1.5");
}

TEST_CASE("an IPv6 source is the one with the longest common prefix") {
  const HostGroup client = made_host("client", {"2001:db8:1::5/64", "2001:db8:2::5/64"});
  CHECK(source(client, "2001:db8:2::9") == "2001:db8:2::5");
  CHECK(source(client, "2001:db8:1::9") == "2001:db8:1::5");
  CHECK(source(client, "::1") == "::1");
}

TEST_CASE("without an address of the family there is no way") {
  CHECK(source(made_host("client", {"10.0.0.5"}), "2001:db8::9") == "ENETUNREACH");
  CHECK(source(made_host("client", {"2001:db8::1"}), "10.1.0.1") == "ENETUNREACH");
  CHECK(source(made_host("client", {"2001:db8::1"}), "127.0.0.1") == "127.0.0.1");
}

TEST_CASE("each host of a group has a source of its own, in the subnet that it is in") {
  const HostGroup clients = made_host("clients", {"10.0.0.5/24", "10.0.1.5/24"}, 3);
  CHECK(source(clients, "10.0.1.200", 0) == "10.0.1.5");
  CHECK(source(clients, "10.0.1.200", 2) == "10.0.1.9");
  CHECK(source(clients, "127.0.0.1", 2) == "127.0.0.1");
}

TEST_CASE("a source that the workload names is taken as it is, if it can leave") {
  const HostGroup client = made_host("client", {"10.0.0.5/24", "192.168.1.5/24"});
  const SourceChoice choice(client, 0);
  Workload load;
  load.to = {at("192.168.1.9:443"), at("127.0.0.1:443")};
  load.bind = BindAddressNoPort{};
  load.sources = {ip("10.0.0.5"), ip("127.0.0.3")};
  CHECK(choice.of(load, {.source = 0, .destination = 0}) == ip("10.0.0.5"));
  CHECK(choice.of(load, {.source = 1, .destination = 1}) == ip("127.0.0.3"));
  CHECK(choice.of(load, {.source = 1, .destination = 0}).error().error == Error::einval);
  CHECK(named_source(load, client, {.source = 0}) == ip("10.0.0.5"));
  load.bind = PlainConnect{};  // binds nothing, whatever is named
  CHECK(choice.of(load, {}) == ip("192.168.1.5"));
  CHECK_FALSE(named_source(load, client, {}));
}

TEST_CASE("an IPv6 wildcard takes IPv4 in unless net.ipv6.bindv6only says otherwise") {
  HostGroup made = server({"[::]:443"});
  CHECK(takers(made, "10.0.0.9:443") == Names{"[::]:443"});
  CHECK(takers(made, "[2001:db8::9]:443") == Names{"[::]:443"});
  CHECK(takers(made, "10.0.0.9:444").empty());
  made.settings.ipv6_only_by_default = true;
  CHECK(takers(made, "10.0.0.9:443").empty());
  CHECK(takers(made, "[::ffff:10.0.0.9]:443").empty());
  CHECK(takers(made, "[2001:db8::9]:443") == Names{"[::]:443"});
}

TEST_CASE("an IPv4 wildcard takes no IPv6, and each family has its own where both listen") {
  HostGroup made = server({"0.0.0.0:443"});
  CHECK(takers(made, "[2001:db8::9]:443").empty());
  CHECK(takers(made, "[::ffff:10.0.0.9]:443") == Names{"0.0.0.0:443"});
  made = server({"0.0.0.0:443", "[::]:443"});
  made.settings.ipv6_only_by_default = true;
  CHECK(takers(made, "10.0.0.9:443") == Names{"0.0.0.0:443"});
  CHECK(takers(made, "[2001:db8::9]:443") == Names{"[::]:443"});
}

TEST_CASE("a listener at the very address comes before a wildcard, in either order") {
  const HostGroup first = server({"10.0.0.9:443", "0.0.0.0:443"});
  const HostGroup last = server({"0.0.0.0:443", "10.0.0.9:443"});
  for (const HostGroup* made : {&first, &last}) {
    CHECK(takers(*made, "10.0.0.9:443") == Names{"10.0.0.9:443"});
    CHECK(takers(*made, "127.0.0.1:443") == Names{"0.0.0.0:443"});
  }
  CHECK(takers(server({"[::]:443", "[2001:db8::9]:443"}), "[2001:db8::9]:443") == Names{"[2001:db8::9]:443"});
}

TEST_CASE("processes that share an endpoint by SO_REUSEPORT all take connections") {
  HostGroup made = server({"0.0.0.0:443", "0.0.0.0:443", "10.0.0.9:444"});
  for (Process& process : made.processes) process.listeners.front().reuse_port = true;
  CHECK(listening_at(made, at("10.0.0.9:443")).listeners == std::vector<ListenerId>{{0, 0}, {1, 0}});
  CHECK(takes(made, made.processes[1].listeners[0], at("10.0.0.9:443")));
  CHECK_FALSE(takes(made, made.processes[2].listeners[0], at("10.0.0.9:443")));
}

TEST_CASE("what listens outside the scenario answers, what is only bound does not") {
  HostGroup made = server({});
  made.held_ports = {{ip("0.0.0.0"), {Port{440}, Port{449}}, true}, {ip("0.0.0.0"), {Port{450}, Port{459}}, false}};
  CHECK(takers(made, "10.0.0.9:443") == Names{"held"});
  CHECK(listening_at(made, at("10.0.0.9:455")).nobody());
  CHECK(listening_at(made, at("[2001:db8::9]:443")).nobody());
}

TEST_CASE("an accept queue is as long as its system's rule makes it") {
  HostGroup made = made_host("server", {"10.0.0.9"});
  made.settings.somaxconn = 128;
  CHECK(accept_queue_size(made, {.endpoint = {}, .backlog = 511, .accept = {}}) == 129);
  CHECK(accept_queue_size(made, {.endpoint = {}, .backlog = 10, .accept = {}}) == 11);
  CHECK(accept_queue_size(made, {.endpoint = {}, .backlog = -1, .accept = {}}) == 129);
  auto profile = std::make_shared<OsProfile>();
  profile->rules.accept_queue = AcceptQueueRule::three_halves_plus_one;
  made.profile = profile;
  CHECK(accept_queue_size(made, {.endpoint = {}, .backlog = 10, .accept = {}}) == 16);
}

TEST_CASE("a destination leads to a listener, a balancer, a host where nobody listens, or nowhere") {
  Scenario scenario;
  scenario.hosts.emplace("client", made_host("client", {"10.1.0.5"}));
  scenario.hosts.emplace("server", server({"[::]:443"}));
  scenario.balancers.emplace("lb", Balancer{"lb", at("[2001:db8::1]:443"), {at("[2001:db8::9]:443")}, {}});
  scenario.paths = {{"client", "server", milliseconds(3)}, {"client", "lb", milliseconds(1)}};
  const Wiring wiring(scenario);
  const Target direct = wiring.of("client", at("10.0.0.9:443"));
  CHECK(direct.reach == Reach::listener);
  CHECK(direct.host == &scenario.hosts.at("server"));
  CHECK(wiring.round_trip("client", direct) == milliseconds(3));
  const Target balanced = wiring.of("client", at("[2001:db8::1]:443"));
  CHECK(balanced.reach == Reach::balancer);
  CHECK(wiring.behind(*balanced.balancer, balanced.balancer->back_ends[0]).reach == Reach::listener);
  CHECK(wiring.round_trip("client", balanced) == milliseconds(1 + 1 + 3));  // back by way of the client
  CHECK(wiring.of("client", at("10.0.0.9:444")).reach == Reach::no_listener);
  CHECK(wiring.of("client", at("10.0.0.8:443")).reach == Reach::no_route);
  CHECK(wiring.of("client", at("127.0.0.1:443")).own);
  CHECK(wiring.balancer_at(at("[2001:db8::1]:444")) == nullptr);
}

TEST_CASE("connect() is withheld every bound port, bind() only those whose addresses overlap") {
  HostGroup made = made_host("client", {"10.0.0.5"});
  made.settings.local_port_range = {Port{40000}, Port{40009}};
  made.processes.push_back({.name = "web", .listeners = {{.endpoint = at("[::]:40003")}}});
  made.held_ports.push_back({ip("127.0.0.1"), {Port{40005}, Port{40006}}});
  made.settings.reserved_ports = {{Port{40009}, Port{40009}}};
  const PoolKind by_connect{PortSharing::four_tuple, false, ip("10.0.0.5")};
  const PoolKind by_bind{PortSharing::local_addr_port, true, ip("10.0.0.5")};
  CHECK(automatic_port_count(made.settings, made, by_connect) == PortCount{6});
  CHECK(automatic_port_count(made.settings, made, by_bind) == PortCount{8});
  made.settings.ipv6_only_by_default = true;
  CHECK(automatic_port_count(made.settings, made, by_connect) == PortCount{6});
  CHECK(automatic_port_count(made.settings, made, by_bind) == PortCount{9});
}

TEST_CASE("connections that are there take their ports from the pools that look at them") {
  HostGroup made = made_host("client", {"10.0.0.5"});
  made.settings.local_port_range = {Port{40000}, Port{40009}};
  made.settings.time_wait_reuse = TimeWaitReuse::always;
  const Endpoint to = at("10.0.0.9:443");
  made.held_connections = {
      {ip("10.0.0.5"), to, {{Port{40000}, Port{40001}}}, HeldConnectionState::open, {}},
      {ip("10.0.0.5"), to, {{Port{40002}, Port{40002}}}, HeldConnectionState::time_wait, seconds(50)},
      {ip("10.0.0.5"), to, {{Port{40003}, Port{40003}}}, HeldConnectionState::time_wait, milliseconds(59'500)}};
  const PoolKind by_connect{PortSharing::four_tuple, false, ip("10.0.0.5")};
  const PoolKind by_bind{PortSharing::local_addr_port, true, ip("10.0.0.5")};
  CHECK(automatic_port_count(made.settings, made, by_connect, to) == PortCount{7});  // one may be taken over
  CHECK(automatic_port_count(made.settings, made, by_connect, at("10.0.0.9:444")) == PortCount{10});
  CHECK(automatic_port_count(made.settings, made, by_bind, to) == PortCount{6});
  CHECK(ports_taken_at(made, ip("10.0.0.5")).contains(40002));
  CHECK_FALSE(ports_taken_at(made, ip("127.0.0.1")).contains(40002));
}

TEST_CASE("before 6.14 a TIME_WAIT entry is taken over at the next whole second after it began") {
  Settings settings;
  settings.time_wait_reuse = TimeWaitReuse::always;
  Rules rules;
  const auto from = [&](SimTime since) {
    return taken_over_from(settings, rules, true, ip("10.0.0.5"), ip("10.0.0.9"), since);
  };
  CHECK(from(time_zero + milliseconds(200)) == time_zero + milliseconds(1200));
  rules.set(Rule::connect_time_wait_delay_set, false);
  CHECK(from(time_zero + milliseconds(200)) == time_zero + seconds(1));
  CHECK(from(time_zero + milliseconds(999)) == time_zero + seconds(1));
  settings.time_wait_reuse = TimeWaitReuse::loopback_only;
  CHECK_FALSE(from(time_zero));
  CHECK(taken_over_from(settings, rules, true, ip("127.0.0.1"), ip("127.0.0.1"), time_zero) == time_zero + seconds(1));
  CHECK_FALSE(taken_over_from(settings, rules, false, ip("127.0.0.1"), ip("127.0.0.1"), time_zero));
}

TEST_CASE("what hosts behind a gateway send to others goes through it, and nobody comes in") {
  Scenario scenario;
  scenario.hosts = {{"pods", made_host("pods", {"10.8.0.1"}, 3)},
                    {"beside", made_host("beside", {"10.9.0.1"})},
                    {"server", server({"0.0.0.0:443"})}};
  Gateway gateway;
  gateway.name = "nat";
  gateway.hosts = {"pods"};
  gateway.addresses = {ip("203.0.113.7")};
  scenario.gateways = {{"nat", gateway}};
  scenario.paths = {{.a = "pods", .b = "nat", .round_trip = milliseconds(2)},
                    {.a = "nat", .b = "server", .round_trip = milliseconds(10)},
                    {.a = "beside", .b = "server", .round_trip = milliseconds(1)}};
  const Wiring wiring(scenario);
  const Target behind = wiring.of("pods", at("10.0.0.9:443"));
  CHECK(behind.reach == Reach::listener);
  REQUIRE(behind.gateway != nullptr);
  CHECK(behind.gateway->name == "nat");
  CHECK(wiring.round_trip("pods", behind) == milliseconds(12));
  CHECK(wiring.of("beside", at("10.0.0.9:443")).gateway == nullptr);
  CHECK(wiring.of("beside", at("10.8.0.1:80")).reach == Reach::no_route);
  CHECK(wiring.of("pods", at("10.8.0.2:80")).gateway == nullptr);
  CHECK(wiring.of("pods", at("127.0.0.1:80")).gateway == nullptr);
  Workload load;
  load.from_host = "pods";
  load.to = {at("10.0.0.9:443")};
  const PlacedLimit ports = gateway_limit(gateway, scenario.hosts.at("pods"), at("10.0.0.9:443"));
  CHECK(uses_place(wiring, load, ports));
  load.from_host = "beside";
  CHECK_FALSE(uses_place(wiring, load, ports));
}

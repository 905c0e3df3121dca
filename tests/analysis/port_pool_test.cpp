// How many ports a pool gives, by range, bind style, listeners and connections from before.
#include "analysis/port_pool.hpp"

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

PoolKind by_connect(const char* source = "10.0.0.5") {
  return {PortSharing::four_tuple, false, *IpAddress::parse(source)};
}
PoolKind by_bind(const char* source = "10.0.0.5") {
  return {PortSharing::local_addr_port, true, *IpAddress::parse(source)};
}

HostGroup client(std::uint16_t first, std::uint16_t last) {
  HostGroup made = host("client", "10.0.0.5");
  made.settings.local_port_range = {Port{first}, Port{last}};
  return made;
}

}  // namespace

TEST_CASE("an even range gives all its ports, the whole port field all but port 0") {
  CHECK(automatic_ports(client(32768, 60999), by_connect()) == Interval::exactly(28232));
  CHECK(automatic_ports(client(1024, 65535), by_connect()) == Interval::exactly(64512));
  CHECK(automatic_ports(client(1, 65535), by_connect()) == Interval{65534, 65535});
}

TEST_CASE("an odd range may give one port less, three ports always do, one port never does") {
  CHECK(automatic_ports(client(40000, 40004), by_connect()) == Interval{4, 5});
  CHECK(automatic_ports(client(40000, 40002), by_connect()) == Interval::exactly(2));
  CHECK(automatic_ports(client(40000, 40000), by_connect()) == Interval::exactly(1));
  CHECK(automatic_ports(client(40000, 40004), by_bind()) == Interval{4, 5});
  HostGroup old = client(40000, 40004);
  auto profile = linux_profile();
  profile->rules.set(Rule::connect_first_parity, false);
  profile->rules.set(Rule::bind_first_parity, false);
  old.profile = profile;
  CHECK(automatic_ports(old, by_connect()) == Interval::exactly(5));
  CHECK(automatic_ports(old, by_bind()) == Interval::exactly(5));
}

TEST_CASE("the port that an odd range misses costs nothing when nobody could have had it") {
  HostGroup made = client(40000, 40006);
  made.settings.reserved_ports = {{Port{40000}, Port{40000}}, {Port{40006}, Port{40006}}};
  CHECK(automatic_ports(made, by_connect()) == Interval::exactly(5));
  made.settings.reserved_ports.pop_back();
  CHECK(automatic_ports(made, by_connect()) == Interval{5, 6});
}

TEST_CASE("a listener takes its port from connect() on every address, from bind() on its own") {
  HostGroup made = client(40000, 40019);
  made.processes.push_back({.name = "web", .listeners = {{.endpoint = *Endpoint::parse("127.9.9.9:40003")}}});
  made.held_ports.push_back({*IpAddress::parse("::1"), {Port{40004}, Port{40007}}});
  CHECK(automatic_ports(made, by_connect()) == Interval::exactly(15));
  CHECK(automatic_ports(made, by_bind()) == Interval::exactly(20));
  CHECK(automatic_ports(made, by_bind("127.9.9.9")) == Interval::exactly(19));
  made.held_ports.front().address = *IpAddress::parse("::");
  CHECK(automatic_ports(made, by_bind()) == Interval::exactly(16));
}

TEST_CASE("how a program binds decides which pool it draws from") {
  const Rules rules;
  const IpAddress source = *IpAddress::parse("10.0.0.5");
  CHECK(pool_kind(rules, PlainConnect{}, source) == by_connect());
  CHECK(pool_kind(rules, BindAddressNoPort{}, source) == by_connect());
  CHECK(pool_kind(rules, BindAddress{}, source) == by_bind());
  CHECK_FALSE(pool_kind(rules, BindExplicit{}, source));
  Rules old;
  old.set(Rule::option_bind_no_port, false);
  CHECK(pool_kind(old, BindAddressNoPort{}, source) == by_bind());
  Rules windows;
  windows.connect_sharing = windows.bound_sharing = PortSharing::host_port;
  CHECK(pool_kind(windows, PlainConnect{}, source) == pool_kind(windows, BindAddress{}, source));
}

TEST_CASE("connections from before keep their ports out of the pool of their own destination only") {
  const Endpoint web = *Endpoint::parse("10.1.0.9:443");
  const Endpoint other = *Endpoint::parse("10.1.0.9:444");
  HostGroup made = client(40000, 40019);
  made.held_connections.push_back({*IpAddress::parse("10.0.0.5"), web, {{Port{40000}, Port{40003}}}});
  made.held_connections.push_back({*IpAddress::parse("10.0.0.6"), web, {{Port{40010}, Port{40010}}}});
  made.held_connections.push_back({*IpAddress::parse("10.0.0.5"), web, {{Port{39999}, Port{39999}}}});  // outside
  CHECK(automatic_ports(made, by_connect(), web) == Interval::exactly(16));
  CHECK(automatic_ports(made, by_connect("10.0.0.6"), web) == Interval::exactly(19));
  CHECK(automatic_ports(made, by_connect(), other) == Interval::exactly(20));
  CHECK(automatic_ports(made, by_bind()) == Interval::exactly(16));
  CHECK(automatic_ports(made, {PortSharing::host_port, false, {}}) == Interval::exactly(15));
}

TEST_CASE("a TIME_WAIT entry from before counts as free where connect() may take it over on the spot") {
  const Endpoint web = *Endpoint::parse("10.1.0.9:443");
  HostGroup made = client(40000, 40019);
  HeldConnections held{*IpAddress::parse("10.0.0.5"), web, {{Port{40000}, Port{40003}}}};
  held.state = HeldConnectionState::time_wait;
  held.ends_after = std::chrono::seconds(59);
  const auto left = [&] {
    made.held_connections = {held};
    return automatic_ports(made, by_connect(), web);
  };
  CHECK(left() == Interval::exactly(16));  // tcp_tw_reuse 2, and no loopback address
  made.settings.time_wait_reuse = TimeWaitReuse::always;
  CHECK(left() == Interval::exactly(20));
  held.ends_after = std::chrono::milliseconds(59'001);
  CHECK(left() == Interval::exactly(16));
  held.ends_after = std::chrono::seconds(1);
  held.state = HeldConnectionState::fin_wait_2;
  CHECK(left() == Interval::exactly(16));
  held.state = HeldConnectionState::time_wait;
  made.settings.timestamps = false;
  CHECK(left() == Interval::exactly(16));
}

// Source addresses by the routing rule, local prefixes, and addresses that are no destination.
#include "model/addresses/own_addresses.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

HostConfig config_with(const std::vector<std::string>& addresses) {
  HostConfig config;
  for (const std::string& text : addresses) config.addresses.push_back(AddressBlock::parse(text).value());
  return config;
}

std::string source_for(const HostConfig& config, const char* to) {
  const OwnAddresses own(config);
  RouteWish wish;
  wish.destination = AddressBits::of(address(to));
  const auto route = own.route(wish);
  if (!route) return std::string(name_of(route.error().error));
  return route->source.on_the_wire().text();
}

}  // namespace

TEST_CASE("routing picks the source address") {
  HostConfig config = config_with({"10.9.0.1/24", "10.9.0.2/24", "192.0.2.8/32", "2001:db8::8/64"});
  CHECK(source_for(config, "127.5.6.7") == "127.0.0.1");
  CHECK(source_for(config, "192.0.2.8") == "192.0.2.8");
  CHECK(source_for(config, "10.9.0.2") == "10.9.0.1");  // the first address of the subnet
  CHECK(source_for(config, "10.9.0.77") == "10.9.0.1");
  CHECK(source_for(config, "203.0.113.5") == "10.9.0.1");
  CHECK(source_for(config, "2001:db8::99") == "2001:db8::8");
  CHECK(source_for(config, "::1") == "::1");
  config.default_route = false;
  CHECK(source_for(config, "203.0.113.5") == "ENETUNREACH");
  CHECK(source_for(config, "2001:db9::1") == "ENETUNREACH");
  CHECK(source_for(config, "10.9.0.77") == "10.9.0.1");
}

TEST_CASE("an address on the loopback device owns its whole prefix, one elsewhere only itself") {
  HostConfig config = config_with({"10.9.0.1/24"});
  CHECK_FALSE(OwnAddresses(config).owns(AddressBits::of(address("10.9.0.99"))));
  config.addresses_on_loopback = true;
  CHECK(OwnAddresses(config).owns(AddressBits::of(address("10.9.0.99"))));
  CHECK(OwnAddresses(config).kind_of(AddressBits::of(address("10.9.0.255"))) == AddressKind::broadcast);
}

TEST_CASE("an address under a local route may be bound and reached") {
  HostConfig config;
  config.any_ip.push_back(AddressBlock::parse("10.0.0.0/8").value());
  CHECK(OwnAddresses(config).owns(AddressBits::of(address("10.200.3.4"))));
  CHECK(source_for(config, "10.200.3.4") == "10.200.3.4");
}

TEST_CASE("0.0.0.0 means loopback, or the bound source") {
  World world;
  const SocketId listener = world.listener(endpoint("0.0.0.0", 7000));
  (void)listener;
  const SocketId plain = world.tcp();
  REQUIRE_FALSE(world.connect(plain, endpoint("0.0.0.0", 7000)));
  CHECK(world.host().peer_name(plain).value() == endpoint("127.0.0.1", 7000));
  const SocketId bound = world.bound(endpoint("192.0.2.8", 0));
  REQUIRE_FALSE(world.connect(bound, endpoint("0.0.0.0", 7000)));
  CHECK(world.host().peer_name(bound).value() == endpoint("192.0.2.8", 7000));
}

TEST_CASE("multicast and broadcast are no destinations of a connection") {
  World world;
  for (const char* to : {"224.0.0.1", "255.255.255.255", "127.255.255.255"})
    CHECK(world.connect(world.tcp(), endpoint(to, 7000)) == Error::enetunreach);
  CHECK(world.connect(world.tcp(Family::inet6), endpoint("ff02::1", 7000)) == Error::enetunreach);
}

TEST_CASE("IPv4 and v4-mapped sockets share four-tuples, true IPv6 has its own") {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40019}};
  World world(outside);
  world.listener(endpoint("127.0.0.1", 7000), 4096);
  world.listener(endpoint("::1", 7000), 4096);
  const auto fill = [&](Family family, const char* to) {
    int count = 0;
    for (std::uint32_t draw = 0; draw < 60; ++draw)
      if (!world.connect(world.tcp(family), endpoint(to, 7000), {.number = draw * 7, .demanded = {}})) ++count;
    return count;
  };
  CHECK(fill(Family::inet, "127.0.0.1") == 20);
  CHECK(fill(Family::inet6, "::ffff:127.0.0.1") == 0);
  CHECK(fill(Family::inet6, "::1") == 20);
}

TEST_CASE("a full source address is not replaced by another one") {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40009}};
  outside.addresses = {"10.9.0.1/24", "10.9.0.2/24"};
  World world(outside);
  const SocketId listener = world.listener(endpoint("10.9.0.1", 7000), 4096);
  (void)listener;
  for (std::uint32_t draw = 0; draw < 10; ++draw)
    REQUIRE_FALSE(world.connect(world.tcp(), endpoint("10.9.0.1", 7000), {.number = draw * 4, .demanded = {}}));
  CHECK(world.connect(world.tcp(), endpoint("10.9.0.1", 7000)) == Error::eaddrnotavail);
  CHECK_FALSE(world.connect(world.bound(endpoint("10.9.0.2", 0), {Option::bind_no_port}), endpoint("10.9.0.1", 7000)));
}

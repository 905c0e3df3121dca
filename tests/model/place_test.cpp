// Places are compared by their parts and worded in one way.
#include "model/scenario/place.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "model/scenario/places.hpp"
#include "model/scenario/result.hpp"
#include "model/systems/os_profile.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

IpAddress place_address(const std::string& text) { return *IpAddress::parse(text); }
Endpoint place_endpoint(const std::string& text) { return *Endpoint::parse(text); }

HostGroup group(const std::string& name, std::uint64_t count = 1) {
  HostGroup made;
  made.name = name;
  made.count = count;
  auto profile = std::make_shared<OsProfile>();
  profile->rules.connect_sharing = PortSharing::four_tuple;
  profile->rules.bound_sharing = PortSharing::local_addr_port;
  made.profile = profile;
  return made;
}

Process process(const std::string& name) {
  Process made;
  made.name = name;
  return made;
}

Balancer balancer(const std::string& name) {
  Balancer made;
  made.name = name;
  return made;
}

const Endpoint far = place_endpoint("10.1.0.9:443");
const IpAddress near = place_address("10.0.0.5");

}  // namespace

TEST_CASE("each kind of place is worded by its parts") {
  const HostGroup client = group("client");
  const HostGroup clients = group("client", 3000);
  CHECK(host_place(client).text() == "client");
  CHECK(host_place(clients).text() == "client[3000]");
  CHECK(process_place(group("server"), process("web")).text() == "server/web");
  CHECK(process_place(clients, process("app")).text() == "client[3000]/app");
  CHECK(listener_place(group("server"), process("web"), far).text() == "server/web 10.1.0.9:443");
  CHECK(listener_place(group("machine"), place_endpoint("[::]:80")).text() == "machine [::]:80");
  CHECK(outbound_place(client, near, far).text() == "client 10.0.0.5 -> 10.1.0.9:443");
  CHECK(outbound_place(client, place_address("2001:db8::5"), place_endpoint("[2001:db8:1::9]:443")).text() ==
        "client 2001:db8::5 -> [2001:db8:1::9]:443");
  CHECK(port_pool_place(client, PortSharing::local_addr_port, near, far).text() == "client 10.0.0.5 -> *");
  CHECK(port_pool_place(client, PortSharing::host_port, near, far).text() == "client * -> *");
  CHECK(outbound_place(clients, near, far).text() == "client[3000] -> 10.1.0.9:443");
  CHECK(port_pool_place(clients, PortSharing::host_port, near, far).text() == "client[3000] -> *");
  CHECK(balancer_place(balancer("front")).text() == "front");
  CHECK(back_end_place(balancer("front"), far).text() == "front -> 10.1.0.9:443");
}

TEST_CASE("ports of a gateway are worded by its address, or by whose block they are") {
  Gateway gateway;
  gateway.name = "nat-1";
  gateway.addresses = {place_address("203.0.113.7"), place_address("2001:db8::7")};
  const auto text = [&](const char* to) {
    return gateway_limit(gateway, group("pods", 60), place_endpoint(to)).place.text();
  };
  CHECK(text("198.51.100.1:443") == "nat-1 203.0.113.7 -> 198.51.100.1:443");
  CHECK(text("[2001:db8:1::1]:443") == "nat-1 2001:db8::7 -> [2001:db8:1::1]:443");
  gateway.addresses.push_back(place_address("203.0.113.8"));
  CHECK(text("198.51.100.1:443") == "nat-1 * -> 198.51.100.1:443");
  CHECK(gateway_limit(gateway, group("pods", 60), place_endpoint("198.51.100.1:443")).limit == Limit::nat_ports);
  gateway.nat.block = 64;
  CHECK(text("198.51.100.1:443") == "nat-1 pods[60] -> 198.51.100.1:443");
  const PlacedLimit block = gateway_limit(gateway, group("pods", 60), place_endpoint("198.51.100.1:443"));
  CHECK(block.limit == Limit::nat_block);
  CHECK(block.place.host() == nullptr);
  CHECK(hash_value(block.place) == hash_value(Place(block.place)));
}

TEST_CASE("a place is equal and hashed by its parts, and by nothing else") {
  const HostGroup client = group("client");
  const Place place = outbound_place(client, near, far);
  CHECK(place == outbound_place(group("client"), near, far));
  CHECK(hash_value(place) == hash_value(outbound_place(group("client"), near, far)));
  for (const Place& other :
       {outbound_place(group("client-2"), near, far), outbound_place(group("client", 2), near, far),
        outbound_place(client, place_address("10.0.0.6"), far),
        outbound_place(client, near, place_endpoint("10.1.0.9:444")),
        port_pool_place(client, PortSharing::local_addr_port, near, far), host_place(client),
        process_place(client, process("app"))}) {
    CAPTURE(other.text());
    CHECK(other != place);
    CHECK(hash_value(other) != hash_value(place));
    CHECK((other < place) != (place < other));
  }
  // A host and a balancer may have one name: they are two places still.
  CHECK(host_place(group("front")) != balancer_place(balancer("front")));
  // The hosts of a group share one place, whatever the source of each.
  CHECK(outbound_place(group("client", 2), near, far) ==
        outbound_place(group("client", 2), place_address("10.0.0.6"), far));
}

TEST_CASE("the longest place that a scenario can name is whole, also where it was copied byte by byte") {
  const std::string name(64, 'n');
  const IpAddress source = place_address("2001:db8:ffff:ffff:ffff:ffff:ffff:fff1");
  const Endpoint to = place_endpoint("[2001:db8:ffff:ffff:ffff:ffff:ffff:fff2]:65535");
  const Place place = outbound_place(group(name), source, to);
  const std::string text =
      name + " 2001:db8:ffff:ffff:ffff:ffff:ffff:fff1 -> [2001:db8:ffff:ffff:ffff:ffff:ffff:fff2]:65535";
  REQUIRE(text.size() > 127);
  const Place listener = listener_place(group(name, 10'000'000), process(std::string(64, 'p')), to);
  for (const Place& whole : {place, listener}) {
    Place copied;
    std::memcpy(static_cast<void*>(&copied), &whole, sizeof whole);
    CHECK(copied == whole);
    CHECK(copied.text() == whole.text());
  }
  CHECK(place.text() == text);
  CHECK(listener.text() ==
        name + "[10000000]/" + std::string(64, 'p') + " [2001:db8:ffff:ffff:ffff:ffff:ffff:fff2]:65535");
  // The last figure alone tells these two apart.
  CHECK(place != outbound_place(group(name), source, place_endpoint("[2001:db8:ffff:ffff:ffff:ffff:ffff:fff2]:65534")));
  CHECK_THROWS_AS(Name(name + "n"), std::length_error);
}

TEST_CASE("a place says whose limit it is") {
  CHECK(outbound_place(group("client"), near, far).host()->name.view() == "client");
  CHECK(listener_place(group("server", 2), process("web"), far).host()->count == 2);
  CHECK(host_place(group("client")).host()->name.view() == "client");
  CHECK(balancer_place(balancer("front")).host() == nullptr);
  CHECK(back_end_place(balancer("front"), far).host() == nullptr);
}

TEST_CASE("a client's call meets each limit where it is") {
  const HostGroup client = group("client");
  const Process app = process("app");
  const auto met = [&](Limit limit, const BindStyle& style = PlainConnect{}) {
    return client_place(client, app, style, limit, near, far).text();
  };
  CHECK(met(Limit::fd_per_process) == "client/app");
  CHECK(met(Limit::fd_per_host) == "client");
  CHECK(met(Limit::memory) == "client");
  CHECK(met(Limit::ephemeral_ports) == "client 10.0.0.5 -> 10.1.0.9:443");
  CHECK(met(Limit::ephemeral_ports, BindAddress{}) == "client 10.0.0.5 -> *");
  CHECK(met(Limit::four_tuple, BindAddress{}) == "client 10.0.0.5 -> 10.1.0.9:443");
  CHECK(met(Limit::no_listener) == "client 10.0.0.5 -> 10.1.0.9:443");
}

TEST_CASE("results list failures by time, then limit, then the text of the place, then error") {
  const auto failure = [](Limit limit, const std::string& from, Error error, int at) {
    Failure made;
    made.limit = limit;
    made.place = outbound_place(group("client"), place_address(from), far);
    made.error = error;
    made.first_at = time_zero + Duration(at);
    return made;
  };
  std::vector<Failure> failures{
      failure(Limit::four_tuple, "10.0.0.9", Error::eaddrnotavail, 5),
      failure(Limit::ephemeral_ports, "10.0.0.9", Error::etimedout, 5),
      failure(Limit::ephemeral_ports, "10.0.0.9", Error::eaddrnotavail, 5),
      failure(Limit::ephemeral_ports, "10.0.0.10", Error::etimedout, 5),
      failure(Limit::no_route, "10.0.0.9", Error::enetunreach, 4),
  };
  put_in_printed_order(failures);
  CHECK(failures[0].limit == Limit::no_route);
  CHECK(failures[1].place.text() == "client 10.0.0.10 -> 10.1.0.9:443");  // as text before 10.0.0.9
  CHECK(failures[2].error == std::min(Error::etimedout, Error::eaddrnotavail));
  CHECK(failures[3].error == std::max(Error::etimedout, Error::eaddrnotavail));
  CHECK(failures[4].limit == std::max(Limit::four_tuple, Limit::ephemeral_ports));
}

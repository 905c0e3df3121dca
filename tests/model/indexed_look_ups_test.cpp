// Look-ups that go by an index, against the plain ones that compare each with each, on random small worlds.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "model/scenario/bound_socket.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/open_listeners.hpp"
#include "model/scenario/topology.hpp"
#include "model/systems/os_profile.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

// Not a distribution of the standard library: the same everywhere.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t count) { return engine_() % count; }
  bool coin() { return below(2) == 1; }

 private:
  std::mt19937 engine_;
};

IpAddress some_address(Dice& dice) {
  static const std::vector<std::string> texts{
      "0.0.0.0", "10.0.0.1", "10.0.0.2", "::", "2001:db8::1", "::1", "2001:db8::2", "127.0.0.1"};
  return IpAddress::parse(texts[dice.below(texts.size())]).value();
}

std::shared_ptr<const OsProfile> profile() { return std::make_shared<OsProfile>(); }

HostGroup host_with_listeners(Dice& dice, std::size_t count) {
  HostGroup host;
  host.name = "server";
  host.profile = profile();
  host.settings = host.profile->settings;
  host.settings.ipv6_only_by_default = dice.coin();
  for (std::size_t p = 0; p < 3; ++p) {
    Process process;
    process.name = fmt::format("p{}", p);
    for (std::size_t l = 0; l < count / 3; ++l) {
      const Port port{static_cast<std::uint16_t>(80 + dice.below(3))};
      process.listeners.push_back({.endpoint = {some_address(dice), port}, .reuse_port = dice.coin()});
    }
    host.processes.push_back(process);
  }
  if (dice.coin()) host.held_ports.push_back({some_address(dice), {Port{81}, Port{82}}, dice.coin()});
  return host;
}

}  // namespace

TEST_CASE("an index of listeners finds those that the look-up finds among all") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    Scenario scenario;
    scenario.hosts.emplace("server", host_with_listeners(dice, seed % 2 == 0 ? 30 : 9));
    const HostGroup& host = scenario.hosts.at("server");
    const ListeningIndex index(scenario);
    for (int i = 0; i < 20; ++i) {
      const Endpoint to{some_address(dice), Port{static_cast<std::uint16_t>(80 + dice.below(4))}};
      const Listening expected = listening_at(host, to);
      const Listening found = index.at(host, to);
      CHECK(found.listeners == expected.listeners);
      CHECK(found.held == expected.held);
    }
  }
}

TEST_CASE("the listener in the way is the first of all that were opened before and overlap") {
  int in_the_way = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    const HostGroup host = host_with_listeners(dice, 0);
    OpenListeners open(host.settings, host.profile->rules);
    std::vector<Listener> before;
    for (int i = 0; i < 12; ++i) {
      const Port port{static_cast<std::uint16_t>(80 + dice.below(2))};
      const Listener next{.endpoint = {some_address(dice), port}, .reuse_port = dice.below(4) != 0};
      const auto expected = std::find_if(before.begin(), before.end(), [&](const Listener& one) {
        return one.endpoint.port == next.endpoint.port && !(one.reuse_port && next.reuse_port) &&
               bound_addresses_overlap(host.settings, host.profile->rules, one.endpoint.address, next.endpoint.address);
      });
      const auto* found = open.in_the_way(next);
      REQUIRE((found != nullptr) == (expected != before.end()));
      if (found != nullptr) {
        CHECK(found->endpoint == expected->endpoint);
        ++in_the_way;
        continue;  // the loader refuses it
      }
      open.add(next, "p");
      before.push_back(next);
    }
  }
  CHECK(in_the_way > 100);
}

TEST_CASE("ways that go through the only road of a place are as short as those of a search among all places") {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max() / 4;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    Scenario scenario;
    const std::size_t places = 2 + dice.below(8);
    const auto name = [](std::size_t i) { return std::string(1, static_cast<char>('a' + i)); };
    for (std::size_t i = 0; i < places; ++i) scenario.hosts[name(i)].name = name(i);
    std::vector<std::vector<std::int64_t>> best(places, std::vector<std::int64_t>(places, far));
    for (std::size_t i = 0; i < places; ++i) best[i][i] = 0;
    const std::size_t roads = 1 + dice.below(places + 3);
    for (std::size_t r = 0; r < roads; ++r) {
      const std::size_t a = dice.below(places);
      const std::size_t b = dice.below(places);
      if (a == b) continue;
      const auto length = static_cast<std::int64_t>(1 + dice.below(20));
      scenario.paths.push_back({name(a), name(b), Duration(length)});
      best[a][b] = best[b][a] = std::min(best[a][b], length);
    }
    for (std::size_t k = 0; k < places; ++k) {
      for (std::size_t a = 0; a < places; ++a) {
        for (std::size_t b = 0; b < places; ++b) best[a][b] = std::min(best[a][b], best[a][k] + best[k][b]);
      }
    }
    const Topology topology(scenario);
    if (scenario.paths.empty()) continue;
    for (std::size_t a = 0; a < places; ++a) {
      for (std::size_t b = 0; b < places; ++b) {
        const auto found = topology.round_trip(name(a), name(b));
        REQUIRE(found.has_value() == (best[a][b] < far));
        if (!found) continue;
        CHECK(found->count() == best[a][b]);
        const auto way = topology.way(name(a), name(b)).value();
        CHECK(way.nodes.front() == a);
        CHECK(way.nodes.back() == b);
        REQUIRE(way.round_trips.size() + 1 == way.nodes.size());
        Duration whole{};
        for (std::size_t step = 0; step < way.round_trips.size(); ++step) {
          whole += way.round_trips[step];
          CHECK(way.round_trips[step].count() == best[way.nodes[step]][way.nodes[step + 1]]);
        }
        CHECK(whole == *found);
      }
    }
  }
}

TEST_CASE("an address is found among groups whose addresses lie between each other's") {
  Scenario scenario;
  for (std::size_t g = 0; g < 6; ++g) {
    HostGroup group;
    group.name = std::string(1, static_cast<char>('a' + g));
    group.count = 50 - 8 * g;
    group.address_stride = 6 + (g == 3 ? 60 : 0);
    group.addresses.push_back({IpAddress::parse("10.0.0.0")->plus(g), 8});
    scenario.hosts.emplace(group.name, group);
  }
  const Topology topology(scenario);
  for (std::uint64_t step = 0; step < 1500; ++step) {
    const IpAddress address = IpAddress::parse("10.0.0.0")->plus(step);
    std::optional<Topology::Owner> expected;
    for (const auto& [name, group] : scenario.hosts) {
      for (std::uint64_t i = 0; i < group.count && !expected; ++i) {
        if (group.addresses.front().address.plus(i * group.address_stride) == address)
          expected = Topology::Owner{name, i};
      }
    }
    CHECK(topology.owner_of(address) == expected);
  }
}

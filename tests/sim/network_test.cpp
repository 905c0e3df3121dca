// The order of what happens at one instant, and which hosts are made at all.
#include "sim/network.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/scenario_layout.hpp"
#include "tests/catch.hpp"
#include "tests/sim/small_world.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::uint32_t client_host = 0;
constexpr std::uint32_t server_host = 1;

// A client and a server, the sockets that the client made numbered from 1 by their user data.
struct TwoHosts {
  explicit TwoHosts(Scenario of) : scenario(std::move(of)), layout(scenario), network(layout) {
    process = network.call(client_host, [](Host& host, Effects&) { return host.add_process({.name = "p"}); });
  }

  SocketId connect(const char* to) {
    return network.call(client_host, [&](Host& host, Effects& effects) {
      const SocketId socket = host.socket(process, Family::inet, SocketType::stream).value();
      host.set_user_data(socket, ++made);
      REQUIRE(host.connect(socket, *Endpoint::parse(to), {}, network.now(), effects));
      return socket;
    });
  }
  // The numbers of the sockets whose notices come now.
  std::vector<std::uint64_t> told() {
    std::vector<std::uint64_t> numbers;
    while (const auto next = network.next_told()) {
      if (const auto* notice = std::get_if<Notice>(&next->what)) numbers.push_back(notice->user_data);
    }
    return numbers;
  }

  Scenario scenario;
  ScenarioLayout layout;
  Network network;
  ProcessId process;
  std::uint64_t made = 0;
};

TEST_CASE("timers of one instant fire the latest first, and all before a program hears of any") {
  Scenario scenario = small_world({});
  scenario.hosts.at("client").settings.syn_retries = 1;
  TwoHosts world(scenario);
  world.network.take_down(server_host);
  for (int i = 0; i < 3; ++i) world.connect("10.0.0.9:443");
  std::vector<std::vector<std::uint64_t>> rounds;
  while (const auto event = world.network.next_event(std::nullopt)) {
    const auto numbers = world.told();
    if (event->kind == EventKind::host_timer) rounds.push_back(numbers);
  }
  // The SYN twice again, a second apart (tcp_syn_linear_timeouts), then the end after 3 s. Each round arms the
  // timers anew in the order in which they fired, so that the order turns round each time: 3 2 1, 1 2 3, ...
  REQUIRE(rounds.size() == 3);
  CHECK(rounds.back() == std::vector<std::uint64_t>{3, 2, 1});
  rounds.pop_back();
  for (const auto& before : rounds) CHECK(before.empty());
}

TEST_CASE("a timer that was armed last fires first") {
  Scenario scenario = small_world({});
  scenario.hosts.at("client").settings.syn_retries = 0;
  scenario.hosts.at("client").settings.syn_linear_timeouts = 0;
  TwoHosts world(std::move(scenario));
  world.network.take_down(server_host);
  for (int i = 0; i < 3; ++i) world.connect("10.0.0.9:443");
  std::vector<std::uint64_t> numbers;
  while (world.network.next_event(std::nullopt)) {
    for (const std::uint64_t number : world.told()) numbers.push_back(number);
  }
  CHECK(numbers == std::vector<std::uint64_t>{3, 2, 1});
}

TEST_CASE("things at one instant come in their order, however they were planned") {
  TwoHosts world(small_world({}));
  const SimTime at = time_zero + microseconds(100);
  world.network.plan(at, {.kind = EventKind::arrival, .index = 1});
  world.network.plan(at, {.kind = EventKind::retry, .index = 2});
  world.network.plan(at, {.kind = EventKind::scheduled_accept});
  world.network.plan(at, {.kind = EventKind::server_close});
  world.connect("10.0.0.9:443");  // its SYN arrives after half a round trip: then
  world.network.plan(at, {.kind = EventKind::host_timer, .instance = client_host});
  world.network.plan(at, {.kind = EventKind::client_close});
  world.network.plan(at, {.kind = EventKind::balancer_note});
  world.network.plan(at, {.kind = EventKind::scenario});
  std::vector<EventKind> order;
  while (const auto event = world.network.next_event(at)) {
    CHECK(world.network.now() == at);
    order.push_back(event->kind);
  }
  CHECK(order == std::vector{EventKind::balancer_note, EventKind::scenario, EventKind::host_timer, EventKind::segment,
                             EventKind::server_close, EventKind::client_close, EventKind::scheduled_accept,
                             EventKind::arrival, EventKind::retry});
}

TEST_CASE("a segment that nobody takes is told as a drop, with its reason") {
  TwoHosts world(small_world({}));
  const auto drop_of_next = [&]() -> std::optional<Drop> {
    while (const auto told = world.network.next_told()) {
      if (const auto* drop = std::get_if<Drop>(&told->what)) return *drop;
    }
    return std::nullopt;
  };
  SECTION("nobody has the address") {
    world.connect("10.0.0.77:443");
    const auto drop = drop_of_next();
    REQUIRE(drop);
    CHECK(drop->limit == Limit::no_route);
    CHECK(drop->opening);
  }
  SECTION("its host is down when it arrives") {
    world.connect("10.0.0.9:443");
    CHECK_FALSE(drop_of_next());
    world.network.take_down(server_host);
    CHECK(world.network.segments_in_flight());
    world.network.next_event(std::nullopt);
    const auto drop = drop_of_next();
    REQUIRE(drop);
    CHECK(drop->limit == Limit::back_end_down);
    CHECK_FALSE(world.network.segments_in_flight());
  }
}

TEST_CASE("hosts are made when they are first asked for, and told so once") {
  Scenario scenario = small_world({});
  scenario.hosts.at("client").count = 100'000;
  scenario.hosts.at("client").addresses = {*AddressBlock::parse("10.64.0.1/10")};
  const ScenarioLayout layout(scenario);
  std::vector<std::uint32_t> begun;
  Network network(layout, {}, {}, [&](std::uint32_t number) { begun.push_back(number); });
  CHECK(network.host_count() == 100'001);
  CHECK(network.made().size() == 0);
  network.instance(70'000).epoch = 3;
  network.instance(2);
  CHECK(network.instance(70'000).epoch == 3);
  CHECK(network.instance(70'000).index == 70'000);
  CHECK(begun == std::vector<std::uint32_t>{70'000, 2});
  std::vector<std::uint32_t> in_order;
  network.made().each([&](const HostInstance& host) { in_order.push_back(host.number); });
  CHECK(in_order == std::vector<std::uint32_t>{2, 70'000});
}

}  // namespace
}  // namespace netlimits::sim

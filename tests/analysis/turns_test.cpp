// Turns: what one server does not take cannot be sent to another, and what waits keeps what it took at home.
#include "analysis/turns.hpp"

#include <fmt/format.h>

#include "analysis/capacity.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

// A second server with a process "web" at port 443.
void add_server(Scenario& scenario, const std::string& address, std::uint64_t nofile) {
  HostGroup server = host("full", address);
  server.processes.push_back(
      {.name = "web", .nofile = nofile, .listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:443")}}});
  scenario.hosts.emplace("full", server);
}

}  // namespace

TEST_CASE("the first limit that fills up ends the turns of all that need it") {
  // One program, two destinations in turn, ten descriptors: five to each.
  Turns turns{.rounds = {20}, .offset = {0}, .destinations = 2, .each_program = 10};
  turns.pool_of = {Turns::no_pool, Turns::no_pool};
  turns.keeps = {true, true};
  CHECK(let_through(turns) == std::vector<std::uint64_t>{5, 5});
  // The first destination's pool has two ports: what finds none gives its descriptor back, and the other gets the rest.
  turns.pools = {2};
  turns.pool_may_give_more = {false};
  turns.pool_of = {0, Turns::no_pool};
  CHECK(let_through(turns) == std::vector<std::uint64_t>{2, 8});
  // A destination that refuses at once keeps nothing.
  turns.pool_of = {Turns::no_pool, Turns::no_pool};
  turns.keeps = {false, true};
  CHECK(let_through(turns)[1] == 10);
  // Two programs share a file table: each second turn.
  Turns two{.rounds = {5, 5}, .offset = {0, 0}, .all_programs = 7};
  two.pool_of = {Turns::no_pool};
  two.keeps = {true};
  CHECK(let_through(two) == std::vector<std::uint64_t>{4, 3});
}

// What looks at all limits each time that one of them is full takes hours for these.
TEST_CASE("60,000 pools fill up one after another") {
  constexpr std::size_t many = 60'000;
  Turns turns{.rounds = {many * many}, .offset = {0}, .destinations = many, .each_program = many * many};
  for (std::size_t i = 0; i < many; ++i) {
    turns.pools.push_back(1 + i / 2);
    turns.pool_may_give_more.push_back(false);
    turns.pool_of.push_back(i);
    turns.keeps.push_back(true);
  }
  CHECK(let_through(turns) == turns.pools);
}

TEST_CASE("a full server's turns are not given to the other one") {
  Scenario scenario = outbound(200, 103);
  add_server(scenario, "10.2.0.1", 4);  // its own descriptors and its listener: none left
  scenario.workloads.at("load").to.push_back(*Endpoint::parse("10.2.0.1:443"));
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(50));
  CHECK(found.established == Interval::exactly(100));
  REQUIRE(found.binding.size() == 1);
  CHECK(found.binding.front().place.text() == "full/web");
}

// What asks all workloads of a host for each of them needs minutes for these.
TEST_CASE("the turns of 5,000 workloads that go to one balancer") {
  constexpr std::size_t many = 5'000;
  Scenario scenario = outbound(4, 1'000'000, 12'000);
  add_server(scenario, "10.2.0.1", 1'000'000);
  scenario.balancers.emplace("lb",
                             Balancer{.name = "lb",
                                      .endpoint = *Endpoint::parse("192.0.2.10:443"),
                                      .back_ends = {*Endpoint::parse("10.1.0.9:443"), *Endpoint::parse("10.2.0.1:443")},
                                      .notices_after = {}});
  Workload load = scenario.workloads.at("load");
  scenario.workloads.clear();
  load.to = {*Endpoint::parse("192.0.2.10:443")};
  load.arrivals = ConstantRate{std::chrono::seconds(1)};
  for (std::size_t i = 0; i < many; ++i) {
    load.name = fmt::format("w{}", i);
    scenario.workloads.emplace(load.name, load);
  }
  const Capacity found = capacity(scenario);
  CHECK(found.asked == 4 * many);
  CHECK(found.capacity == Interval::exactly(4 * many));
  REQUIRE_FALSE(found.ladder.empty());
  CHECK(found.ladder.front().binding.front().place.text() == "server/web");
}

TEST_CASE("a balancer beside a direct way takes its turns, not what is left") {
  Scenario scenario = outbound(50, 8);
  add_server(scenario, "10.2.0.1", 7);
  scenario.balancers.emplace("lb", Balancer{.name = "lb",
                                            .endpoint = *Endpoint::parse("192.0.2.10:443"),
                                            .back_ends = {*Endpoint::parse("10.2.0.1:443")},
                                            .notices_after = {}});
  scenario.workloads.at("load").to = {*Endpoint::parse("192.0.2.10:443"), *Endpoint::parse("10.1.0.9:443")};
  CHECK(capacity(scenario).capacity == Interval::exactly(5));
}

TEST_CASE("a process that serves and connects to itself: an interval that every order keeps to") {
  Scenario scenario = outbound(25, 1'024, 65);
  Workload self = scenario.workloads.at("load");
  self.name = "self";
  self.from_host = "server";
  self.from_process = "web";
  self.to = {*Endpoint::parse("127.0.0.1:443")};
  scenario.workloads.emplace("self", self);
  // 61 descriptors; 25 come in and take one each, 25 have both ends here and take two.
  CHECK(capacity(scenario).capacity == Interval{36, 43});
}

TEST_CASE("a queue of no place lets nothing through") {
  Scenario scenario = outbound(3);
  auto windows = std::make_shared<OsProfile>(*linux_profile());
  windows->rules.accept_queue = AcceptQueueRule::backlog;
  scenario.hosts.at("server").profile = windows;
  scenario.hosts.at("server").processes.front().listeners.front().backlog = 0;
  CHECK(capacity(scenario).capacity == Interval::exactly(0));
}

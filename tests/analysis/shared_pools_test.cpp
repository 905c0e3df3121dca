// Very many workloads that draw from one pool: who begins next, and who meets whom, is not asked of each of them.
#include "analysis/churn/joint_walk.hpp"

#include <utility>
#include <vector>

#include "analysis/churn/pool_drawer.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

constexpr std::size_t drawing = 50'000;

}  // namespace

// What asks each of them who is next needs minutes for these.
TEST_CASE("the connections of 50,000 workloads are followed in the order in which they begin") {
  Workload second;
  second.arrivals = ConstantRate{std::chrono::seconds(1)};
  JointWalk walk;
  walk.pools = 1;
  for (std::size_t i = 0; i < drawing; ++i) {
    Comer comer{&second, {}, false, 15};
    comer.from = [](std::uint64_t) { return DrawnFrom{}; };
    walk.comers.push_back(std::move(comer));
  }
  // Ten seconds' worth of ports: of the eleventh second the first one, by name, finds none.
  walk.ports = [](std::uint64_t, SimTime) { return std::uint64_t{10 * drawing}; };
  const JointWalk::Found found = walk.walk(AtOneMoment::entries_end_first);
  REQUIRE(found.by_pool.front());
  CHECK(found.by_pool.front()->number == 10 * drawing);
  CHECK(found.by_pool.front()->comer == 0);
  CHECK(found.by_pool.front()->at == SimTime(std::chrono::seconds(10)));
  CHECK(found.by_pool.front()->let_through == std::vector<std::uint64_t>(drawing, 10));
}

// What looks at each group for each of them, and moves it, needs minutes for these.
TEST_CASE("of 50,000 workloads those meet that draw from one pool, one by way of the other") {
  const HostGroup client = host("client", "10.0.0.5");
  std::vector<PlannedWorkload> planned(drawing);
  const auto to = [](std::size_t i) { return Endpoint{IpAddress::parse("10.1.0.0")->plus(i), Port{443}}; };
  const auto drawn = [&](const auto& pools_of) {
    std::vector<Drawer> drawers;
    for (std::size_t i = 0; i < drawing; ++i) {
      planned[i].index = i;
      planned[i].host = &client;
      Drawer drawer;
      drawer.planned = &planned[i];
      drawer.kind.sharing = PortSharing::four_tuple;
      for (const std::size_t one : pools_of(i)) drawer.pools.emplace_back(Pool{.to = to(one)});
      drawers.push_back(std::move(drawer));
    }
    return drawers;
  };
  using Pools = std::vector<std::size_t>;
  CHECK(that_meet(drawn([](std::size_t) { return Pools{7}; })).size() == 1);
  CHECK(that_meet(drawn([](std::size_t i) { return Pools{i, i + 1}; })).size() == 1);
  CHECK(that_meet(drawn([](std::size_t i) { return Pools{i}; })).size() == drawing);
  // Even and odd ones, each group in the order of their last.
  const auto groups = that_meet(drawn([](std::size_t i) { return Pools{i % 2 == 0 ? 0U : i, i % 2}; }));
  REQUIRE(groups.size() == 2);
  CHECK(groups.front().size() == drawing / 2);
  CHECK(groups.back().back().planned->index == drawing - 1);
}

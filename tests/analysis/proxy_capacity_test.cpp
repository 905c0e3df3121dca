// Capacity through proxies: against figures that are plain, and against runs of random worlds.
#include <rapidcheck.h>

#include <string>

#include "analysis/capacity.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"
#include "tests/proxied_world.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

Scenario through_proxy(const tests::ProxiedWorld& shape) {
  const auto profile = linux_profile();
  return tests::proxied_world(shape, profile, profile->settings);
}

void check_holds(const tests::ProxiedWorld& shape, std::uint64_t holds, Limit limit, const std::string& place) {
  const Capacity found = capacity(through_proxy(shape));
  CHECK(found.capacity.min == holds);
  CHECK(found.capacity.max == holds);
  REQUIRE_FALSE(found.binding.empty());
  CHECK(found.binding[0].limit == limit);
  CHECK(found.binding[0].place.text() == place);
}

}  // namespace

TEST_CASE("each client takes two descriptors of a proxy") {
  check_holds({.clients = 200'000, .proxies = 3, .back_ends = 4, .proxy_nofile = 65'534, .ports = 40'000}, 98'295,
              Limit::fd_per_process, "proxy[3]/nginx");
}

TEST_CASE("what nginx calls worker_connections binds before the descriptors, which come next") {
  const tests::ProxiedWorld shape{.clients = 1'000, .workers = 2, .proxy_nofile = 404, .worker_connections = 101};
  check_holds(shape, 100, Limit::proxy_connections, "proxy/nginx");
  const Capacity found = capacity(through_proxy(shape));
  CHECK(found.established == Interval::exactly(100));  // the others are let in, and let go
  REQUIRE_FALSE(found.ladder.empty());
  CHECK(found.ladder[0].capacity == Interval::exactly(400));
  CHECK(found.ladder[0].binding[0].limit == Limit::fd_per_process);
}

TEST_CASE("a proxy's ports bind for each back end, and what the back ends take for all proxies") {
  check_holds({.clients = 100, .back_ends = 2, .ports = 30}, 60, Limit::ephemeral_ports,
              "proxy 10.1.0.1 -> 10.2.0.1:8080");
  check_holds({.clients = 100, .proxies = 2, .server_nofile = 44}, 40, Limit::fd_per_process, "server/app");
}

TEST_CASE("a run of a random world through proxies holds what the capacity says") {
  const auto between = [](std::uint64_t low, std::uint64_t high) {
    return *rc::gen::inRange<std::uint64_t>(low, high + 1);
  };
  CHECK(rc::check([&] {
    Scenario scenario = through_proxy({.clients = between(1, 120),
                                       .proxies = between(1, 3),
                                       .workers = between(1, 3),
                                       .back_ends = between(1, 3),
                                       .proxy_nofile = between(5, 60),
                                       .server_nofile = between(5, 80),
                                       .worker_connections = between(0, 1) * between(2, 60),
                                       .ports = static_cast<std::uint32_t>(2 * between(1, 30))});
    scenario.seed = between(1, 1'000'000);
    if (between(0, 1) == 1)
      scenario.workloads.at("users").arrivals = ConstantRate{std::chrono::milliseconds(between(1, 50))};
    const Capacity found = capacity(scenario);
    const RunResult result = sim::replay(scenario);
    std::uint64_t accepted = 0;
    for (const auto& [name, process] : result.hosts.at("server").processes) accepted += process.accepted;
    RC_LOG() << accepted << " accepted, " << result.held_peak << " held, " << found.capacity.min << " to "
             << found.capacity.max;
    RC_ASSERT(accepted >= found.capacity.min);
    RC_ASSERT(accepted <= found.capacity.max);
    RC_ASSERT(result.held_peak >= found.capacity.min);
    for (const LimitUse& use : result.limits) RC_ASSERT(use.peak <= use.capacity);
    const WorkloadResult& passed = result.proxies.at("edge");
    RC_ASSERT(passed.attempted == passed.established + passed.failed + passed.pending_at_end + passed.vanished);
  }));
}

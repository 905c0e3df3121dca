// The shipped scenarios: the capacity that the analysis gives is the count that their claims state.
#include <fstream>
#include <sstream>

#include "analysis/capacity.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

Scenario shipped(const std::string& name) {
  const std::string path = std::string(NETLIMITS_SOURCE_DIR) + "/scenarios/" + name + ".json";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto loaded = scenarios::load_scenario(text.str(), path, scenarios::ProfileSet::built_in());
  REQUIRE(loaded.has_value());
  return std::move(*loaded);
}

struct Expected {
  const char* name;
  Interval capacity;
  Interval established;
  std::optional<Limit> binding;
};

constexpr Interval just(std::uint64_t value) { return Interval::exactly(value); }

}  // namespace

TEST_CASE("each shipped scenario holds what its claim says, for the reason it says") {
  for (const Expected& expected : {
           Expected{"one-port-many-clients", just(5'000), just(5'000), std::nullopt},
           Expected{"server-descriptors-2048", just(2'044), just(2'173), Limit::fd_per_process},
           Expected{"four-tuple", just(2), just(2), Limit::four_tuple},
           Expected{"outbound-exhaustion", just(28'232), just(28'232), Limit::ephemeral_ports},
           Expected{"outbound-64k", just(64'512), just(64'512), Limit::ephemeral_ports},
           Expected{"outbound-two-destinations", just(56'464), just(56'464), Limit::ephemeral_ports},
           Expected{"outbound-descriptors-first", just(19'997), just(19'997), Limit::fd_per_process},
           Expected{"extra-addresses", just(258'048), just(258'048), Limit::ephemeral_ports},
           Expected{"extra-addresses-unbound", just(28'232), just(28'232), Limit::ephemeral_ports},
           Expected{"extra-addresses-bound", just(112'928), just(112'928), Limit::ephemeral_ports},
           Expected{"c10k-one-process", just(12'000), just(12'000), std::nullopt},
           Expected{"many-processes", just(4'080), just(4'209), Limit::fd_per_process},
           Expected{"many-processes-reuseport", {1'020, 4'000}, {1'149, 4'000}, Limit::fd_per_process},
           Expected{"balancer-round-robin", just(60'000), just(60'000), std::nullopt},
           Expected{"balancer-failover", just(60'000), just(60'000), std::nullopt},
           Expected{"nat-64-ports-small", just(64), just(64), Limit::nat_ports},
           Expected{"nat-60-pods", {41'012, 64'512}, {41'012, 64'512}, Limit::nat_ports},
           Expected{"aws-nat-55000", just(55'000), just(55'000), Limit::nat_ports},
           Expected{"conntrack-small", just(50), just(50), Limit::conntrack_entries},
           Expected{"conntrack-131072", just(131'072), just(131'072), Limit::conntrack_entries},
           Expected{"windows-loopback-16372", just(16'372), just(16'372), Limit::ephemeral_ports},
       }) {
    CAPTURE(expected.name);
    const Capacity found = capacity(shipped(expected.name));
    CHECK(found.capacity.min == expected.capacity.min);
    CHECK(found.capacity.max == expected.capacity.max);
    CHECK(found.established.min == expected.established.min);
    CHECK(found.established.max == expected.established.max);
    REQUIRE(found.binding.empty() == !expected.binding.has_value());
    if (expected.binding) CHECK(found.binding.front().limit == *expected.binding);
    CHECK_FALSE(found.ladder.empty());
  }
}

TEST_CASE("two of three servers do not hold the failover scenario, three of four do") {
  const Capacity three = capacity(shipped("balancer-failover"));
  REQUIRE(three.without.size() == 3);
  for (const WithoutBackEnd& one : three.without) CHECK(one.capacity == just(49'990));
  const Capacity four = capacity(shipped("balancer-failover-four-servers"));
  REQUIRE(four.without.size() == 4);
  for (const WithoutBackEnd& one : four.without) CHECK(one.capacity == just(60'000));
}

TEST_CASE("the churn scenario sustains its range each minute and first fails when the range is used up") {
  const Capacity found = capacity(shipped("time-wait-churn"));
  REQUIRE(found.steady_state.size() == 1);
  CHECK(found.steady_state[0].sustained.text().rfind("470.", 0) == 0);
  CHECK(found.steady_state[0].first_failure_after == just(28'232));
  CHECK(found.steady_state[0].first_failure_at == time_zero + std::chrono::milliseconds(28'232));
  REQUIRE_FALSE(found.binding.empty());
  CHECK(found.binding.front().limit == Limit::ephemeral_ports);
}

// Claims on a limit by its name and place, on the capacity and on rates: read, written, and refused where they point
// nowhere.
#include <string>

#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

scenarios::Loaded<Scenario> with_claim(const std::string& claim) {
  std::string text = R"({ "netlimits": 1, "name": "claims",
    "hosts": { "client": { "addresses": ["10.0.0.5"], "processes": { "app": {} } },
               "server": { "addresses": ["10.1.0.9"],
                           "processes": { "web": { "listeners": [{ "endpoint": "0.0.0.0:443" }] } } } },
    "workloads": { "load": { "from": "client/app", "to": ["10.1.0.9:443"], "connections": 10 } },
    "expect": [{ "name": "it", )";
  text.append(claim).append("}] }");
  return scenarios::load_scenario(text, "claims.json", scenarios::ProfileSet::built_in());
}

FigureClaim claim_in(const std::string& claim) {
  const auto scenario = with_claim(claim);
  CAPTURE(claim);
  if (!scenario) FAIL(scenarios::text_of(scenario.error()));
  REQUIRE(scenario->expect.front().claim);
  return *scenario->expect.front().claim;
}

std::string trouble_with(const std::string& claim) {
  const auto scenario = with_claim(claim);
  return scenario ? std::string() : scenarios::text_of(scenario.error());
}

}  // namespace

TEST_CASE("a claim names a limit and its place, or the capacity, or a rate") {
  const FigureClaim headroom =
      claim_in(R"("limit": "fd_per_process", "place": "server/web", "headroom_at_least": "2.5%")");
  CHECK(headroom.figure == ClaimedFigure::headroom);
  CHECK(headroom.limit == Limit::fd_per_process);
  CHECK(headroom.place == "server/web");
  CHECK(headroom.at_least == 25);
  const FigureClaim rate = claim_in(R"("sustains_at_least": "30/min", "workload": "load")");
  CHECK(rate.figure == ClaimedFigure::sustained_rate);
  CHECK(rate.at_least == 30'000);
  CHECK(rate.per_nanoseconds == 60'000'000'000);
  CHECK(claim_in(R"("capacity_at_least": 30000)").at_least == 30'000);
  CHECK_FALSE(
      claim_in(R"("limit": "four_tuple", "place": "client 10.0.0.5 -> 10.1.0.9:443", "exhausted": false)").exhausted);
}

TEST_CASE("what is written reads back the same") {
  for (const char* claim :
       {R"("limit": "fd_per_process", "place": "server/web", "headroom_at_least": "20%")",
        R"("limit": "fd_per_process", "place": "server/web", "exhausted": true)", R"("capacity_at_least": 30000)",
        R"("sustains_at_least": 400, "workload": "load")", R"("headroom_at_least": "0%")"}) {
    const auto once = with_claim(claim);
    CAPTURE(claim);
    REQUIRE(once);
    const std::string written = scenarios::scenario_text(*once);
    const auto twice = scenarios::load_scenario(written, "again.json", scenarios::ProfileSet::built_in());
    REQUIRE(twice);
    CHECK(scenarios::scenario_text(*twice) == written);
    CHECK(twice->expect.front().claim->said == once->expect.front().claim->said);
    CHECK(twice->expect.front().claim->place == once->expect.front().claim->place);
  }
}

TEST_CASE("a claim that points nowhere is refused with its place and what was meant") {
  using Catch::Matchers::Contains;
  CHECK_THAT(trouble_with(R"("limit": "fd_per_proces", "place": "server/web", "exhausted": true)"),
             Contains("/expect/0/limit") && Contains("did you mean fd_per_process?"));
  CHECK_THAT(trouble_with(R"("limit": "fd_per_process", "place": "server/wob", "exhausted": true)"),
             Contains("/expect/0/place") && Contains("did you mean web?"));
  CHECK_THAT(trouble_with(R"("limit": "fd_per_process", "place": "servr", "exhausted": true)"), Contains("server"));
  CHECK_THAT(trouble_with(R"("sustains_at_least": "1/s", "workload": "lood")"), Contains("did you mean load?"));
  CHECK_THAT(trouble_with(R"("limit": "fd_per_process", "headroom_at_least": "20%")"), Contains("add \"place\""));
  CHECK_THAT(trouble_with(R"("place": "server/web", "headroom_at_least": "20%")"), Contains("add \"limit\""));
  CHECK_THAT(trouble_with(R"("headroom_at_least": "20")"), Contains("a share"));
  CHECK_THAT(trouble_with(R"("headroom_at_least": "100%")"), Contains("a share"));
  CHECK_FALSE(trouble_with(R"("capacity_at_least": -1)").empty());
  CHECK_FALSE(trouble_with(R"("exhausted": true)").empty());
  CHECK_FALSE(trouble_with(R"("capacity_at_least": 1, "headroom_at_least": "1%")").empty());
  CHECK_FALSE(trouble_with(R"("capacity_at_least": 1, "at": "/workloads/load/established")").empty());
  CHECK_FALSE(trouble_with(R"("capacity_at_least": 1, "workload": "load")").empty());
  CHECK_FALSE(trouble_with(R"("limit": "memory", "place": "server", "sustains_at_least": "1/s")").empty());
  CHECK_FALSE(trouble_with(R"("limit": "fd_per_process", "place": "server/web")").empty());
}

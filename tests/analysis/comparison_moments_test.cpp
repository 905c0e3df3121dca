// What a busy machine's queues do for a moment, and what is seen of places that come and go.
#include "analysis/comparison/comparison.hpp"

#include "tests/analysis/checks.hpp"
#include "tests/analysis/out_of_ports.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a queue that more meet at one instant than it has places may overflow for a moment, another one may not") {
  const auto overflowing = [](std::uint64_t places, RunResult predicted) {
    predicted.limits = {
        {.limit = Limit::listen_backlog,
         .place = {ListenerPlace{
             .on = {Name("server")}, .process = Name("web"), .endpoint = *Endpoint::parse("0.0.0.0:443")}},
         .capacity = places,
         .peak = 1,
         .exhausted = false,
         .first_exhausted_at = {}}};
    RunResult observed = predicted;
    observed.hosts["server"].listen_drops = observed.hosts["server"].listen_overflows = 5;
    observed.limits[0].exhausted = true;
    observed.binding = PlacedLimit{Limit::listen_backlog, observed.limits[0].place};
    observed.workloads["load"].failures[0].first_at += seconds(10);
    return compare(paced(), predicted, observed);
  };
  // A connection a millisecond: in the 250 ms of a turn some 251 of them come.
  const auto small = overflowing(6, exhausted());
  const auto large = overflowing(512, exhausted());
  for (const char* const metric : {"/hosts/server/listen_drops", "/hosts/server/listen_overflows",
                                   "/binding_limit/limit", "/workloads/load/failures/0/first_at_ns"}) {
    CAPTURE(metric);
    CHECK(verdict_of(small, metric) == CheckVerdict::not_determined);
    CHECK(verdict_of(large, metric) == CheckVerdict::differs);
  }
}

TEST_CASE("who looks now and then sees at most the ports that were in use") {
  RunResult predicted = exhausted();
  predicted.limits = {{.limit = Limit::ephemeral_ports,
                       .place = way_out(),
                       .capacity = 28232,
                       .peak = 300,
                       .exhausted = false,
                       .first_exhausted_at = {}}};
  Scenario ending = paced();
  ending.workloads.at("load").hold = HoldConstant{seconds(1)};
  const auto seen = [&](std::uint64_t peak, const Scenario& scenario) {
    RunResult observed = predicted;
    observed.limits[0].peak = peak;
    return verdict_of(compare(scenario, predicted, observed), "/limits/0/peak");
  };
  CHECK(seen(300, ending) == CheckVerdict::agrees);
  CHECK(seen(20, ending) == CheckVerdict::agrees);
  CHECK(seen(500, ending) == CheckVerdict::not_determined);
  CHECK(seen(20, paced()) == CheckVerdict::differs);
}

TEST_CASE(
    "a full queue has all its places taken in the end where nobody accepts, and perhaps not where somebody does") {
  const auto seen_empty = [](const AcceptPolicy& accept) {
    Scenario scenario = paced();
    scenario.hosts.at("server").processes.front().listeners.front().accept = accept;
    RunResult predicted = exhausted();
    predicted.limits = {
        {.limit = Limit::listen_backlog,
         .place = {ListenerPlace{.on = {Name("server")},
                                 .process = Name(scenario.hosts.at("server").processes.front().name),
                                 .endpoint = scenario.hosts.at("server").processes.front().listeners.front().endpoint}},
         .capacity = 6,
         .peak = 6,
         .exhausted = true,
         .first_exhausted_at = {}}};
    RunResult observed = predicted;
    observed.limits[0].peak = 0;
    return verdict_of(compare(scenario, predicted, observed), "/limits/0/peak");
  };
  CHECK(seen_empty(AcceptStalled{}) == CheckVerdict::differs);
  CHECK(seen_empty(AcceptImmediately{}) == CheckVerdict::not_determined);
}

// What a busy machine's queues do for a moment, and what is seen of places that come and go.
#include "analysis/comparison/comparison.hpp"

#include "tests/analysis/checks.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// client 10.0.0.5 -> 10.1.0.9:443
Place the_way_out() {
  return {OutboundPlace{.on = {Name("client")},
                        .source = *IpAddress::parse("10.0.0.5"),
                        .destination = *Endpoint::parse("10.1.0.9:443")}};
}

RunResult ports_exhausted() {
  RunResult result;
  WorkloadResult& load = result.workloads["load"];
  load.attempted = 320;
  load.established = load.open_at_end = load.peak_open = 300;
  load.failed = 20;
  load.failures = {{.limit = Limit::ephemeral_ports,
                    .place = the_way_out(),
                    .error = Error::eaddrnotavail,
                    .count = 20,
                    .first_at = time_zero + milliseconds(300),
                    .first_after_established = 300}};
  ProcessResult& web = result.hosts["server"].processes["web"];
  web.accepted = web.accepted_least = web.accepted_most = 300;
  web.descriptors_peak = 304;
  result.hosts["client"].processes["app"].descriptors_peak = 304;
  result.binding = PlacedLimit{Limit::ephemeral_ports, the_way_out()};
  return result;
}

Scenario one_a_millisecond(std::uint64_t connections = 320) {
  Scenario scenario = outbound(connections);
  set_range(scenario, 40'000, 300);
  scenario.workloads.at("load").arrivals = ConstantRate{milliseconds(1)};
  return scenario;
}

}  // namespace

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
    return compare(one_a_millisecond(), predicted, observed);
  };
  // A connection a millisecond: in the 250 ms of a turn some 251 of them come.
  const auto small = overflowing(6, ports_exhausted());
  const auto large = overflowing(512, ports_exhausted());
  for (const char* const metric : {"/hosts/server/listen_drops", "/hosts/server/listen_overflows",
                                   "/binding_limit/limit", "/workloads/load/failures/0/first_at_ns"}) {
    CAPTURE(metric);
    CHECK(verdict_of(small, metric) == CheckVerdict::not_determined);
    CHECK(verdict_of(large, metric) == CheckVerdict::differs);
  }
}

TEST_CASE("who looks now and then sees at most the ports that were in use") {
  RunResult predicted = ports_exhausted();
  predicted.limits = {{.limit = Limit::ephemeral_ports,
                       .place = the_way_out(),
                       .capacity = 28232,
                       .peak = 300,
                       .exhausted = false,
                       .first_exhausted_at = {}}};
  Scenario ending = one_a_millisecond();
  ending.workloads.at("load").hold = HoldConstant{seconds(1)};
  const auto seen = [&](std::uint64_t peak, const Scenario& scenario) {
    RunResult observed = predicted;
    observed.limits[0].peak = peak;
    return verdict_of(compare(scenario, predicted, observed), "/limits/0/peak");
  };
  CHECK(seen(300, ending) == CheckVerdict::agrees);
  CHECK(seen(20, ending) == CheckVerdict::agrees);
  CHECK(seen(500, ending) == CheckVerdict::not_determined);
  CHECK(seen(20, one_a_millisecond()) == CheckVerdict::differs);
}

TEST_CASE(
    "a full queue has all its places taken in the end where nobody accepts, and perhaps not where somebody does") {
  const auto seen_empty = [](const AcceptPolicy& accept) {
    Scenario scenario = one_a_millisecond();
    scenario.hosts.at("server").processes.front().listeners.front().accept = accept;
    RunResult predicted = ports_exhausted();
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

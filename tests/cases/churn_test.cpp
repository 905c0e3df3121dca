// Connections that end by themselves: what the first line of a run and of an analysis says of each input, in one
// meaning of the words. What a run counts of these Linux 6.18 counted as well.
#include <string>

#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

// Both first lines have these words.
void both_say(const char* input, const std::string& lead, const std::string& breaks) {
  check({
      {input, run, "/summary", "says " + lead},
      {input, run, "/summary", "says " + breaks},
      {input, capacity, "/summary", "says " + lead},
      {input, capacity, "/summary", "says " + breaks},
  });
}

const std::string ports_of_c = "breaks first at ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80, EADDRNOTAVAIL) ";

}  // namespace

TEST_CASE("workloads that share a pool sustain its rate together, and fail after connections of them all") {
  both_say("churn/two-share-a-pool", "sustains 0.332 of 10.000 a second (2 workloads together)",
           ports_of_c + "after 20 connections, at 2 s");
  both_say("churn/each-alone-would-fit", "sustains 0.332 of 0.400 a second (2 workloads together)",
           ports_of_c + "after 20 connections, at 50 s");
  both_say("churn/each-alone-would-fit-ten-ports", "sustains 0.166 of 0.200 a second (2 workloads together)",
           ports_of_c + "after 10 connections, at 50 s");
  both_say("churn/unlike-ones-share-a-pool", "sustains 0.332 of 6.000 a second (2 workloads together)",
           ports_of_c + "after 20 connections, at 3.2 s");
  check({
      {"churn/two-share-a-pool", run, "/summary", "says ; 66.6 % failed; "},
      {"churn/each-alone-would-fit", run, "/summary", "says ; 20.0 % failed; "},
      {"churn/two-share-a-pool", run, "/workloads/k1/failures/0/first_after_established", "10"},
  });
}

TEST_CASE("ports that others keep for ever are no part of what short connections sustain") {
  both_say("churn/long-ones-leave-two-ports", "sustains 0.033 of 2.000 a second",
           ports_of_c + "after 10 connections, at 2 s");
  both_say("churn/long-ones-leave-half", "sustains 0.166 of 5.000 a second",
           ports_of_c + "after 20 connections, at 3 s");
  both_say("churn/long-ones-leave-too-few", "sustains 0.166 of 0.300 a second",
           ports_of_c + "after 20 connections, at 33.38333333 s");
}

TEST_CASE("ports run out although those that are not accepted only wait") {
  both_say("churn/ports-run-out-while-a-server-is-full", "sustains 0.163 of 5.000 a second, holds 2 connections",
           ports_of_c + "after 10 connections, at 2 s");
}

TEST_CASE("of two pools the one that fails first is in the whole sentence") {
  both_say("churn/two-pools", "sustains 0.066 of 5.000 a second",
           "breaks first at ephemeral_ports (d 10.0.1.1 -> 10.1.0.1:80, EADDRNOTAVAIL) after 4 connections, at 0.85 s");
}

TEST_CASE("a program that accepts at a pace of its own bounds what is sustained") {
  both_say("churn/paced-accept-too-slow", "sustains 2.000 of 20.000 a second", "breaks first at listen_backlog (");
  both_say("churn/paced-accept-slow", "sustains 2.000 of 10.000 a second", "breaks first at listen_backlog (");
  both_say("churn/paced-accept-fast-enough", "holds 1 connection; nothing breaks",
           "first above 2.000 a second (1.000 asked for): listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT)");
  both_say("churn/never-accepted", "sustains 0.000 of 1.000 a second, holds 0 connections",
           "breaks first at listen_backlog (");
  check({{"churn/paced-accept-too-slow", run, "/summary", "says ; 85.0 % failed; "},
         {"churn/never-accepted", run, "/summary", "says ; 90.0 % failed; "}});
}

TEST_CASE("the queue of a slow program fills, although ports would last for fewer connections in the long run") {
  both_say("churn/paced-accept-and-narrower-ports", "sustains 16.638 of 40.000 a second", "break");
  const char* const ports_later = "says (s/w 0.0.0.0:80, ETIMEDOUT); in the long run ephemeral_ports";
  check({
      {"churn/paced-accept-and-narrower-ports", capacity, "/summary", "says may break first at listen_backlog"},
      {"churn/paced-accept-and-narrower-ports", capacity, "/summary", ports_later},
      {"churn/paced-accept-and-narrower-ports", run, "/summary", "says after 70 connections, at 3.275 s"},  // kernel
  });
  // Where ports run out before anybody has waited in vain, they are first.
  const std::string few = "/hosts/c/settings/net.ipv4.ip_local_port_range=40000 40049";
  check({
      {"churn/paced-accept-and-narrower-ports",
       capacity,
       "/summary",
       "says breaks first at ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80, EADDRNOTAVAIL) after 50 ",
       {few}},
      {"churn/paced-accept-and-narrower-ports", run, "/summary", "says breaks first at ephemeral_ports", {few}},
      // All that are not served meanwhile have room in the queue.
      {"churn/paced-accept-and-narrower-ports",
       capacity,
       "/summary",
       "says nothing breaks",
       {"/workloads/w/connections=8"}},
      {"churn/paced-accept-and-narrower-ports", run, "/summary", "says nothing breaks", {"/workloads/w/connections=8"}},
  });
}

TEST_CASE("those that come at random may fill the queue of a program that is fast enough for their mean") {
  const char* const nothing = "says nothing breaks";
  const char* const first = "says may break first at listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT)";
  check({
      {"churn/paced-accept-by-chance", capacity, "/summary", first},
      {"churn/paced-accept-by-chance", run, "/summary", "says breaks first at listen_backlog"},  // kernel
      {"churn/paced-accept-by-chance-and-descriptors", capacity, "/summary", first},
      {"churn/paced-accept-by-chance-and-descriptors", run, "/summary", "says breaks first at listen_backlog"},
      // ... but not one for a whole second of them, as the chance is far below one in a million.
      {"churn/paced-accept-by-chance", capacity, "/summary", nothing, {"/hosts/s/processes/w/listeners/0/backlog=200"}},
      {"churn/paced-accept-by-chance", run, "/summary", nothing, {"/hosts/s/processes/w/listeners/0/backlog=200"}},
  });
}

TEST_CASE("full programs bound what is sustained") {
  both_say("churn/server-closes-few-descriptors", "sustains 4.000 of 20.000 a second, holds 4 connections",
           "breaks first at fd_per_process (s/w, EMFILE)");
  // Little is missing here: clients ask again, and are served late; those that fail find no port.
  both_say("churn/server-closes-few-descriptors-and-ports", "sustains 4.000 of 5.000 a second, holds 4 connections",
           "break");
  check({{"churn/server-closes-few-descriptors-and-ports", run, "/summary",
          "says " + ports_of_c + "after 34 connections"},
         {"churn/server-closes-few-descriptors-and-ports", run, "/summary", "says in the long run fd_per_process (s/w"},
         {"churn/server-closes-few-descriptors-and-ports", capacity, "/summary", "says may break first at"}});
  check({{"churn/server-closes-few-descriptors", run, "/summary",
          "says ; 70.0 % failed; breaks first at fd_per_process (s/w, EMFILE) after 4 connections, at 0.2 s"}});
}

TEST_CASE("gaps and hold times that are drawn, and ramps, have a rate as well") {
  both_say("churn/poisson", "sustains 0.166 of 5.000 a second", ports_of_c + "after 10 ");
  both_say("churn/exponential-hold", "sustains 0.166 of 5.000 a second", ports_of_c + "after 10 connections, at 2 s");
  both_say("churn/ramp", "sustains 0.166 of 10.000 a second", ports_of_c + "after 10 connections, at 4.472135955 s");
  check({{"churn/poisson", capacity, "/capacity", "1 to 10"},
         {"churn/exponential-hold", capacity, "/capacity", "1 to 10"},
         {"churn/ramp", capacity, "/capacity", "at most 2"}});
}

TEST_CASE("what is asked for is never below what is sustained") {
  both_say("churn/entries-at-the-beginning", "holds 1 connection; ",
           ports_of_c + "after 6 connections, at 37.267080744 s");
}

TEST_CASE("a rate is printed as it was written") {
  const auto of = [](const std::string& rate, const std::string& printed) {
    const std::string arrivals = "/workloads/x/arrivals/rate=" + rate;
    check({{"churn/round-rates", capacity, "/steady_state/0/offered_per_second", printed, {arrivals}}});
  };
  of("7/s", "7.000");
  of("11/s", "11.000");
  of("18/s", "18.000");
  of("3000/s", "3000.000");
  of("0.166/s", "0.166");
  of("70000/s", "70000.000");
  of("20/min", "0.333");
  of("1/min", "0.017");
}

TEST_CASE("held are those that both ends have at one moment") {
  for (const char* input : {"churn/closes-before-connects", "churn/two-pools"}) {
    const std::string right = input == std::string("churn/two-pools") ? "2" : "1";
    check({{input, capacity, "/capacity", right}});
  }
  check({{"churn/closes-before-connects", run, "/held_peak", "1"},
         {"churn/both-ends-a-second-apart", run, "/held_peak", "2"},
         {"churn/both-ends-a-second-apart", capacity, "/capacity", "2"},
         {"scenarios/user-scraper", capacity, "/capacity", "801"},
         {"scenarios/user-tw", run, "/held_peak", "201"},
         {"scenarios/user-tw", capacity, "/capacity", "201"}});
}

TEST_CASE("the first failure comes after as many as run counts, whatever way they go") {
  const auto after = [](const std::string& input, const char* count) {
    check({
        {input.c_str(), run, "/summary",
         std::string("says after ") + count + (count == std::string("1") ? " connection" : " connections")},
        {input.c_str(), capacity, "/steady_state/0/first_failure_after", std::string("contains ") + count},
    });
  };
  after("churn/destination-listed-twice", "15");
  after("churn/named-ports-destination-listed-twice", "1");  // kernel
  after("churn/two-destinations-from-one-source", "9");      // kernel
  after("churn/named-ports-to-nowhere", "1");
  after("churn/ramp-to-the-own-listener", "2");
  after("churn/one-way-comes-back-sooner", "5");  // kernel: over loopback a port is free again after a second
  after("churn/two-lists-of-named-ports", "2");   // kernel
  check({{"engines/ports-kept-by-the-unanswered", capacity, "/steady_state/0/first_failure_after", "contains 0"}});
}

TEST_CASE("a client whose server closes has its descriptor for another round trip") {
  const char* const first = "says breaks first at fd_per_process (other-server/web, EMFILE)";
  check({
      {"churn/server-closes-a-round-trip-later", run, "/summary", first},
      {"churn/server-closes-a-round-trip-later", capacity, "/summary", first},
  });
}

TEST_CASE("one turn in twelve that finds nobody breaks, however few are open at once") {
  const char* const first = "says breaks first at no_listener (server[3] -> [2001:db8:1::a]:9, ECONNREFUSED)";
  check({
      {"churn/hosts-take-turns-apart", run, "/summary", first},
      {"churn/hosts-take-turns-apart", capacity, "/summary", first},
      {"churn/hosts-take-turns-apart", run, "/summary", "says nothing breaks", {"/workloads/load/connections=5"}},
      {"churn/hosts-take-turns-apart", capacity, "/summary", "says nothing breaks", {"/workloads/load/connections=5"}},
  });
}

TEST_CASE("what need not fail is not said to") {
  check({
      {"churn/each-host-its-own-ports", run, "/summary", "says nothing breaks"},
      {"churn/each-host-its-own-ports", capacity, "/summary", "says may break first"},
  });
}

}  // namespace netlimits::cases

// Connections that end, of which some ways, some programs or some others are unlike: "R to R2", and "first above R to
// R2", where one figure would say too much or too little.
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {

TEST_CASE("where one way is too narrow, what all may ask for and what gets through in all are both said") {
  check({
      {"churn/stalled-server-beside-a-live-one", run, "/summary", "says sustains 0.000 to 4.500 of 9.000 a second"},
      {"churn/stalled-server-beside-a-live-one", capacity, "/summary",
       "says sustains 0.000 to 4.500 of 9.000 a second, holds 4 to 5 connections"},
      {"churn/one-way-is-narrow", run, "/workloads/a/established", "12"},
      {"churn/one-way-is-narrow", run, "/summary", "says sustains 0.065 to 0.532 of 1.000 a second"},
      {"churn/one-of-two-servers-is-small", run, "/summary", "says sustains 8.000 to 8.500 of 9.000 a second"},
      {"churn/one-of-two-servers-is-small", run, "/summary", "says holds 9 connections; nothing breaks"},
      {"churn/one-of-two-servers-is-small", capacity, "/capacity", "contains 9"},
      {"churn/too-slow-beside-a-fast-one", run, "/summary",
       "says sustains 4.000 to 6.500 of 9.000 a second, holds 7 connections"},
      {"churn/too-slow-beside-a-fast-one", capacity, "/summary", "says holds 4 to 7 connections"},
      {"churn/named-ports-towards-two", run, "/summary", "says sustains 0.016 to 0.081 of 1.000 a second"},
  });
}

TEST_CASE("who would stay, and comes later, may be refused, and then the others are sustained") {
  check({
      {"churn/some-stay-later", run, "/workloads/a/failed", "0"},
      {"churn/some-stay-later", run, "/summary", "says holds 6 connections; breaks first at fd_per_process (c/app"},
  });
}

TEST_CASE("nobody fails up to a rate at which ports are left that others have for a while") {
  check({
      {"churn/entries-leave-few-ports", run, "/summary", "says nothing breaks; first above 0.098 to 0.163 a second"},
      {"churn/entries-leave-few-ports", run, "/summary", "says breaks first", {"/workloads/a/arrivals/rate=0.101/s"}},
      {"churn/entries-leave-few-ports", run, "/workloads/a/failed", "0", {"/workloads/a/arrivals/rate=0.098/s"}},
      {"churn/burst-beside-a-rate",
       run,
       "/summary",
       "says nothing breaks; first above 0.098 to 0.163 a second",
       {"/workloads/a/arrivals/rate=0.09/s"}},
      {"churn/burst-beside-a-rate", run, "/summary", "says breaks first"},
  });
}

TEST_CASE("which rate a slow program bounds is said, and not what descriptors alone would") {
  check({
      {"churn/slow-server-beside-a-fast-one", run, "/summary",
       "says holds 10 connections; nothing breaks; first above 10.000 a second (9.000 asked for): listen_backlog"},
      {"churn/slow-server-beside-a-fast-one", capacity, "/summary",
       "says holds 10 connections; nothing breaks; first above 10.000"},
      {"churn/slow-server-of-few-descriptors", run, "/summary",
       "says nothing breaks; in the long run listen_backlog (v/web 10.1.0.9:443"},
      {"churn/paced-by-two-instances", run, "/summary", "says first above 5.000 to 10.000 a second (9.900 asked for)"},
  });
}

TEST_CASE("who has no address of the family is told at once, and long before ports run out") {
  check({
      {"churn/no-way-of-the-family", run, "/summary",
       "says breaks first at no_route (c :: -> [2001:db8::9]:443, ENETUNREACH)"},
      {"churn/no-way-of-the-family", capacity, "/summary",
       "says breaks first at no_route (c :: -> [2001:db8::9]:443, ENETUNREACH)"},
  });
}

TEST_CASE("where the scenario ends while chance decides, it may break") {
  check({{"churn/ends-while-chance-decides", capacity, "/summary", "says may break first at ephemeral_ports"}});
}

TEST_CASE("those that wait at one of several programs come beside those that the others have") {
  check({
      {"engines/shared-endpoint-server-closes", run, "/summary", "says holds 8 connections; nothing breaks"},
      {"engines/shared-endpoint-server-closes", capacity, "/summary", "says holds 4 to 8 connections; nothing breaks"},
  });
}

TEST_CASE("ports that others have left in TIME_WAIT let fewer be there at once") {
  check({
      {"engines/ports-of-others-in-time-wait", run, "/summary", "says holds 5 connections"},
      {"engines/ports-of-others-in-time-wait", capacity, "/summary", "says holds 5 to 10 connections"},
  });
}

}  // namespace netlimits::cases

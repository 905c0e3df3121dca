// Connections that end by themselves, in first lines: what fails first, after how many and when, is what a run of the
// same input finds, or is said to be open. "kernel" in a row: Linux 6.18 counted what the run of that input did.
#include <string>
#include <vector>

#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

void both_say(const char* input, const std::string& words, const std::vector<std::string>& with = {}) {
  check({{input, run, "/summary", "says " + words, with}, {input, capacity, "/summary", "says " + words, with}});
}

const std::string no_port = "ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80, EADDRNOTAVAIL)";

}  // namespace

TEST_CASE("a port whose server never closes comes back when FIN_WAIT_2 is over") {
  both_say("short/fin-wait-2", "nothing breaks; at most 0 accepted at once: listen_backlog");
  check({{"short/fin-wait-2", run, "/workloads/w/established", "40"},  // kernel
         {"short/fin-wait-2", capacity, "/steady_state/0/first_failure_after", "none"}});
  // Where it lasts longer than the ports do, they run out.
  const std::string longer = "/hosts/c/settings/net.ipv4.tcp_fin_timeout=5";
  both_say("short/fin-wait-2", "breaks first at " + no_port + " after 10 connections, at 2.5 s", {longer});
}

TEST_CASE("places in the queue of a server that never accepts do not come back, and refuse whoever is one too many") {
  both_say("short/stalled-short", "breaks first at listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT)");  // kernel
  both_say("short/stalled-short", "nothing breaks", {"/workloads/w/connections=4"});
  both_say("short/stalled-short", "breaks first at listen_backlog", {"/workloads/w/connections=5"});
}

TEST_CASE("those that a full queue never lets in keep their ports until they give up") {
  both_say("short/stalled-pile",
           "breaks first at " + no_port + " after 2 connections, at 1 s; in the long run listen");  // kernel
  both_say("short/stalled-reset",
           "breaks first at " + no_port + " after 41 connections, at 5.1 s; in the long run ");  // kernel
  // Handshakes that are under way have a place or not, and nobody knows it here.
  check({{"short/stalled-apart", run, "/summary", "says breaks first at " + no_port},
         {"short/stalled-apart", capacity, "/summary", "says may break first at listen_backlog"}});
}

TEST_CASE("ports that another workload left in TIME_WAIT are taken for whoever names them") {
  check({
      {"short/ports-in-time-wait", run, "/workloads/v/failed", "3"},  // kernel
      {"short/ports-in-time-wait", run, "/summary", "says breaks first at port_in_use"},
      {"short/ports-in-time-wait", capacity, "/summary",
       "says breaks first at port_in_use (c 10.0.0.1 -> 10.1.0.1:80, EADDRINUSE) after 3 connections, at 2 s"},
  });
  for (const char* other : {"/workloads/v/start=63s", "/workloads/w/close=\"reset\""})
    both_say("short/ports-in-time-wait", "nothing breaks", {other});
}

TEST_CASE("no rate is said to be the first that fails where more is asked for, and nothing fails") {
  for (const char* input : {"short/ramp-down", "short/churn-over-before-forever"}) {
    both_say(input, "nothing breaks; first at ");
  }
  both_say("short/ramp-down", "nothing breaks", {"/workloads/w/arrivals/ramp/from=5.2/s"});
  both_say("short/churn-over-before-forever", "nothing breaks", {"/workloads/v/arrivals/rate=0.156/s"});
}

TEST_CASE("below the rate that is named first nothing fails, however several workloads come together") {
  both_say("short/three-workloads-first-above",
           "nothing breaks; first above 1.046 to 1.162 a second (0.500 asked for by 3 workloads together)");
  const auto at = [](const char* u, const char* v) {
    return std::vector<std::string>{std::string("/workloads/u/arrivals/rate=") + u,
                                    std::string("/workloads/w/arrivals/rate=") + u,
                                    std::string("/workloads/v/arrivals/rate=") + v};
  };
  both_say("short/three-workloads-first-above", "nothing breaks", at("0.209/s", "0.627/s"));  // 1.045
  both_say("short/three-workloads-first-above", "breaks first at " + no_port, at("0.22/s", "0.66/s"));
}

TEST_CASE(
    "what is narrower in the long run is met when the run met it, and at no moment where others are refused first") {
  check({
      {"short/long-run-moment", run, "/workloads/w/failures/1/first_at_ns", "2000000000"},  // kernel
      {"short/long-run-moment", run, "/summary",
       "says in the long run, after 10 connections, at 2 s: ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80"},
      {"short/long-run-moment", capacity, "/summary",
       "says in the long run ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80"},
  });
}

TEST_CASE("those that wait for a full queue may take all descriptors of their program before one of them is told") {
  check({
      {"short/paced-pile", run, "/summary", "says breaks first at fd_per_process (c/a, EMFILE)"},
      {"short/paced-pile", capacity, "/summary", "says may break first at listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT)"},
  });
  both_say("short/paced-pile", "breaks first at listen_backlog", {"/hosts/c/settings/net.ipv4.tcp_syn_retries=1"});
}

TEST_CASE("no moment is named where chance decides when it is") {
  for (const char* input : {"short/at-zero-seconds", "short/at-zero-seconds-2"})
    check({{input, capacity, "/steady_state/0/first_failure_at_ns", "none"}});
  check({{"short/at-zero-seconds", capacity, "/summary", "says may break first at ephemeral_ports"}});
}

TEST_CASE("what is sustained is a bound: a place that a refused attempt leaves idle serves nobody") {
  both_say("short/sustains-not-sustained", "sustains 9.900 of 10.000 a second");
  check({{"short/sustains-not-sustained", run, "/workloads/w1/established", "at most 197"}});  // of 200
}

TEST_CASE(
    "a program at both ends has the descriptors of both for them together, and whoever waits for one has it shorter") {
  const char* const input = "short/short-ones-at-both-ends";
  check({
      {input, run, "/workloads/w/failed", "0"},  // kernel
      {input, run, "/workloads/v/failed", "46"},
      {input, capacity, "/steady_state/0/sustained_per_second", "10.526"},  // 20 in 1.9 s
      {input, capacity, "/steady_state/0/sustained_at_most_per_second", "20.000"},
      {input, capacity, "/summary", "says may break first at fd_per_process (m/p, EMFILE)"},
  });
}

TEST_CASE("who has the ports that short and long connections share is a matter of who comes first") {
  both_say("short/short-and-long-share-a-pool", "sustains 0.163 to 1.131 of 3.000 a second (2 workloads together)");
  check({{"short/short-and-long-share-a-pool", run, "/workloads/a/failed", "0"}});  // 1.0 a second of them
}

TEST_CASE("whoever comes where nobody listens is told before the ports of the others run out") {
  both_say("short/nobody-listens-at-one",
           "breaks first at no_listener (client 10.0.0.5 -> 10.1.0.9:444, ECONNREFUSED)");
  both_say("short/nobody-listens-at-one", "in the long run, after 10 connections, at 20 s: ephemeral_ports");
}

}  // namespace netlimits::cases

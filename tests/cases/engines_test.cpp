// Small inputs on which the engines differed once, from each other or from a kernel: what each has to say. "kernel" in
// a comment: Linux 6.18 was asked.
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/script_loader.hpp"
#include "sim/replay.hpp"
#include "sim/script_on_model.hpp"
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

// Inputs that are no scenarios.
bool is_script(const std::string& input) { return input == "engines/script-ipv6-scope"; }

}  // namespace

TEST_CASE("the first line names what binds first") {
  check({
      {"engines/sentence-332", run, "/summary", "says first at 3 to 4: ephemeral_ports"},
      {"engines/sentence-332", capacity, "/capacity", "3 to 4"},
      {"engines/sentence-332", capacity, "/binding/0/limit", "ephemeral_ports"},
      {"engines/sentence-stalled", run, "/summary", "says at most 0 accepted at once: listen_backlog"},
      {"engines/sentence-stalled", capacity, "/binding/0/limit", "listen_backlog"},
      {"engines/sentence-72", run, "/summary", "says first at 6 to 12: ephemeral_ports"},
      {"engines/sentence-72", capacity, "/binding/0/limit", "ephemeral_ports"},
      {"engines/sentence-263", run, "/summary", "says first at 5 to 7: fd_per_process"},
      {"engines/sentence-263", capacity, "/ladder/0/binding/0/limit", "fd_per_process"},
      {"engines/sentence-churn", run, "/summary", "says sustains 470.525 of 1000.000 a second"},
      {"engines/sentence-churn", run, "/summary", "says first after 28,232 connections, at 28.232 s: ephemeral_ports"},
      {"engines/sentence-churn", capacity, "/summary", "says sustains 470.525 of 1000.000 a second"},
      {"engines/sentence-churn", capacity, "/summary", "says first after 28,232 connections, at 28.232 s"},
  });
}

TEST_CASE("what was dropped breaks, although the run ends before its client is told") {
  const char* const syn_queue = "says breaks first at syn_backlog (s/w 0.0.0.0:80, ETIMEDOUT)";
  const char* const queue = "says breaks first at listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT)";
  const char* const nobody = "says breaks first at no_route (c 10.0.0.1 -> 10.250.0.1:80, ETIMEDOUT)";
  check({
      {"engines/syn-queue-full-at-the-end", run, "/summary", syn_queue},
      {"engines/syn-queue-full-at-the-end", run, "/workloads/w/failed", "0"},
      {"engines/syn-queue-full-at-the-end", run, "/summary", syn_queue, {"/duration=60s"}},
      {"scenarios/synqueue", run, "/binding_limit/limit", "syn_backlog"},
      {"engines/queue-full-at-the-end", run, "/summary", queue},
      {"engines/queue-full-at-the-end", run, "/workloads/w/pending_at_end", "14"},
      {"engines/queue-full-at-the-end", capacity, "/summary", queue},
      {"engines/nobody-answers-until-the-end", run, "/summary", nobody},
      {"engines/nobody-answers-until-the-end", capacity, "/summary", nobody},
      {"engines/vanished-attempt", run, "/summary", nobody},
      {"engines/vanished-attempt", capacity, "/summary", nobody},
      // Nothing was dropped of those that are merely under way.
      {"engines/under-way-at-the-end", run, "/workloads/w/pending_at_end", "20"},
      {"engines/under-way-at-the-end", run, "/summary", "says nothing breaks"},
  });
}

TEST_CASE("a run and an analysis name one place and one error of a refusal") {
  const auto both = [](const char* input, const char* words) {
    check({{input, run, "/summary", words}, {input, capacity, "/summary", words}});
  };
  both("churn/named-ports-come-again", "says breaks first at port_in_use (c 10.0.0.1 -> 10.1.0.1:80, EADDRINUSE)");
  both("churn/named-ports-whose-server-closes",
       "says first at 1,000: port_in_use (c 10.0.0.1 -> 10.1.0.1:80, EADDRINUSE)");
  both("engines/balancer-leads-to-its-client", "says breaks first at no_route (lb -> 10.1.0.1:80, ETIMEDOUT)");
  both("engines/no-way-to-one-of-two", "says breaks first at no_route (c 10.0.0.1 -> 10.1.0.2:80, ETIMEDOUT)");
}

TEST_CASE("a full server binds first, and a client that fails does not take another's place") {
  check({
      {"engines/capacity-turns-100", run, "/held_peak", "50"},  // kernel
      {"engines/capacity-turns-100", run, "/binding_limit/place", "s1/w"},
      {"engines/capacity-turns-100", capacity, "/capacity", "50"},
      {"engines/capacity-turns-100", capacity, "/binding/0/place", "s1/w"},
      {"engines/capacity-turns", run, "/held_peak", "3"},
      {"engines/capacity-turns", capacity, "/capacity", "3"},
      {"engines/capacity-est-below-cap-292", run, "/workloads/w0/established", "25"},
      {"engines/capacity-est-below-cap-292", capacity, "/established", "25"},
      {"engines/capacity-acc-above-cap-713", run, "/held_peak", "5"},  // kernel
      {"engines/capacity-acc-above-cap-713", capacity, "/capacity", "5"},
      {"engines/capacity-acc-above-cap-196", run, "/held_peak", "5"},
      {"engines/capacity-acc-above-cap-196", capacity, "/capacity", "contains 5"},
      {"engines/capacity-est-below-cap-255", run, "/workloads/w2/established", "0"},
      {"engines/capacity-est-below-cap-255", capacity, "/established", "0"},
  });
}

// Both ends draw from one process. Two programs begin a connection at one instant here: a kernel had 40 accepted and 4
// failures, and 41 and 5, as its programs happened to come.
TEST_CASE("a lower bound is one where a program connects to itself") {
  check({
      {"engines/capacity-both-ends-25", run, "/hosts/s/processes/w/accepted", "40 to 41"},
      {"engines/capacity-both-ends-25", run, "/workloads/self/failures/0/count", "4 to 5"},
      {"engines/capacity-both-ends-25", run, "/workloads/self/failures/0/error", "EMFILE"},
      {"engines/capacity-both-ends-25", run, "/binding_limit/place", "s/w"},
      {"engines/capacity-both-ends-25", capacity, "/capacity", "contains 40"},
      {"engines/capacity-both-ends-25", capacity, "/capacity", "contains 41"},
      {"engines/capacity-both-ends", run, "/summary", "says first at 40: fd_per_process"},
      {"engines/capacity-both-ends", capacity, "/summary", "says first at 40: fd_per_process"},
      {"engines/cap-first-at-437", capacity, "/summary", "says first at 678: fd_per_process"},
      {"engines/cap-first-at-437-grown", run, "/held_peak", "679"},
      {"engines/cap-first-at-437-grown", capacity, "/capacity", "contains 679"},
      {"engines/cap-first-at-71", capacity, "/ladder/0/capacity", "contains 1360"},
      {"engines/cap-first-at-71-grown", run, "/held_peak", "1360"},
      {"engines/cap-first-at-71-grown", capacity, "/capacity", "contains 1360"},
      // All clients of a process come before the first is accepted, or the other way round: half is held in any order.
      {"engines/cap-first-at-71-grown", capacity, "/capacity", "1020 to 2040"},
  });
}

TEST_CASE("without an address of the family there is no way") {
  check({
      {"engines/cap-no-source-of-family", run, "/workloads/in/failures/0/error", "ENETUNREACH"},  // kernel
      {"engines/cap-no-source-of-family", run, "/held_peak", "0"},
      {"engines/cap-no-source-of-family", capacity, "/capacity", "0"},
      {"engines/cap-no-source-of-family", capacity, "/summary", "says ENETUNREACH"},
  });
}

TEST_CASE("a broadcast address of the client's subnet is nobody to connect to, although a host has it") {
  check({
      {"engines/broadcast-of-own-subnet", run, "/workloads/w/failures/0/error", "ENETUNREACH"},  // kernel
      {"engines/broadcast-of-own-subnet", capacity, "/capacity", "0"},
      {"engines/broadcast-of-own-subnet", capacity, "/summary", "says ENETUNREACH"},
  });
}

TEST_CASE("a balancer moves a source port that the back end knows already, and its counts add up") {
  check({
      {"engines/balancer-and-direct", run, "/held_peak", "2"},  // kernel
      {"engines/balancer-and-direct", capacity, "/capacity", "2"},
      {"engines/balancer-and-direct-nofile", run, "/workloads/w/established", "8"},  // kernel
      {"engines/balancer-and-direct-nofile", capacity, "/established", "8"},
      {"engines/balancer-and-direct-other-client", run, "/held_peak", "7"},
      {"engines/balancer-and-direct-other-client", capacity, "/capacity", "7"},
      {"engines/two-balancers-one-back-end", run, "/held_peak", "2"},  // kernel
      {"engines/two-balancers-one-back-end", run, "/hosts/s/processes/w/descriptors_peak", "6"},
      {"engines/two-balancers-one-back-end", capacity, "/capacity", "2"},
  });
}

TEST_CASE("a client takes itself to be connected where a paced server lost the last segment") {
  check({
      {"engines/paced-accept-at-once", run, "/workloads/w0/established", "15"},  // kernel, six of six
      {"engines/at-once-accept-rate", run, "/workloads/w0/established", "15"},
      {"engines/paced-accept", run, "/workloads/w0/established", "15"},
      {"engines/paced-accept-at-once", capacity, "/established", "15"},
      {"engines/paced-accept-at-once", capacity, "/summary", "says accept rates are not looked at"},
      // SYNs that are sent again come together, eight at a time, and find the door open: 80 on the kernel, by validate
      // and with two programs of a few lines, over loopback and over a wire.
      {"engines/retried-syns-come-together", run, "/workloads/w/established", "80"},
      {"engines/retried-syns-come-together", capacity, "/capacity", "16"},
  });
}

TEST_CASE("TIME_WAIT entries are counted alike at most and at the end, and FIN_WAIT_2 is another thing") {
  check({
      {"engines/stalled-then-later", run, "/hosts/c/time_wait_peak", "0"},      // kernel
      {"engines/stalled-retry-timewait", run, "/hosts/c/time_wait_peak", "0"},  // kernel
      // Its server closes in turn, as soon as it has accepted.
      {"engines/full-server-client-closes", run, "/hosts/c/time_wait_peak", "10"},  // kernel
      {"engines/down-up-timewait", run, "/hosts/c/time_wait_peak", "20"},
      {"engines/down-up-timewait",
       run,
       "/hosts/c/time_wait_peak",
       "20",
       {"/events=[{\"at\":\"1314ms\",\"host_down\":\"c\"}]"}},
      {"engines/group-time-wait", run, "/hosts/c/time_wait_peak", "6"},
      {"engines/group-time-wait", run, "/hosts/c/time_wait_at_end", "6"},
      {"engines/inherited-short-connections", run, "/workloads/w/established", "90"},
  });
}

TEST_CASE("every attempt is in one figure") {
  check({
      {"engines/first-after-established", run, "/workloads/w/failures/0/first_after_established", "2"},
      {"engines/first-after-established", run, "/workloads/w/failures/1/first_after_established", "2"},
      {"engines/vanished-attempt", run, "/workloads/w/attempted", "3"},
      {"engines/vanished-attempt", run, "/workloads/w/vanished", "3"},
      {"engines/vanished-attempt", run, "/workloads/w/pending_at_end", "0"},
      {"engines/vanished-attempt", run, "/workloads/w/pending_at_end", "3", {"/events=[]", "/duration=600ms"}},
      {"engines/loopback-host-down", run, "/workloads/self/lost", "30"},
  });
}

TEST_CASE("several workloads share what their programs and ports have") {
  check({
      {"engines/at-once-two-programs", run, "/held_peak", "30"},
      {"engines/at-once-two-programs", capacity, "/capacity", "30"},
      {"engines/two-workloads-one-instant", run, "/held_peak", "29"},
      {"engines/two-workloads-one-instant", capacity, "/capacity", "29"},
      {"engines/two-workloads-share-pool", run, "/held_peak", "40"},
      {"engines/two-workloads-share-pool", capacity, "/capacity", "40"},
      {"engines/limit-peak-above-capacity", run, "/workloads/b/established", "4"},
      {"engines/limit-peak-above-capacity", run, "/binding_limit/place", "c 2001:db8::1 -> *"},
      {"engines/limit-peak-above-capacity", capacity, "/capacity", "contains 6"},
  });
}

TEST_CASE("every input keeps the laws of a run, and what capacity claims of it") {
  for (const char* folder : {"engines", "scenarios", "short"}) {
    for (const std::string& input : inputs_of(folder)) {
      CAPTURE(input);
      // They are long: the first is cut, the second is there to be timed.
      const bool cut = input == "scenarios/user-scraper";
      if (input == "scenarios/lifecycle-28k") continue;
      const auto scenario =
          is_script(input)
              ? std::optional<Scenario>()
              : std::optional(load(input, cut ? std::vector<std::string>{"/duration=60s"} : std::vector<std::string>())
                                  .value_or(Scenario{}));
      if (!scenario || scenario->workloads.empty()) continue;
      for (const fuzz::BrokenLaw& broken : fuzz::broken_laws(*scenario, sim::replay(*scenario))) {
        CAPTURE(broken.law, broken.what);
        CHECK(false);
      }
    }
  }
}

TEST_CASE("IPv6 addresses of one device only") {
  std::ifstream file(std::string(NETLIMITS_SOURCE_DIR) + "/tests/cases/engines/script-ipv6-scope.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto scripts = scenarios::load_scripts(text, "script-ipv6-scope.json");
  REQUIRE(scripts.has_value());
  CHECK(scripts->size() == 4);
  for (const Script& script : *scripts) {
    CAPTURE(script.name);
    const ScriptRun done = sim::ModelScriptRunner().run(script);
    CHECK(done.not_run.empty());
    CHECK(done.passed);
  }
}

TEST_CASE("those that are open at one moment may be any of the turns") {
  check({
      {"engines/round-from-any-turn", run, "/held_peak", "2"},  // kernel
      {"engines/round-from-any-turn", capacity, "/capacity", "contains 2"},
      {"engines/first-turn-to-itself", run, "/held_peak", "0"},
      {"engines/first-turn-to-itself", capacity, "/capacity", "contains 0"},
      {"engines/slow-server-closes", run, "/held_peak", "2"},  // kernel
      {"engines/slow-server-closes", capacity, "/capacity", "contains 2"},
  });
}

TEST_CASE("what clients of a process give back its servers can have") {
  check({
      {"engines/descriptors-given-back-to-the-server", run, "/held_peak", "9"},  // kernel
      {"engines/descriptors-given-back-to-the-server", capacity, "/capacity", "contains 9"},
  });
}

TEST_CASE("a port in TIME_WAIT that may be taken over a second later counts for those that come then") {
  check({
      {"engines/time-wait-taken-over-later", run, "/held_peak", "4"},
      {"engines/time-wait-taken-over-later", capacity, "/capacity", "contains 4"},
      {"engines/time-wait-taken-over-later", capacity, "/capacity", "contains 3"},
  });
}

}  // namespace netlimits::cases

// What broke first in a run, and what the rest of its first line says beside it: small inputs on which a figure of the
// run itself contradicted the sentence. "kernel": Linux 6.18 was asked.
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {

TEST_CASE("an accept() that only came late is no failure") {
  const char* const ports =
      "says breaks first at ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:80, EADDRNOTAVAIL) after 10 connections, at 5 s";
  check({
      {"engines/late-accept-then-ports", run, "/binding_limit/limit", "ephemeral_ports"},  // kernel
      {"engines/late-accept-then-ports", run, "/hosts/s/processes/w/queued_at_end", "0"},
      {"engines/late-accept-then-ports", run, "/summary", ports},
      {"engines/late-accept-then-ports", capacity, "/summary", ports},
      // Whoever waits when the run ends was refused a descriptor, and never had one: the second that came, at 0.5 s.
      {"engines/late-accept-then-ports",
       run,
       "/summary",
       "says breaks first at fd_per_process (s/w, EMFILE)",
       {"/duration=600ms"}},
      // With more ports nobody fails, and all are served.
      {"engines/late-accept-then-ports",
       run,
       "/binding_limit",
       "none",
       {"/hosts/c/settings/net.ipv4.ip_local_port_range=\"40000 40099\""}},
      // Those that stay keep what the others wait for.
      {"engines/late-accept-then-ports",
       run,
       "/summary",
       "says breaks first at fd_per_process (s/w, EMFILE)",
       {"/workloads/w/hold=\"forever\""}},
  });
}

TEST_CASE(
    "the descriptors that a queue waits for break first where somebody finds no room in it and comes to nothing") {
  check({
      // The first that no server ever had is dropped at 21 s; until then all that waited were served late.
      {"engines/unheard-and-gone", run, "/binding_limit/limit", "fd_per_process"},
      {"engines/unheard-and-gone", run, "/believed_at_end", "0"},
      {"engines/unheard-and-gone", run, "/believed_for_a_time", "39"},
      {"engines/unheard-and-gone", run, "/summary", "says (39 more for a time that only their clients knew)"},
      {"engines/unheard-and-gone", run, "/summary", "says , 30 more that only their clients know)", {"/duration=22s"}},
      {"engines/unheard-and-gone", run, "/workloads/w/established", "91", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/hosts/s/processes/w/accepted", "89", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/hosts/s/processes/w/queued_at_end", "2", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/summary",
       "says fd_per_process (s/w, EMFILE) after 89 connections, at 19.1 s"},
  });
}

TEST_CASE("what an analysis without the events says of more demand does not contradict what the run held") {
  check({
      {"engines/event-widens-the-range", run, "/held_peak", "8"},
      {"engines/event-widens-the-range", run, "/summary",
       "holds 8 connections; nothing breaks; beyond this run events are not looked at"},
      {"engines/event-lets-ports-be-reused", run, "/workloads/w/established", "100"},  // kernel
      {"engines/event-lets-ports-be-reused", run, "/summary",
       "holds 2 connections; nothing breaks; beyond this run events are not looked at"},
      {"engines/back-end-goes-down", run, "/held_peak", "37"},  // kernel
      {"engines/back-end-goes-down", run, "/summary",
       "holds 37 connections, 3 lost; nothing else breaks; beyond this run events are not looked at"},
  });
}

TEST_CASE("what was used up in a run is named with what was held by then") {
  const char* const words =
      "says holds 7 connections; nothing breaks; at most 7 accepted at once: fd_per_process (s1/w, EMFILE)";
  check({
      {"engines/unequal-servers-that-close", run, "/held_peak", "7"},
      {"engines/unequal-servers-that-close", run, "/summary", words},
      {"engines/unequal-servers-that-close-later", run, "/summary", words},
  });
}

TEST_CASE("what bounds the rate of a run is met when the run met it") {
  check({
      {"engines/descriptors-delay-the-ports", run, "/workloads/w/failures/1/first_at_ns", "2000000000"},
      {"engines/descriptors-delay-the-ports", run, "/summary",
       "says in the long run, after 10 connections, at 2 s: ephemeral_ports"},
  });
}

TEST_CASE("a share of attempts is called one where connections have several") {
  check({
      {"engines/many-retries", run, "/workloads/w/established", "93"},
      {"engines/many-retries", run, "/summary", "says 93.0 % of the attempts failed"},
  });
}

}  // namespace netlimits::cases

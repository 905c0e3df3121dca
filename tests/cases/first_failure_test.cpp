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
      {"engines/unheard-and-gone", run, "/workloads/w/established", "91", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/hosts/s/processes/w/accepted", "89", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/hosts/s/processes/w/queued_at_end", "2", {"/duration=21s"}},
      {"engines/unheard-and-gone", run, "/summary",
       "says fd_per_process (s/w, EMFILE) after 89 connections, at 19.1 s"},
  });
}

}  // namespace netlimits::cases

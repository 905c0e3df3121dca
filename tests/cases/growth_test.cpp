// What breaks first and what would next, as more is asked for: the order of limits in time, and what only waits.
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {

TEST_CASE("a rate is bound by what is narrowest in the long run, however few connections are asked for") {
  check({
      {"growth/descriptors-before-ports", run, "/summary",
       "says sustains 204.200 of 600.000 a second, holds 1,000 connections; nothing breaks; in the long run "
       "fd_per_process (c/app, EMFILE)"},
      {"growth/descriptors-before-ports", capacity, "/summary", "says sustains 204.200 of 600.000 a second"},
      {"growth/descriptors-before-ports",
       run,
       "/summary",
       "says breaks first at fd_per_process (c/app, EMFILE) after 1,021 connections",
       {"/workloads/load/connections=1022"}},
      {"growth/descriptors-before-few-ports", run, "/summary", "says sustains 0.600 of 5.000 a second"},
      {"growth/descriptors-before-few-ports",
       run,
       "/summary",
       "says breaks first at fd_per_process (c/p, EMFILE) after 3 connections",
       {"/workloads/w0/connections=9"}},
  });
}

TEST_CASE("nobody waits for a program whose pace is that of the connections") {
  check({
      {"growth/fast-enough-to-accept", run, "/summary", "says holds 1 connection; nothing breaks; first at 1: fd_per_"},
      {"growth/fast-enough-to-accept", capacity, "/summary", "says holds 1 connection; nothing breaks"},
      {"growth/fast-enough-to-accept",
       run,
       "/summary",
       "says breaks first at fd_per_process (c/p, EMFILE)",
       {"/workloads/w0/arrivals/rate=2.1/s"}},
  });
}

TEST_CASE("where nobody is accepted, what is next is what refuses those that wait") {
  check({
      {"growth/nobody-accepts-and-few-ports", run, "/summary",
       "says breaks first at ephemeral_ports (c 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL); next at 512: listen_backlog"},
      {"growth/nobody-accepts-and-few-ports", capacity, "/summary", "says next at 512: listen_backlog"},
      {"growth/one-back-end-never-accepts", run, "/summary", "says nothing breaks; first at 5: listen_backlog"},
      {"growth/one-back-end-never-accepts", run, "/workloads/w0/failed", "0", {"/workloads/w0/connections=9"}},
      {"growth/one-back-end-never-accepts",
       run,
       "/summary",
       "says breaks first at listen_backlog",
       {"/workloads/w0/connections=10"}},
  });
}

TEST_CASE("a host that comes back resets what is closed towards it") {
  check({
      {"growth/back-after-the-close", run, "/workloads/w1/established", "2"},  // kernel
      {"growth/back-after-the-close", run, "/summary", "says holds 2 connections; nothing breaks; beyond this run"},
      {"growth/back-after-the-close", run, "/workloads/w1/failed", "2", {"/workloads/w1/start=3s"}},
  });
}

TEST_CASE("of several limits the one that is met first in time comes first") {
  check({
      {"growth/a-burst-and-a-rate", run, "/summary", "says breaks first at ephemeral_ports (c1"},  // kernel
      {"growth/a-burst-and-a-rate", capacity, "/summary", "says breaks first at ephemeral_ports (c1"},
      {"growth/ports-before-a-late-accept", run, "/summary",
       "says breaks first at ephemeral_ports (c0 10.0.0.6 -> 10.2.0.9:444, EADDRNOTAVAIL) after 10 connections, at 2 "
       "s"},  // kernel
      {"growth/ports-before-a-late-accept", capacity, "/summary",
       "says breaks first at ephemeral_ports (c0 10.0.0.6 -> 10.2.0.9:444, EADDRNOTAVAIL) after 10 connections, at 2 "
       "s"},
      {"growth/a-burst-at-a-slow-server", run, "/summary", "says breaks first at ephemeral_ports (c0"},
      {"growth/a-burst-at-a-slow-server", capacity, "/summary",
       "says breaks first at ephemeral_ports (c0 10.0.0.5 -> 10.2.0.9:444, EADDRNOTAVAIL) after 6 connections, at 3 s"},
      {"growth/no-address-and-a-stalled-server", capacity, "/summary", "says breaks first at no_route (s0"},
      {"growth/no-address-and-a-stalled-server", run, "/summary", "says breaks first at no_route (s0"},
  });
}

TEST_CASE("what has no descriptor for anybody breaks, and what might just fit may") {
  check({
      {"growth/no-descriptor-for-anybody", run, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)"},
      {"growth/no-descriptor-for-anybody", capacity, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)"},
      {"growth/both-ends-at-the-last-descriptor", run, "/summary", "says nothing breaks"},  // kernel
      {"growth/both-ends-at-the-last-descriptor", capacity, "/summary", "says holds 4 to 5 connections; may break"},
      {"growth/half-goes-to-a-stalled-server", capacity, "/summary", "says may break first at"},
      {"growth/more-than-a-slow-queue-takes", run, "/summary", "says holds 9 connections (11 more that only their"},
      {"growth/more-than-a-slow-queue-takes", capacity, "/summary",
       "says holds 5 to 20 connections; may break first at listen_backlog (s/w 0.0.0.0:443"},
  });
}

TEST_CASE("who is gone before others come is not held with them") {
  check({
      {"growth/never-there-together", run, "/summary", "says holds 1 connection"},
      {"growth/never-there-together", capacity, "/summary", "says holds 1 connection"},
      {"growth/drawn-beside-short-ones", run, "/summary", "says holds 8 connections"},
      {"growth/drawn-beside-short-ones", capacity, "/summary", "says holds 8 to 11 connections"},
  });
}

}  // namespace netlimits::cases

// Small inputs of which an analysis said once that more is held, or less breaks, than is.
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {

TEST_CASE("no more is held than both ends ever have") {
  check({
      {"engines/server-closes-one-is-full", run, "/summary", "says holds 7 connections"},  // kernel
      {"engines/server-closes-one-is-full", capacity, "/summary",
       "says holds 7 connections; nothing breaks; at most 7"},
      {"engines/paced-accept-whole-hold", run, "/summary", "says holds 5 connections"},
      {"engines/paced-accept-whole-hold", capacity, "/summary", "says holds 5 connections"},
      {"engines/descriptors-on-the-way", run, "/summary", "says holds 18 connections"},
      {"engines/descriptors-on-the-way", capacity, "/capacity", "contains 18"},
      {"engines/ramp-into-few-ports", run, "/summary", "says holds 9 connections"},  // kernel
      {"engines/ramp-into-few-ports", capacity, "/summary", "says holds 9 to 10 connections"},
      {"engines/some-stay-among-short-ones", run, "/summary", "says holds 3 connections"},
      {"engines/some-stay-among-short-ones", capacity, "/capacity", "contains 3"},
      {"engines/ends-before-the-handshake", run, "/summary", "says holds 0 connections; nothing breaks"},
      {"engines/ends-before-the-handshake", capacity, "/summary", "says holds 0 connections; nothing breaks"},
      {"engines/ends-before-the-handshake", run, "/summary", "says holds 0 connections (8 more", {"/duration=10ms"}},
      {"engines/ends-before-the-handshake", capacity, "/established", "8", {"/duration=10ms"}},
      {"engines/ends-before-the-handshake", run, "/summary", "says holds 8 connections", {"/duration=15ms"}},
      {"engines/ends-before-the-handshake", capacity, "/summary", "says holds 8 connections", {"/duration=15ms"}},
  });
}

TEST_CASE("what is over as it begins is never there together") {
  check({
      {"engines/over-as-they-begin-reset", run, "/workloads/w/failed", "0"},  // kernel
      {"engines/over-as-they-begin-reset", run, "/summary", "says holds 1 connection; nothing breaks"},
      {"engines/over-as-they-begin-reset", capacity, "/summary", "says holds 1 connection; nothing breaks"},
      {"engines/over-as-they-begin", run, "/summary", "says holds 1 connection; nothing breaks"},
      {"engines/over-as-they-begin", capacity, "/summary", "says holds 1 connection; may break first"},
  });
}

TEST_CASE("who stays and is never accepted breaks, although others end") {
  check({
      {"engines/too-many-stay", run, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)"},  // kernel
      {"engines/too-many-stay", capacity, "/summary", "says break first at fd_per_process (s/w, EMFILE)"},
  });
}

TEST_CASE("retries and events change nothing where nobody is refused, and no figure by themselves") {
  check({
      {"engines/reconnect-before-an-event", capacity, "/summary", "says holds 25 connections"},  // kernel, of the run
      {"engines/retry-beside-chance", run, "/held_peak", "3"},
      {"engines/retry-beside-chance", capacity, "/capacity", "contains 3"},
      {"engines/ramp-into-few-ports", capacity, "/capacity", "contains 9", {R"(/workloads/w/retry={"attempts":1})"}},
  });
}

}  // namespace netlimits::cases

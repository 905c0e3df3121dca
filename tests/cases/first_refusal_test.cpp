// Who refuses first, with which error, and how many are held by then: small inputs on which capacity named another
// limit than the run and the kernel met, or an end of an interval that nobody can reach. "kernel": Linux 6.18 was
// asked.
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {

TEST_CASE("a named port that somebody has is refused by bind(), before the list of ports is used up") {
  const char* const in_use = "says breaks first at port_in_use (c 10.0.0.1 -> 10.1.0.1:80, EADDRINUSE)";
  for (const char* input : {"engines/named-port-that-somebody-listens-at", "engines/named-port-that-somebody-holds"}) {
    check({
        {input, run, "/summary", in_use},  // kernel
        {input, capacity, "/summary", in_use},
        {input, capacity, "/capacity", "3"},
        {input, capacity, "/ladder/0/binding/0/limit", "four_tuple"},
    });
  }
  check({
      {"engines/named-port-held-two-destinations", run, "/summary", in_use},  // kernel
      {"engines/named-port-held-two-destinations", capacity, "/summary", in_use},
      {"engines/named-port-of-the-own-listener", run, "/summary", in_use},  // kernel
      {"engines/named-port-of-the-own-listener", capacity, "/summary", in_use},
      // Nobody has a port of the list: it is used up.
      {"engines/named-port-of-the-own-listener",
       capacity,
       "/summary",
       "says breaks first at four_tuple (c 10.0.0.1 -> 10.1.0.1:80, EADDRNOTAVAIL)",
       {"/hosts/c/processes/w/listeners/0/endpoint=0.0.0.0:40009", "/workloads/x/connections=4"}},
      // It comes a second time before one is met that somebody has.
      {"engines/named-port-of-the-own-listener",
       capacity,
       "/binding/0/limit",
       "four_tuple",
       {R"(/workloads/x/bind/ports=[40000, 40000, 40001])"}},
  });
}

TEST_CASE("the one port that a walk over an odd range may miss is not certain to be missed") {
  // kernel: all nine connect, and the server has no descriptor for the last one
  check({
      {"engines/odd-range-before-a-full-server", run, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)"},
      {"engines/odd-range-before-a-full-server", capacity, "/summary", "says may break first at ephemeral_ports"},
      {"engines/odd-range-before-a-full-server", capacity, "/capacity", "8"},
  });
}

TEST_CASE("a descriptor that is left over is enough for connect() to say that there is no port") {
  const char* const input = "engines/both-ends-and-one-descriptor-over";
  const char* const no_port = "says breaks first at ephemeral_ports (s 127.0.0.1 -> 127.0.0.1:80, EADDRNOTAVAIL)";
  check({
      {input, run, "/summary", no_port},  // kernel
      {input, capacity, "/summary", no_port},
      {input,
       capacity,
       "/summary",
       "says breaks first at fd_per_process (s/w, EMFILE)",
       {"/hosts/s/processes/w/nofile=24"}},
      {input, run, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)", {"/hosts/s/processes/w/nofile=24"}},
  });
}

TEST_CASE("what refuses first is what is met first as connections come, and not what lets the fewest through") {
  const char* const input = "engines/ports-of-one-client-and-a-full-server";
  const char* const ports =
      "says breaks first at ephemeral_ports (d 10.0.1.1 -> 10.1.0.1:80, EADDRNOTAVAIL); next at 8:";
  check({
      {input, run, "/summary", ports},  // kernel
      {input, capacity, "/summary", ports},
      {input, capacity, "/capacity", "8"},
      // Later than the server's last descriptor.
      {input, run, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)", {"/workloads/y/start=1s"}},
      {input, capacity, "/summary", "says breaks first at fd_per_process (s/w, EMFILE)", {"/workloads/y/start=1s"}},
  });
}

TEST_CASE("a port gives one four-tuple, whether bind() or connect() chose it") {
  for (const char* input : {"engines/connect-and-bind-from-one-address", "engines/connect-then-bind-from-one-address",
                            "engines/bind-then-connect-from-one-address"}) {
    for (const char* seed : {"/seed=1", "/seed=2", "/seed=3", "/seed=4", "/seed=5"}) {
      check({{input, run, "/held_peak", "4", {seed}}});  // kernel
    }
    check({
        {input, capacity, "/capacity", "4"},
        {input, capacity, "/summary", "says breaks first at ephemeral_ports"},
    });
  }
  check({
      {"engines/bind-beside-no-port-one-destination", run, "/held_peak", "6"},  // kernel
      {"engines/bind-beside-no-port-one-destination", capacity, "/capacity", "4 to 8"},
      {"engines/bind-beside-no-port-two-destinations", run, "/held_peak", "7"},  // kernel
      {"engines/bind-beside-no-port-two-destinations", capacity, "/capacity", "4 to 16"},
      {"engines/connect-and-bind-with-held-ports", capacity, "/summary", "says first at 2: ephemeral_ports"},
      {"engines/connect-and-bind-with-held-connections", capacity, "/summary", "says first at 6 to 8: ephemeral_ports"},
  });
}

TEST_CASE("a queue that is full is named at its own place, in the sentence and in the table") {
  const char* const queue = "says breaks first at listen_backlog (s/w 0.0.0.0:80, ETIMEDOUT); next at 100:";
  check({
      {"engines/stalled-queue-of-two", run, "/summary", queue},
      {"engines/stalled-queue-of-two", run, "/binding_limit/place", "s/w 0.0.0.0:80"},
      {"engines/stalled-queue-of-two", capacity, "/summary", queue},
  });
}

TEST_CASE("whoever finds no port has no descriptor either, where there are as many of both") {
  const char* const input = "engines/as-many-ports-as-descriptors";
  const char* const first = "says breaks first at fd_per_process (client/app, EMFILE)";
  check({
      {input, run, "/summary", first},  // kernel
      {input, capacity, "/summary", first},
      {input,
       capacity,
       "/summary",
       "says breaks first at ephemeral_ports",
       {"/hosts/client/settings/net.ipv4.ip_local_port_range=40000 40006"}},
  });
}

TEST_CASE("an address is chosen before a port: where there is neither, the way is what is missing") {
  const char* const input = "engines/no-source-and-no-port";
  check({
      {input, run, "/summary", "says breaks first at no_route"},  // kernel
      {input, capacity, "/summary", "says breaks first at no_route"},
  });
}

TEST_CASE("who meets a named port first, and which of several programs is full first, is open") {
  check({
      {"engines/named-port-that-connect-took", run, "/summary", "says breaks first at port_in_use"},  // kernel
      {"engines/named-port-that-connect-took", capacity, "/summary", "says may break first"},
      {"engines/one-of-several-programs-full", run, "/summary",
       "says breaks first at fd_per_process (server/web, EMFILE)"},
      {"engines/one-of-several-programs-full", capacity, "/summary", "says may break first at fd_per_host"},
  });
}

TEST_CASE("which of two limits is met first is open, where the order in which workloads come is") {
  for (const char* input : {"engines/ports-beside-a-server-that-lets-wait", "engines/named-ports-beside-a-full-server",
                            "engines/told-before-the-server-is-full"}) {
    check({
        {input, run, "/summary", "says breaks first at "},  // kernel, but for the last: it has no path of 200 ms
        {input, capacity, "/summary", "says may break first at fd_per_process"},
    });
  }
}

TEST_CASE("of places that are as full as each other, the one that refuses first is named first") {
  const char* const input = "engines/listed-first-refuses-first";
  const char* const first = "says breaks first at ephemeral_ports (c 10.0.0.1 -> 10.1.0.1:81, EADDRNOTAVAIL)";
  check({{input, run, "/summary", first}, {input, capacity, "/summary", first}});
}

TEST_CASE("whoever waits for accept() keeps what others then lack") {
  check({
      {"engines/ports-of-those-that-wait", run, "/summary",
       "says breaks first at ephemeral_ports (client 10.0.0.10 -> 192"},
      {"engines/ports-of-those-that-wait", capacity, "/summary", "says ephemeral_ports"},
      {"engines/ports-of-those-that-wait", capacity, "/binding/0/place", "client 10.0.0.10 -> 192.0.2.1:443"},
      {"engines/server-full-beside-those-that-wait", run, "/binding_limit/place", "other-server/web"},
      {"engines/server-full-beside-those-that-wait", capacity, "/binding/1/place", "other-server/web"},
      {"engines/ports-or-descriptors-of-those-that-wait", run, "/binding_limit/limit", "fd_per_process"},
      {"engines/ports-or-descriptors-of-those-that-wait", capacity, "/summary", "says may break first"},
  });
}

TEST_CASE("so many were let through of those that use the place, and when is open where another pool has its name") {
  check({
      {"engines/named-ports-to-different-servers", run, "/workloads/rest/failures/0/first_after_established", "3"},
      {"engines/named-ports-to-different-servers", capacity, "/steady_state/0/first_failure_after", "3"},
      {"engines/named-ports-that-others-are-given", run, "/workloads/rest/failures/0/first_after_established", "2"},
      {"engines/named-ports-that-others-are-given", capacity, "/steady_state/0/first_failure_after", "contains 2"},
      {"engines/another-pool-of-the-same-name", run, "/workloads/load/failures/0/first_at_ns", "0"},
      {"engines/another-pool-of-the-same-name", capacity, "/steady_state/0/first_failure_at_ns", "none"},
      {"engines/another-pool-of-the-same-name", capacity, "/steady_state/0/first_failure_after", "0 to 25"},
  });
}

TEST_CASE("when a named port is met again is open, where others are given it or a server closes late") {
  check({
      {"engines/named-port-in-the-range-of-others", run, "/workloads/more/failures/0/first_after_established", "1"},
      {"engines/named-port-in-the-range-of-others", capacity, "/steady_state/0/first_failure_after", "contains 1"},
      {"engines/named-port-and-late-close", run, "/workloads/load/failures/0/first_after_established", "3"},
      {"engines/named-port-and-late-close", capacity, "/steady_state/0/first_failure_after", "contains 3"},
      {"engines/named-ports-come-again-together", run, "/workloads/load/peak_open", "2"},  // kernel
      {"engines/named-ports-come-again-together", run, "/workloads/load/failed", "0"},
      {"engines/named-ports-come-again-together", capacity, "/summary", "says may break first at four_tuple"},
  });
}

}  // namespace netlimits::cases

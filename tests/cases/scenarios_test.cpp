// Small scenarios of what people meet: ports, queues, families, TIME_WAIT. Each has what a kernel or its source says.
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "analysis/capacity.hpp"
#include "report/run_report.hpp"
#include "sim/replay.hpp"
#include "tests/cases/claims.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

const std::string client_is = "/hosts/client/profile=";
const std::string server_is = "/hosts/server/profile=";

// Ten minutes of it take a while to replay, and one shows the same.
const std::vector<std::string> a_minute{"/duration=60s"};

// The place and the words of what is wrong with an input.
struct Refused {
  const char* input;
  const char* pointer;
  const char* says;
  std::vector<std::string> with{};
};

void check_refused(const std::vector<Refused>& rows) {
  for (const Refused& row : rows) {
    CAPTURE(row.input, row.pointer);
    const auto scenario = load(row.input, row.with);
    REQUIRE_FALSE(scenario.has_value());
    CAPTURE(scenarios::text_of(scenario.error()));
    CHECK(scenario.error().front().pointer == row.pointer);
    CHECK(scenario.error().front().text().find(row.says) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("the place of a pool is the address that connections come from") {
  check({
      {"scenarios/two-subnets", run, "/binding_limit/place", "client 192.168.1.5 -> 192.168.1.9:443"},
      {"scenarios/two-subnets", run, "ephemeral_ports place", "client 192.168.1.5 -> 192.168.1.9:443"},
      {"scenarios/two-subnets", run, "ephemeral_ports first_exhausted_at_ns", "0"},
      {"scenarios/two-subnets", capacity, "/binding/0/place", "client 192.168.1.5 -> 192.168.1.9:443"},
  });
}

TEST_CASE("who gave up and comes again takes a balancer's next turn only once the last SYN is 120 s old") {
  check({
      {"scenarios/unanswered-turn", run, "/held_peak", "1"},  // kernel
      {"scenarios/unanswered-turn", capacity, "/capacity", "0 to 1"},
      {"scenarios/unanswered-turn-sooner", run, "/held_peak", "0"},  // kernel
      {"scenarios/unanswered-turn-of-one-syn", capacity, "/established", "0 to 1"},
  });
}

TEST_CASE("a listener or a source of the other family is none") {
  check({
      {"scenarios/v6only-listener", run, "/held_peak", "0"},
      {"scenarios/v6only-listener", capacity, "/capacity", "0"},
      {"scenarios/capacity-wrong-family", run, "/held_peak", "0"},
      {"scenarios/capacity-wrong-family", capacity, "/capacity", "0"},
      {"scenarios/family-mixed", run, "/held_peak", "5"},
      {"scenarios/family-mixed", capacity, "/capacity", "5"},
  });
}

TEST_CASE("a host without IPv6 has no source for it, not even for ::1") {
  const std::vector<std::string> off{"/hosts/c/settings/net.ipv6.conf.all.disable_ipv6=1"};
  check({
      {"scenarios/pgbouncer483", run, "/workloads/w/failures/0/error", "ECONNREFUSED"},
      {"scenarios/pgbouncer483", run, "/workloads/w/failures/0/error", "EADDRNOTAVAIL", off},  // kernel
      {"scenarios/pgbouncer483", run, "/workloads/w/failures/0/limit", "no_route", off},
      {"scenarios/pgbouncer483", run, "/workloads/w/failed", "100", off},
      {"scenarios/pgbouncer483", capacity, "/capacity", "0", off},
      {"scenarios/pgbouncer483", capacity, "/binding/0/limit", "no_route", off},
      {"scenarios/pgbouncer483", capacity, "/summary", "says EADDRNOTAVAIL", off},
      // IPv4 knows nothing of it, in its own spelling or within IPv6.
      {"scenarios/pgbouncer483", run, "/held_peak", "100", {off.front(), "/workloads/w/to/0=127.0.0.1:6432"}},
      {"scenarios/pgbouncer483", capacity, "/capacity", "100", {off.front(), "/workloads/w/to/0=127.0.0.1:6432"}},
  });
  check_refused({
      {"scenarios/pgbouncer483",
       "/hosts/c/addresses",
       "has no IPv6",
       {off.front(), "/hosts/c/addresses/-=2001:db8::5"}},
      {"scenarios/pgbouncer483",
       "/hosts/c/processes/pgb/listeners/0/endpoint",
       "EADDRNOTAVAIL",
       {off.front(), "/hosts/c/processes/pgb/listeners/0/endpoint=[::1]:6432"}},
      {"scenarios/pgbouncer483",
       "/events/0/set/setting",
       "is not changed during a run",
       {R"(/events=[{"at":"1s","set":{"host":"c","setting":"net.ipv6.conf.all.disable_ipv6","value":1}}])"}},
      {"scenarios/pgbouncer483",
       "/events/0/add_address/address",
       "has no IPv6",
       {off.front(), R"(/events=[{"at":"1s","add_address":{"host":"c","address":"2001:db8::5"}}])"}},
  });
}

// As Linux 6.1 and 6.12 do it under emulation: an entry is taken over once a clock of whole seconds has moved on.
TEST_CASE("capacity says of TIME_WAIT that is taken over what a run says") {
  check({
      {"scenarios/reuse-before-6.14", run, "/workloads/load/failed", "0"},
      {"scenarios/reuse-before-6.14", capacity, "/summary", "says first above 19.980 a second"},
      {"scenarios/reuse54", run, "/workloads/load/failed", "0"},
      {"scenarios/reuse54", capacity, "/summary", "says first above 99.900 a second"},
      {"scenarios/take-over-peak", run, "/hosts/client/time_wait_peak", "at most 2"},
      {"scenarios/take-over-peak", run, "/workloads/load/failed", "0"},
      {"scenarios/grp", run, "/hosts/client/time_wait_peak", "300"},
      {"scenarios/grp", run, "/hosts/client/time_wait_at_end", "300"},
      {"scenarios/user-scraper", run, "/summary", "says sustains 2811.952 of 4000.000 a second", a_minute},
      {"scenarios/user-scraper", run, "/hosts/scraper/time_wait_peak", "169392", a_minute},
      {"scenarios/user-scraper", run, "/hosts/scraper/time_wait_at_end", "169392", a_minute},
  });
}

TEST_CASE("a table of TIME_WAIT entries that is full refuses nobody, and says since when it was") {
  check({
      {"scenarios/user-twk", run, "/workloads/load/established", "400"},  // kernel
      {"scenarios/user-twk", capacity, "/summary", "says nothing breaks"},
      {"scenarios/user-tw", run, "time_wait_buckets first_exhausted_at_ns", "1240000000"},
      {"scenarios/user-tw", run, "/hosts/scraper/time_wait_overflows", "9000"},
  });
}

TEST_CASE("a listener that accepts nobody holds nothing, and its full queue binds") {
  check({
      {"scenarios/ghost", run, "/held_peak", "0"},
      {"scenarios/ghost", run, "/hosts/server/processes/web/queued_at_end", "6"},
      {"scenarios/ghost", run, "/believed_at_end", "54"},
      {"scenarios/ghost", run, "/binding_limit/limit", "listen_backlog"},
      {"scenarios/ghost", run, "listen_backlog peak", "6"},
      {"scenarios/ghost", capacity, "/capacity", "0"},
      {"scenarios/ghost", capacity, "/established", "6 to 60"},
  });
}

// net/core/request_sock.c, reqsk_queue_alloc before 4.4: a power of two, from the backlog and tcp_max_syn_backlog.
TEST_CASE("the SYN queue of a kernel before 4.4 is a power of two, and takes a listener of backlog 0") {
  check({
      {"scenarios/listen0-no-cookies", run, "/workloads/w/established", "0"},
      {"scenarios/listen0-no-cookies", run, "/workloads/w/established", "5", {server_is + "linux-4.2"}},
      {"scenarios/listen0-no-cookies", run, "/workloads/w/established", "5", {server_is + "linux-4.1"}},
      {"scenarios/listen0-no-cookies", run, "/workloads/w/established", "5", {server_is + "linux-2.6"}},
      {"scenarios/listen0-no-cookies", capacity, "/capacity", "5", {server_is + "linux-4.2"}},
      {"scenarios/listen0-no-cookies", capacity, "/capacity", "0"},
  });
  for (const char* profile : {"linux-2.6", "linux-4.1", "linux-4.2"}) {
    const std::string backlog = "/hosts/server/processes/s/listeners/0/backlog=";
    check({
        {"scenarios/synqueue", run, "syn_backlog capacity", "16", {server_is + profile}},
        {"scenarios/synqueue", run, "syn_backlog peak", "16", {server_is + profile}},
        {"scenarios/synqueue", run, "syn_backlog capacity", "128", {server_is + profile, backlog + "123"}},
        {"scenarios/synqueue", run, "syn_backlog capacity", "256", {server_is + profile, backlog + "511"}},
    });
  }
  check({{"scenarios/synqueue", capacity, "/summary", "says SYN queues are not looked at"}});
}

TEST_CASE("a port that is bound without a number serves each destination once") {
  check_refused({{"scenarios/noport", "/workloads/w/bind", "linux-4.1 has no IP_BIND_ADDRESS_NO_PORT"}});
  for (const char* profile : {"linux-4.2", "linux-4.4", "linux-4.11", "linux-4.19", "linux-6.18"}) {
    check({
        {"scenarios/noport", run, "/held_peak", "200", {client_is + profile}},
        {"scenarios/noport", capacity, "/capacity", "200", {client_is + profile}},
    });
  }
}

TEST_CASE("a port that somebody has is not to be had") {
  check({
      {"scenarios/swoole", run, "/held_peak", "99"},  // the listener's own port
      {"scenarios/swoole", capacity, "/capacity", "99"},
  });
  check_refused({{"scenarios/rancher12510", "/hosts/node/processes/ingress/listeners/0/endpoint", "EADDRINUSE"}});
}

TEST_CASE("a scenario that expects nothing is a skipped point, and a slip in a name is refused") {
  check({{"scenarios/user-noexp", run, "/verdict", "unchecked"}});
  const auto scenario = load("scenarios/user-noexp");
  REQUIRE(scenario.has_value());
  const report::RunReport report = report::make_run_report(*scenario, sim::replay(*scenario), std::nullopt);
  pugi::xml_document junit;
  REQUIRE(junit.load_string(report::run_junit(std::vector{report}).c_str()));
  CHECK(junit.child("testsuites").attribute("tests").as_int() == 1);
  CHECK(junit.child("testsuites").attribute("skipped").as_int() == 1);
  check_refused(
      {{"scenarios/user-svc", "/hosts/gatewy", "gatewy", {"/hosts/gatewy/settings/net.ipv4.tcp_tw_reuse=1"}}});
  check({{"scenarios/user-svc", run, "/verdict", "holds"}});
}

}  // namespace netlimits::cases

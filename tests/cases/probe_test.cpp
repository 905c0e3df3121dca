// Collected files as tools and kernels of all ages print them: what `probe` answers of each directory.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/headroom/headroom.hpp"
#include "model/machine/machine_host.hpp"
#include "model/systems/rule_book.hpp"
#include "report/probe_report.hpp"
#include "scenarios/collected/directory.hpp"
#include "scenarios/collected/machine_reader.hpp"
#include "scenarios/host_writer.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

using analysis::Interval;

struct Probed {
  Machine machine{};
  HostGroup host{};
  analysis::Headroom headroom{};
};

// As the command does it.
Probed probed(const std::string& directory, const char* to = "") {
  auto collected =
      scenarios::collect_directory(fmt::format("{}/tests/cases/probe/{}", NETLIMITS_SOURCE_DIR, directory));
  if (!collected) FAIL(scenarios::text_of(collected.error()));
  const auto there = *to != 0 ? Endpoint::parse(to) : std::nullopt;
  auto machine = scenarios::read_machine(collected->collected, scenarios::ProfileSet::built_in(),
                                         {.towards = there ? std::optional(there->address) : std::nullopt});
  if (!machine) FAIL(scenarios::text_of(machine.error()));
  Probed made;
  made.machine = std::move(*machine);
  made.host = host_of(made.machine);
  made.headroom = analysis::headroom(made.machine, made.host, there);
  return made;
}

std::string summary_of(const Probed& one) {
  return report::make_probe_report(one.machine, one.host, one.headroom).summary;
}

struct Left {
  const char* directory;
  const char* to;
  std::uint64_t connections;
};

std::uint64_t tally(const Probed& one, TcpState state) {
  for (const analysis::SocketTally& row : one.headroom.sockets) {
    if (row.state == state) return row.all;
  }
  return 0;
}

bool says(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

// All but the one that is refused (hostile_test.cpp).
std::vector<std::string> accepted_directories() {
  const std::string refused = "probe-refused-0";
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(NETLIMITS_SOURCE_DIR "/tests/cases/probe")) {
    if (const std::string name = entry.path().filename().string(); name != refused) found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_CASE("how many connections are left by the files of a directory") {
  for (const Left& row : {
           Left{"no-address-of-that-family", "[2001:db8::9]:443", 0},
           Left{"limits-only", "", 4385},
           Left{"verdict-vs-table-1", "10.1.0.9:443", 1021},
           // "59sec" is printed until an entry is a second old, and connect() takes it over no earlier.
           Left{"timewait-59sec", "10.1.0.9:443", 0},
           Left{"timewait-58sec", "10.1.0.9:443", 4},
           // Before 4.19 tcp_tw_reuse was a switch, and any value but 0 is on.
           Left{"tw-reuse-2-before-4.19", "10.1.0.9:443", 4},
           Left{"tw-reuse-2-since-4.19", "10.1.0.9:443", 0},
           // An entry whose time is over has its port until its timer has run.
           Left{"timewait-over", "10.1.0.9:443", 0},
           Left{"timewait-0ms", "10.1.0.9:443", 0},
       }) {
    CAPTURE(row.directory, row.to);
    const Interval answer = probed(row.directory, row.to).headroom.answer.capacity;
    CAPTURE(answer.min, answer.max);
    CHECK((answer.min <= row.connections && row.connections <= answer.max));
  }
}

// Entries that are older than a second may be taken over, however iproute2 writes their time.
TEST_CASE("how many ports are left by the files of a directory") {
  for (const char* directory : {"ss-timer-6.10", "ss-timer-6.11", "kernel-4.15"}) {
    CAPTURE(directory);
    const Probed one = probed(directory, "10.1.0.9:443");
    REQUIRE(one.headroom.sources.size() == 1);
    CHECK(one.headroom.sources.front().headroom == Interval::exactly(28232));
  }
}

TEST_CASE("every directory is accepted, and its host is one that a scenario takes") {
  for (const std::string& name : accepted_directories()) {
    const char* const directory = name.c_str();
    CAPTURE(directory);
    const Probed one = probed(directory, "10.1.0.9:443");
    if (says(one.headroom.notes, "a scenario cannot say")) continue;  // docs/probe.md lists what
    const Interval told = one.headroom.answer.capacity;
    const std::uint64_t tried = std::min<std::uint64_t>(told.max + 3, 5000);
    const std::string text = fmt::format(
        R"({{"netlimits": 1, "name": "pasted", "hosts": {{"machine": {}, "far": {{"addresses": ["10.1.0.9"],
            "processes": {{"web": {{"nofile": 100000, "listeners": [{{"endpoint": "10.1.0.9:443"}}]}}}}}}}},
            "workloads": {{"more": {{"from": "machine/{}", "to": ["10.1.0.9:443"], "connections": {}}}}}}})",
        scenarios::host_json(one.host), one.host.processes.front().name, tried);
    const auto scenario = scenarios::load_scenario(text, "pasted.json", scenarios::ProfileSet::built_in());
    if (!scenario) FAIL(scenarios::text_of(scenario.error()));
    const std::uint64_t held = sim::replay(*scenario).workloads.at("more").established;
    CHECK(held >= std::min(told.min, tried));
    CHECK(held <= std::min(told.max, tried));
    const Interval analysed = analysis::capacity(*scenario).capacity;
    CHECK(analysed == Interval{std::min(told.min, tried), std::min(told.max, tried)});
  }
}

TEST_CASE("a timer of ss that is empty is an entry about to go") {
  const Probed one = probed("ss-timer-empty", "10.1.0.9:443");
  CHECK(tally(one, TcpState::time_wait) == 1);
  REQUIRE(one.host.held_connections.size() == 1);
  CHECK(one.host.held_connections.front().ends_after == std::chrono::seconds(1));
}

TEST_CASE("who listens is not determined where nobody was listed") {
  const Probed one = probed("no-listen-rows", "127.0.0.1:5432");
  CHECK(one.headroom.listener_in_doubt);
  CHECK(says(one.machine.not_determined, "who listens"));
}

TEST_CASE("old ss names users and wildcards in its own way, and rows of UDP are no TCP sockets") {
  const Probed mysqld = probed("ss-old-users");
  std::uint64_t listening = 0;
  std::uint64_t connected = 0;
  for (const MachineSocket& socket : *mysqld.machine.sockets) {
    if (!socket.of_process) continue;
    (socket.state == TcpState::listen ? listening : connected) += 1;
  }
  CHECK(listening == 1);
  CHECK(connected == 2);
  const Probed wildcard = probed("ss-old-wildcard");
  const auto has = [&](const char* endpoint) {
    const Endpoint wanted = *Endpoint::parse(endpoint);
    return std::any_of(wildcard.machine.sockets->begin(), wildcard.machine.sockets->end(),
                       [&](const MachineSocket& socket) { return socket.tuple.local == wanted; });
  };
  CHECK(has("0.0.0.0:40000"));
  CHECK_FALSE(has("[::]:40000"));
  const Probed udp = probed("ss-udp");
  CHECK(udp.machine.sockets->empty());
  CHECK(udp.host.held_ports.empty());
}

TEST_CASE("lines of an old sysctl that tell errors are passed over") {
  const Probed one = probed("sysctl-old-errors");
  CHECK(one.host.settings.somaxconn == 128);
}

TEST_CASE("a kernel has the ports and options of its version") {
  const Probed one = probed("kernel-4.15");
  CHECK(one.host.profile->name == "linux-4.11");
  CHECK(one.host.settings.local_port_range == PortRange{Port{32768}, Port{60999}});
  CHECK(one.host.profile->rules.has(Rule::option_bind_no_port));
}

TEST_CASE("the sentence and the table name one limit") {
  const Probed one = probed("verdict-vs-table-1", "10.1.0.9:443");
  REQUIRE_FALSE(one.headroom.answer.binding.empty());
  std::size_t marked = 0;
  for (const analysis::HeadroomRow& row : one.headroom.rows) {
    if (!row.binds_first) continue;
    ++marked;
    CHECK(row.limit == one.headroom.answer.binding.front().limit);
  }
  CHECK(marked == 1);
}

// ls prints nothing, or "total 0", of a process that it may not look into.
TEST_CASE("a list of descriptors that has none is one that could not be read") {
  for (const char* directory : {"fd-nothing", "fd-total-alone", "fd-denied"}) {
    CAPTURE(directory);
    const Probed one = probed(directory, "10.1.0.9:443");
    CHECK_FALSE(one.machine.process.descriptors);
    CHECK(says(one.machine.not_determined, "open descriptors of the process"));
    CHECK(one.headroom.answer.capacity == Interval::exactly(17));
    CHECK(summary_of(one).starts_with("the process can make at most 17 more connections"));
    for (const analysis::HeadroomRow& row : one.headroom.rows) {
      if (row.limit == Limit::fd_per_process) CHECK_FALSE(row.used);
    }
  }
}

TEST_CASE("where there is no way the answer has the error that connect() ends with") {
  struct NoWay {
    const char* directory;
    const char* to;
    const char* error;
  };
  for (const NoWay& row :
       {NoWay{"route-unreachable", "10.1.0.9:443", "ENETUNREACH"},
        NoWay{"route-no-host", "10.1.0.9:443", "EHOSTUNREACH"}, NoWay{"route-prohibited", "10.1.0.9:443", "EACCES"},
        NoWay{"route-blackhole", "10.1.0.9:443", "EINVAL"},
        // The others of the machine have IPv6, or nothing has.
        NoWay{"loopback-without-ipv6", "[::1]:9", "ENETUNREACH"}, NoWay{"without-ipv6", "[::1]:9", "EADDRNOTAVAIL"},
        NoWay{"without-ipv6", "[2001:db8::9]:443", "EADDRNOTAVAIL"},
        // The last address of the machine's own subnet.
        NoWay{"timewait-58sec", "10.0.0.255:80", "ENETUNREACH"}}) {
    CAPTURE(row.directory, row.to);
    const Probed one = probed(row.directory, row.to);
    CHECK(one.headroom.answer.capacity == Interval::exactly(0));
    const std::string said = summary_of(one);
    CAPTURE(said);
    CHECK(said.find(" first at no_route (") != std::string::npos);
    CHECK(said.find(std::string(", ") + row.error + ")") != std::string::npos);
  }
}

TEST_CASE("a route to another destination says nothing of this one") {
  const Probed other = probed("route-to-another", "10.1.0.9:443");
  CHECK(other.headroom.sources.front().from.text() == "10.0.0.5");
  CHECK(says(other.machine.not_determined, "the way to 10.1.0.9: "));
  const Probed asked = probed("route-to-another", "10.1.0.8:443");
  CHECK(asked.headroom.sources.front().from.text() == "10.0.0.6");
}

TEST_CASE("the source is an address that the kernel prefers, and none that it may not use") {
  const Probed deprecated = probed("address-deprecated", "[2001:db8::9]:443");
  CHECK(deprecated.headroom.sources.front().from.text() == "2001:db8:1::5");
  const Probed failed = probed("address-dadfailed", "[2001:db8::9]:443");
  CHECK(failed.headroom.answer.capacity == Interval::exactly(0));
  CHECK(summary_of(failed).find("ENETUNREACH") != std::string::npos);
}

// A backlog of 4 has room for five.
TEST_CASE("a listener of the machine whose queue is full lets nobody in until its program accepts") {
  const Probed full = probed("queue-of-own-listener", "127.0.0.1:9001");
  CHECK(full.headroom.waiting_in_full_queue == 5U);
  CHECK(
      summary_of(full).starts_with("the queue at 127.0.0.1:9001 is full (5 wait for accept()), and whether its program "
                                   "goes on to accept is not determined; if so, "));
  const Probed partly = probed("queue-of-own-listener", "127.0.0.1:9000");
  CHECK_FALSE(partly.headroom.waiting_in_full_queue);
  CHECK(says(partly.headroom.notes, "3 connections wait for accept() at 127.0.0.1:9000, and 2 more get in"));
  // The wildcard of IPv6 takes IPv4 in; a nearer socket comes before it.
  CHECK(probed("queue-of-own-listener", "127.0.0.1:9002").headroom.waiting_in_full_queue == 129U);
  CHECK_FALSE(probed("queue-of-own-listener", "10.0.0.5:9002").headroom.waiting_in_full_queue);
}

TEST_CASE("what run and capacity of the written host cannot answer of a listener is said") {
  CHECK(
      says(probed("queue-of-own-listener", "127.0.0.1:9000").headroom.notes, "a scenario cannot say that it accepts"));
  CHECK(
      says(probed("no-listen-rows", "127.0.0.1:5432").headroom.notes, "a scenario cannot say that this is not known"));
}

}  // namespace netlimits::cases

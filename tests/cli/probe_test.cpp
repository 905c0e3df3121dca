// What `probe` says is left is what the kernel then gives, and what anybody gets who pastes its host into a scenario.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "analysis/capacity.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/sandbox.hpp"
#include "live/sandbox/sysctl.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"
#include "tests/cli/probe_world.hpp"

using namespace netlimits;
using namespace netlimits::probing;

namespace {

// One question, and what came of it: told by `probe`, given by the kernel.
struct Round {
  std::string to;
  std::string from;  // empty: the program does not bind
  std::uint64_t told = 0;
  std::uint64_t least = 0;
  std::uint64_t given = 0;
  int error = 0;
  std::string json;
};

constexpr const char* between_rounds = "\n=====\n";

std::string written(const Round& round) {
  return fmt::format("{}\n{}\n{} {} {} {}\n{}{}", round.to, round.from, round.told, round.least, round.given,
                     round.error, round.json, between_rounds);
}

std::vector<Round> read(const std::string& text) {
  std::vector<Round> rounds;
  const std::string mark = between_rounds;
  for (std::size_t from = 0, to = 0; (to = text.find(mark, from)) != std::string::npos; from = to + mark.size()) {
    std::istringstream part(text.substr(from, to - from));
    Round round;
    std::getline(part, round.to);
    std::getline(part, round.from);
    part >> round.told >> round.least >> round.given >> round.error;
    round.json.assign(std::istreambuf_iterator<char>(part), std::istreambuf_iterator<char>());
    rounds.push_back(round);
  }
  return rounds;
}

// Probes towards there, and then opens connections until the kernel refuses.
Round ask(const char* to, const char* from = "") {
  Round round;
  round.to = to;
  round.from = from;
  const Probed probed = probe(at(to));
  round.json = probed.json;
  std::optional<Endpoint> source;
  if (*from != 0) {
    source = Endpoint{*IpAddress::parse(from), Port{0}};
    for (const analysis::SourceUse& use : probed.headroom.sources) {
      if (use.from == source->address && use.headroom.exact()) round.told = use.headroom.min;
    }
  } else if (probed.headroom.answer.capacity.exact()) {
    round.told = probed.headroom.answer.capacity.min;
  }
  round.least = probed.headroom.least.value_or(round.told);
  const Filled filled = fill(at(to), source);
  round.given = filled.count;
  round.error = filled.error;
  return round;
}

Scenario pasted(const Round& round) {
  const Endpoint to = at(round.to.c_str());
  const std::string bind =
      round.from.empty() ? "" : fmt::format(R"(, "bind": "address_no_port", "sources": ["{}"])", round.from);
  const std::string text = fmt::format(
      R"({{"netlimits": 1, "name": "pasted", "hosts": {{"machine": {},
          "far": {{"addresses": ["{}"], "processes": {{"web": {{"nofile": 100000, "listeners": [{{"endpoint": "{}"}}]}}}}}}}},
          "workloads": {{"more": {{"from": "machine/program", "to": ["{}"], "connections": 5000{}}}}}}})",
      round.json, to.address.text(), round.to, round.to, bind);
  auto loaded = scenarios::load_scenario(text, "pasted.json", scenarios::ProfileSet::built_in());
  if (!loaded) FAIL(scenarios::text_of(loaded.error()) << "\n" << text);
  return std::move(*loaded);
}

// A change of ids, as into a sandbox, hides a process from everybody but the real root.
void may_be_looked_at() { ::prctl(PR_SET_DUMPABLE, 1); }

// Everything that can stand in the way of a port at once.
std::string rounds_beside_much_that_is_held() {
  const TwoHosts hosts("40000 40127", "40060-40061");
  bind_at(at("127.0.0.1:40001"), false);
  bind_at(at("[::1]:40003"), false);
  bind_at(at("127.0.0.1:40005"), true);
  bind_at(at("10.0.0.6:40007"), true);
  for (int i = 0; i < 10; ++i) connect_to(at("10.1.0.9:443"));
  for (int i = 0; i < 5; ++i) connect_to(at("10.1.0.9:444"));
  for (int i = 0; i < 7; ++i) connect_to(at("[2001:db8:1::9]:445"));
  for (int i = 0; i < 4; ++i) connect_to(at("10.1.0.9:443"), at("10.0.0.6:0"));
  for (int i = 0; i < 3; ++i) ::close(connect_to(at("10.1.0.9:443")).descriptor);  // ends in TIME_WAIT
  for (int i = 0; i < 2; ++i) ::close(connect_to(at("10.1.0.9:444")).descriptor);  // ends in FIN_WAIT_2
  demand(settle(TcpState::time_wait, 3) && settle(TcpState::fin_wait_2, 2), "connections did not end");
  std::string text;
  for (const char* to : {"10.1.0.9:443", "10.1.0.9:444", "10.1.0.9:446", "[2001:db8:1::9]:445", "[2001:db8:1::9]:443"})
    text += written(ask(to));
  return text + written(ask("10.1.0.9:443", "10.0.0.6")) + written(ask("10.1.0.9:445", "10.0.0.6"));
}

}  // namespace

TEST_CASE("so many more connections as probe says fit, and as a scenario with its host says") {
  const std::vector<Round> rounds = read(in_sandbox(rounds_beside_much_that_is_held));
  REQUIRE(rounds.size() == 7);
  // 128 ports, 2 reserved, 4 bound.
  CHECK(rounds[0].told == 122 - 13);
  CHECK(rounds[1].told == 122 - 7);
  CHECK(rounds[2].told == 122);
  CHECK(rounds[5].told == 122 - 4);
  for (const Round& round : rounds) {
    CAPTURE(round.to, round.from);
    CHECK(round.given == round.told);
    CHECK(round.error == EADDRNOTAVAIL);
    const Scenario scenario = pasted(round);
    const analysis::Capacity capacity = analysis::capacity(scenario);
    CHECK(capacity.capacity == analysis::Interval::exactly(round.given));
    REQUIRE(capacity.binding.size() == 1);
    CHECK(capacity.binding[0].limit == Limit::ephemeral_ports);
    CHECK(sim::replay(scenario).workloads.at("more").established == round.given);
  }
}

TEST_CASE("TIME_WAIT entries that connect() may take over count as free, and only those") {
  const std::vector<Round> rounds = read(in_sandbox([] {
    const TwoHosts hosts("40000 40019");
    const int listener = bind_at(at("127.0.0.1:5000"), true);
    const auto ended = [&](int count) {
      for (int i = 0; i < count; ++i) {
        const int client = connect_to(at("127.0.0.1:5000")).descriptor;
        const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        ::close(client);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ::close(server);
      }
    };
    for (int i = 0; i < 3; ++i) {
      connect_to(at("127.0.0.1:5000"));
      demand(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC) >= 0, "accept");
    }
    ended(4);
    demand(settle(TcpState::time_wait, 4), "connections did not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(1300));
    return written(ask("127.0.0.1:5000"));
  }));
  REQUIRE(rounds.size() == 1);
  CHECK(rounds[0].told == 17);
  CHECK(rounds[0].given == 17);
}

TEST_CASE("a program that bound its port itself is what probe cannot see, and its least figure allows for it") {
  const std::vector<Round> rounds = read(in_sandbox([] {
    const TwoHosts hosts("40000 40019");
    connect_to(at("10.1.0.9:444"));
    connect_to(at("10.1.0.9:444"), at("10.0.0.5:40007"));
    connect_to(at("10.1.0.9:444"), at("10.0.0.6:40009"));
    return written(ask("10.1.0.9:443"));
  }));
  REQUIRE(rounds.size() == 1);
  CHECK(rounds[0].told == 20);
  CHECK(rounds[0].given == 18);
  CHECK(rounds[0].least == 17);
}

TEST_CASE("an odd range leaves a port to chance, and the answer is an interval") {
  const std::string text = in_sandbox([] {
    const TwoHosts hosts("40000 40006");
    const Probed probed = probe(at("10.1.0.9:443"));
    const analysis::Interval told = probed.headroom.answer.capacity;
    const std::uint64_t given = fill(at("10.1.0.9:443")).count;
    return fmt::format("{} {} {}", told.min, told.max, told.contains(given));
  });
  CHECK(text == "6 7 true");
}

TEST_CASE("where there is no way, no connection fits") {
  const std::string text = in_sandbox([] {
    const TwoHosts hosts("40000 40019");
    const Probed probed = probe(at("192.0.2.1:443"));
    return fmt::format("{} {} {}", probed.headroom.answer.capacity.max,
                       name_of(probed.headroom.answer.binding.at(0).limit), connect_to(at("192.0.2.1:443")).error);
  });
  CHECK(text == fmt::format("0 no_route {}", ENETUNREACH));
}

TEST_CASE("a process has as many descriptors left as probe says") {
  const std::string text = in_sandbox([] {
    const TwoHosts hosts("40000 40127");
    std::array<int, 2> go{};
    std::array<int, 2> told{};
    demand(::pipe2(go.data(), O_CLOEXEC) == 0 && ::pipe2(told.data(), O_CLOEXEC) == 0, "pipes");
    auto here = live::NetworkNamespace::current();
    auto child = live::spawn(*here, [&] {
      const std::array keep{go[0], told[1]};
      may_be_looked_at();
      const auto held = live::hold_exactly({.nofile = 64, .own_descriptors = 6, .with_epoll = false}, keep);
      if (!held) return 1;
      const int ready = held->kept[1];
      const int begin = held->kept[0];
      if (::dup2(0, 40) != 40) return 2;  // the limit bounds the number: a gap below is free
      bind_at(at("10.0.0.5:8080"), true);
      for (int i = 0; i < 3; ++i) connect_to(at("10.1.0.9:443"));
      std::uint64_t count = 0;
      if (::write(ready, &count, sizeof count) != sizeof count) return 3;
      char letter = 0;
      if (::read(begin, &letter, 1) != 1) return 4;
      const Filled filled = fill(at("10.1.0.9:444"));
      count = filled.error == EMFILE ? filled.count : 0;
      return ::write(ready, &count, sizeof count) == sizeof count ? 0 : 5;
    });
    demand(child.has_value(), "child");
    std::uint64_t count = 0;
    demand(::read(told[0], &count, sizeof count) == sizeof count, "the child is not ready");
    const Probed probed = probe(at("10.1.0.9:444"), child->id());
    demand(::write(go[1], "x", 1) == 1, "begin");
    demand(::read(told[0], &count, sizeof count) == sizeof count, "the child did not tell");
    demand(child->wait() == 0, "the child failed");
    const Process& process = probed.host.processes.at(0);
    std::uint64_t own_sockets = 0;
    for (const analysis::SocketTally& tally : probed.headroom.sockets) own_sockets += tally.of_process;
    return fmt::format("told {} given {} limit {} used {} listeners {} sockets {}", probed.headroom.answer.capacity.min,
                       count, process.nofile, process.own_descriptors + process.listeners.size(),
                       process.listeners.size(), own_sockets);
  });
  // 6 of its own, 2 pipes, number 40, a listener and 3 connections.
  CHECK(text == "told 51 given 51 limit 64 used 13 listeners 1 sockets 4");
}

TEST_CASE("a process in another network namespace is seen with that namespace's settings and sockets") {
  const std::string text = in_sandbox([] {
    std::array<int, 2> told{};
    demand(::pipe2(told.data(), O_CLOEXEC) == 0, "pipe");
    auto there = live::NetworkNamespace::create();
    demand(there.has_value(), "namespace");
    auto child = live::spawn(*there, [&] {
      may_be_looked_at();
      if (!live::write_sysctl("net.ipv4.ip_local_port_range", "41000 41009")) return 1;
      bind_at(at("127.0.0.1:5000"), true);
      for (int i = 0; i < 4; ++i) connect_to(at("127.0.0.1:5000"));
      if (::write(told[1], "x", 1) != 1) return 2;
      ::pause();
      return 0;
    });
    char letter = 0;
    demand(child && ::read(told[0], &letter, 1) == 1, "child");
    const Probed probed = probe(at("127.0.0.1:5000"), child->id());
    const Probed ours = probe(std::nullopt);
    child->kill();
    child->wait();
    const PortRange range = probed.host.settings.local_port_range;
    return fmt::format("{}-{} {} sockets, {} here, {} more, {}", range.first.value, range.last.value,
                       probed.machine.sockets->size(), ours.machine.sockets->size(),
                       probed.headroom.answer.capacity.min,
                       mentions(probed.machine.surroundings, "another than that of this program"));
  });
  CHECK(text == "41000-41009 9 sockets, 0 here, 6 more, true");
}

TEST_CASE("sockets per state are those that ss counts") {
  const std::string text = in_sandbox([] {
    const TwoHosts hosts("40000 40127");
    bind_at(at("127.0.0.1:40001"), false);
    bind_at(at("[::]:5000"), true);
    for (int i = 0; i < 9; ++i) connect_to(at("10.1.0.9:443"));
    for (int i = 0; i < 3; ++i) ::close(connect_to(at("10.1.0.9:445")).descriptor);
    for (int i = 0; i < 2; ++i) ::close(connect_to(at("[2001:db8:1::9]:446")).descriptor);
    connect_to(at("[::ffff:127.0.0.1]:5000"));
    demand(settle(TcpState::time_wait, 3) && settle(TcpState::fin_wait_2, 2), "connections did not end");
    std::map<std::string, std::uint64_t> by_ss;
    FILE* ss = ::popen("ss -Htan 2>/dev/null", "r");
    std::array<char, 512> line{};
    while (std::fgets(line.data(), line.size(), ss) != nullptr) {
      std::istringstream words(line.data());
      std::string state;
      words >> state;
      ++by_ss[state];
    }
    if (::pclose(ss) != 0) return std::string("no ss");
    const Probed probed = probe(std::nullopt);
    const std::map<TcpState, std::string> names{{TcpState::established, "ESTAB"},
                                                {TcpState::time_wait, "TIME-WAIT"},
                                                {TcpState::fin_wait_2, "FIN-WAIT-2"},
                                                {TcpState::listen, "LISTEN"}};
    std::string differences;
    for (const analysis::SocketTally& tally : probed.headroom.sockets) {
      if (tally.state == TcpState::closed) continue;  // bound only: ss does not show these unless it is asked to
      if (by_ss[names.at(tally.state)] != tally.all)
        differences += fmt::format("{}: {} and {}; ", names.at(tally.state), by_ss[names.at(tally.state)], tally.all);
      by_ss.erase(names.at(tally.state));
    }
    return differences + fmt::format("{} states left", by_ss.size());
  });
  if (text == "no ss") {
    WARN("ss is not installed: not compared");
    return;
  }
  CHECK(text == "0 states left");
}

TEST_CASE("this machine's range and limits are those that /proc and getrlimit() say") {
  const Probed probed = probe(std::nullopt);
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  unsigned low = 0;
  unsigned high = 0;
  range >> low >> high;
  CHECK(probed.host.settings.local_port_range ==
        PortRange{Port{static_cast<std::uint16_t>(low)}, Port{static_cast<std::uint16_t>(high)}});
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(probed.machine.process.nofile_soft == limit.rlim_cur);
  CHECK(probed.machine.process.nofile_hard == limit.rlim_max);
  CHECK(probed.machine.profile->system == "linux");
  CHECK_FALSE(probed.machine.kernel.empty());
  CHECK(std::find(probed.host.origin->from_profile.begin(), probed.host.origin->from_profile.end(),
                  "net.ipv4.ip_local_port_range") == probed.host.origin->from_profile.end());
}

TEST_CASE("the host that probe prints loads as the host that it worked with") {
  const Probed probed = probe(std::nullopt);
  Round round;
  round.to = "203.0.113.1:443";
  round.json = probed.json;
  const HostGroup loaded = pasted(round).hosts.at("machine");
  CHECK(loaded.settings == probed.host.settings);
  CHECK(loaded.addresses == probed.host.addresses);
  CHECK(loaded.held_ports == probed.host.held_ports);
  CHECK(loaded.held_connections == probed.host.held_connections);
  CHECK(loaded.open_files == probed.host.open_files);
  REQUIRE(loaded.processes.size() == 1);
  CHECK(loaded.processes[0].nofile == probed.host.processes[0].nofile);
  CHECK(loaded.processes[0].own_descriptors == probed.host.processes[0].own_descriptors);
  CHECK(loaded.origin == probed.host.origin);
}

// What `probe` answers of collected files is what `run` and `capacity` answer for the host that it writes: for files as
// machines print them, and for files that something has changed.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "analysis/capacity.hpp"
#include "analysis/headroom/headroom.hpp"
#include "model/machine/machine_host.hpp"
#include "scenarios/collected/directory.hpp"
#include "scenarios/collected/machine_reader.hpp"
#include "scenarios/host_writer.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using analysis::Headroom;
using analysis::HeadroomRow;
using analysis::Interval;

struct Probed {
  Machine machine;
  HostGroup host;
  Headroom headroom;
};

Probed asked_of(const Machine& machine, const char* to) {
  const std::optional<Endpoint> there = *to != 0 ? Endpoint::parse(to) : std::nullopt;
  Probed made{.machine = machine, .host = host_of(machine), .headroom = {}};
  made.headroom = analysis::headroom(machine, made.host, there);
  return made;
}

Collected files(std::map<std::string, std::string> texts) {
  Collected made;
  made.source = "collected files";
  made.process_asked = texts.contains("status") || texts.contains("fd");
  for (auto& [name, text] : texts) made.texts[name] = {name, std::move(text)};
  return made;
}

Probed probed(std::map<std::string, std::string> texts, const char* to) {
  const auto machine = read_machine(files(std::move(texts)), ProfileSet::built_in());
  if (!machine) FAIL(text_of(machine.error()));
  return asked_of(*machine, to);
}

Limit binding_of(const Headroom& headroom) { return headroom.answer.binding.at(0).limit; }

bool says(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

// The host as it would be pasted, with something at the far end that takes everything.
Loaded<Scenario> pasted(const HostGroup& host, const std::string& to, std::uint64_t connections) {
  const std::string text = fmt::format(
      R"({{"netlimits": 1, "name": "pasted", "hosts": {{"machine": {},
          "far": {{"addresses": ["{}"], "processes": {{"web": {{"nofile": 1000000,
                   "listeners": [{{"endpoint": "{}"}}]}}}}}}}},
          "workloads": {{"more": {{"from": "machine/{}", "to": ["{}"], "connections": {}}}}}}})",
      host_json(host), Endpoint::parse(to)->address.text(), to, host.processes.front().name, to, connections);
  return load_scenario(text, "pasted.json", ProfileSet::built_in());
}

// `most`: how many connections are tried at most.
void check_same_answer(const Probed& one, const std::string& to, std::uint64_t most) {
  const Interval told = one.headroom.answer.capacity;
  const std::uint64_t tried = std::min(told.max + 3, most);
  const auto scenario = pasted(one.host, to, tried);
  if (!scenario) FAIL(text_of(scenario.error()) << host_json(one.host));
  const Interval wanted{std::min(told.min, tried), std::min(told.max, tried)};
  CHECK(analysis::capacity(*scenario).capacity == wanted);
  const std::uint64_t held = sim::replay(*scenario).workloads.at("more").established;
  CHECK(held >= wanted.min);
  CHECK(held <= wanted.max);
  // The table marks what the sentence names, with the sentence's figure.
  for (const HeadroomRow& row : one.headroom.rows) {
    if (!row.binds_first) continue;
    CHECK(row.connections >= told.min);
    CHECK(row.connections <= told.max);
  }
}

const std::string addresses = "1: lo inet 127.0.0.1/8 scope host lo\n2: eth0 inet 10.0.0.5/24\n";

}  // namespace

TEST_CASE("limits alone: the machine's addresses are not determined, and stand-ins reach as far as it does") {
  const Probed one =
      probed({{"limits", "Max open files            4388                 1000000              files\n"}}, "");
  CHECK(one.headroom.answer.capacity == Interval::exactly(4385));
  CHECK(says(one.machine.not_determined, "addresses of the machine"));
  CHECK(says(one.host.origin->notes, "192.0.0.8 stands for it"));
  CHECK(std::count(one.host.origin->measured.begin(), one.host.origin->measured.end(), "addresses") == 0);
  check_same_answer(one, "10.1.0.9:443", 5000);
  const Probed six = probed({{"limits", "Max open files 30 30 files\n"}}, "[2001:db8::9]:443");
  CHECK(six.headroom.answer.capacity == Interval::exactly(27));
  check_same_answer(six, "[2001:db8::9]:443", 100);
}

TEST_CASE("a machine whose addresses were listed reaches no other family") {
  const Probed one = probed({{"addresses", addresses}}, "[2001:db8::9]:443");
  CHECK(one.headroom.answer.capacity == Interval::exactly(0));
  CHECK(binding_of(one.headroom) == Limit::no_route);
  CHECK(std::none_of(one.headroom.rows.begin(), one.headroom.rows.end(),
                     [](const HeadroomRow& row) { return row.binds_first; }));
}

TEST_CASE("IPv6 that is switched off is no way") {
  const std::string off = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.lo.disable_ipv6 = 1\n";
  const Probed out = probed({{"sysctl", off}, {"limits", "Max open files 30 30 files\n"}}, "[2001:db8::9]:443");
  CHECK(out.headroom.answer.capacity == Interval::exactly(0));
  CHECK(binding_of(out.headroom) == Limit::no_route);
  CHECK(says(out.headroom.notes, "EADDRNOTAVAIL"));
  const std::string ss = "LISTEN 0 5 [::]:443 [::]:*\nLISTEN 0 5 0.0.0.0:22 0.0.0.0:*\n";
  const Probed in = probed({{"sysctl", off}, {"addresses", addresses}, {"ss", ss}}, "[::1]:443");
  CHECK(binding_of(in.headroom) == Limit::no_route);
  const Probed four = probed({{"sysctl", off}, {"addresses", addresses}, {"ss", ss}}, "127.0.0.1:443");
  CHECK(four.headroom.answer.capacity.min > 0);
  // Loopback alone keeps it.
  const Probed kept = probed({{"sysctl", "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.lo.disable_ipv6 = 0\n"},
                              {"addresses", addresses},
                              {"ss", ss}},
                             "[::1]:443");
  CHECK(kept.headroom.answer.capacity.min > 0);
}

TEST_CASE("who listens is not determined where nobody was listed, and nobody is said to refuse") {
  const std::string ss =
      "State Recv-Q Send-Q Local Address:Port Peer Address:Port\nESTAB 0 0 127.0.0.1:40000 127.0.0.1:5432\n"
      "ESTAB 0 0 127.0.0.1:5432 127.0.0.1:40000\nESTAB 0 0 10.0.0.5:40001 10.0.0.5:6379\n";
  const Probed one = probed({{"addresses", addresses}, {"ss", ss}}, "127.0.0.1:5432");
  CHECK(one.headroom.listener_in_doubt);
  CHECK(one.headroom.answer.capacity.min > 0);
  CHECK(binding_of(one.headroom) != Limit::no_listener);
  CHECK(says(one.machine.not_determined, "who listens"));
  // Nor where sockets were not seen at all, or one of the kernel's two tables is missing.
  CHECK(probed({{"addresses", addresses}}, "10.0.0.5:80").headroom.listener_in_doubt);
  CHECK(probed({{"addresses", addresses}, {"tcp", "  sl  local_address\n"}}, "10.0.0.5:80").headroom.listener_in_doubt);
  CHECK_FALSE(probed({{"addresses", addresses}, {"tcp", "  sl\n"}, {"tcp6", "  sl\n"}}, "10.0.0.5:80")
                  .headroom.listener_in_doubt);
  // Somebody else listens, so the list has those that do.
  const Probed known =
      probed({{"addresses", addresses}, {"ss", ss + "LISTEN 0 5 0.0.0.0:22 0.0.0.0:*\n"}}, "127.0.0.1:5433");
  CHECK_FALSE(known.headroom.listener_in_doubt);
  CHECK(binding_of(known.headroom) == Limit::no_listener);
}

TEST_CASE("sockets that a list of other protocols does not have are not determined") {
  const std::string udp =
      "State Recv-Q Send-Q Local Address:Port Peer Address:Port\nUNCONN 0 0 0.0.0.0:40000 0.0.0.0:*\n";
  const Probed one = probed({{"addresses", addresses}, {"ss", udp}, {"sockstat", "TCP: inuse 7 orphan 0\n"}}, "");
  CHECK_FALSE(one.machine.sockets);
  CHECK(one.host.held_ports.empty());
  CHECK(says(one.machine.not_determined, "other protocols' alone"));
  CHECK(says(one.machine.notes, "there are 7 sockets of TCP over IPv4"));
  // The next source is asked.
  const Probed two = probed({{"ss", udp}, {"netstat", "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN\n"}}, "");
  CHECK(two.machine.sockets->size() == 1);
}

TEST_CASE("an old machine's process has its listener and its connections") {
  const std::string ss =
      "State       Recv-Q Send-Q   Local Address:Port   Peer Address:Port\n"
      "LISTEN      0      128      :::22                :::*         users:((\"sshd\",1379,4))\n"
      "LISTEN      0      128      *:22                 *:*          users:((\"sshd\",1379,3))\n"
      "LISTEN      0      50       *:3306               *:*          users:((\"mysqld\",1718,10))\n"
      "ESTAB       0      0        10.20.0.5:40112      10.20.0.9:6379  users:((\"mysqld\",1718,12))\n"
      "ESTAB       0      0        10.20.0.5:40113      10.20.0.9:6379  users:((\"mysqld\",1718,13))\n";
  const Probed one = probed({{"uname", "2.6.32-431.el6.x86_64\n"},
                             {"status", "Name:\tmysqld\nPid:\t1718\nUid:\t27\t27\t27\t27\n"},
                             {"limits", "Max open files 1024 4096 files\n"},
                             {"ss", ss}},
                            "10.20.0.9:6379");
  REQUIRE(one.host.processes.front().listeners.size() == 1);
  CHECK(one.host.processes.front().listeners[0].endpoint.text() == "0.0.0.0:3306");
  CHECK(std::count_if(one.machine.sockets->begin(), one.machine.sockets->end(),
                      [](const MachineSocket& socket) { return socket.of_process; }) == 3);
  CHECK_FALSE(says(one.machine.not_determined, "names no socket of it"));
  check_same_answer(one, "10.20.0.9:6379", 3000);
}

TEST_CASE("the times of TIME_WAIT mean the same before and since iproute2 6.11: all four entries may be taken over") {
  for (const char* unit : {"ms", "sec"}) {
    CAPTURE(unit);
    const Probed one =
        probed({{"sysctl", "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 1\n"},
                {"limits", "Max open files 100000 100000 files\n"},
                {"ss", fmt::format("TIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443 timer:(timewait,1.574{0},0)\n"
                                   "TIME-WAIT 0 0 10.0.0.5:40001 10.1.0.9:443 timer:(timewait,9.373{0},0)\n"
                                   "TIME-WAIT 0 0 10.0.0.5:40002 10.1.0.9:443 timer:(timewait,954ms,0)\n"
                                   "TIME-WAIT 0 0 10.0.0.5:40003 10.1.0.9:443 timer:(timewait,30sec,0)\n",
                                   unit)}},
               "10.1.0.9:443");
    CHECK(one.headroom.answer.capacity == Interval::exactly(28232));
  }
}

TEST_CASE("sentence and table name one limit, also where it is not known what a process has open") {
  const Probed one = probed({{"addresses", "1: eth0 inet 10.0.0.5/24\n"},
                             {"limits", "Max open files 1024 4096 files\n"},
                             {"status", "Name:\tapp\nPid:\t7\nUid:\t0\t0\t0\t0\n"}},
                            "10.1.0.9:443");
  CHECK(binding_of(one.headroom) == Limit::fd_per_process);
  for (const HeadroomRow& row : one.headroom.rows) CHECK(row.binds_first == (row.limit == Limit::fd_per_process));
  check_same_answer(one, "10.1.0.9:443", 3000);
}

TEST_CASE("limits that leave no room are hosts of a scenario too") {
  for (const char* limit : {"0", "1", "2", "3", "4"}) {
    CAPTURE(limit);
    const Probed one = probed({{"addresses", addresses},
                               {"limits", fmt::format("Max open files {} 4096 files\n", limit)},
                               {"status", "Name:\tapp\nPid:\t7\nUid:\t33\t33\t33\t33\n"},
                               {"ss",
                                "LISTEN 0 5 0.0.0.0:8080 0.0.0.0:* users:((\"app\",pid=7,fd=3))\n"
                                "LISTEN 0 5 0.0.0.0:8081 0.0.0.0:* users:((\"app\",pid=7,fd=4))\n"}},
                              "10.1.0.9:443");
    check_same_answer(one, "10.1.0.9:443", 100);
    // A listener that the process has no room for still holds its port.
    std::size_t ports = one.host.processes.front().listeners.size();
    for (const HeldPorts& held : one.host.held_ports) ports += held.ports.size().value;
    CHECK(ports == 2);
  }
}

TEST_CASE("what a scenario cannot say is said") {
  const Probed route =
      probed({{"addresses", addresses}, {"route", "RTNETLINK answers: Network is unreachable\n"}}, "10.1.0.9:443");
  CHECK(binding_of(route.headroom) == Limit::no_route);
  CHECK(says(route.headroom.notes, "a scenario cannot say that there is no way"));
}

TEST_CASE("a host whose rules track connections has its table in a scenario, with what is used of it") {
  const Probed tracked = probed({{"addresses", addresses},
                                 {"nf_conntrack_count", "90\n"},
                                 {"nf_conntrack_max", "100\n"},
                                 {"limits", "Max open files 1024 4096 files\n"}},
                                "10.1.0.9:443");
  CHECK(tracked.headroom.answer.capacity == Interval::exactly(10));
  CHECK(tracked.host.conntrack == ConntrackSettings{.max = 100, .buckets = 100, .held = 90});
  check_same_answer(tracked, "10.1.0.9:443", 100);
}

namespace {

// Changes of the kind that happen to files: lines lost, doubled or of another file, words out of place, odd figures.
class Changer {
 public:
  explicit Changer(std::uint32_t seed) : random_(seed) {}

  void change(Collected& collected) {
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      auto text = collected.texts.begin();
      std::advance(text, static_cast<std::ptrdiff_t>(below(collected.texts.size())));
      if (below(12) == 0 && collected.texts.size() > 1) {
        collected.texts.erase(text);
      } else {
        change(text->second.text);
      }
    }
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  void change(std::string& text) {
    std::vector<std::string> lines(1);
    for (const char letter : text) {
      lines.back() += letter;
      if (letter == '\n') lines.emplace_back();
    }
    if (lines.back().empty()) lines.pop_back();
    if (lines.empty()) return;
    const std::size_t at = below(lines.size());
    switch (below(4)) {
      case 0:
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size())), std::string(lines[at]));
        break;
      case 2:
        change_word(lines[at], some_word(lines[below(lines.size())]));
        break;
      default:
        change_word(lines[at], odd_word());
    }
    text.clear();
    for (const std::string& line : lines) text += line;
  }

  static std::vector<std::pair<std::size_t, std::size_t>> words_of(const std::string& line) {
    std::vector<std::pair<std::size_t, std::size_t>> words;
    for (std::size_t from = line.find_first_not_of(" \t\n"); from != std::string::npos;) {
      const std::size_t to = std::min(line.find_first_of(" \t\n", from), line.size());
      words.emplace_back(from, to - from);
      from = line.find_first_not_of(" \t\n", to);
    }
    return words;
  }

  std::string some_word(const std::string& line) {
    const auto words = words_of(line);
    if (words.empty()) return "0";
    const auto [from, length] = words[below(words.size())];
    return line.substr(from, length);
  }

  std::string odd_word() {
    static const std::vector<std::string> odd{"0",
                                              "1",
                                              "-1",
                                              "65535",
                                              "65536",
                                              "4294967295",
                                              "18446744073709551615",
                                              "unlimited",
                                              "*:*",
                                              "*:22",
                                              "0.0.0.0:0",
                                              "0.0.0.0:33500",
                                              "127.0.0.1:33042",
                                              "[::]:33501",
                                              "[fe80::1]:33502",
                                              "[::ffff:10.1.0.1]:33503",
                                              "10.99.0.1:33504",
                                              "224.0.0.1:33505",
                                              "[2001:db8:1::1]:65535",
                                              "LISTEN",
                                              "UNCONN",
                                              "TIME-WAIT",
                                              "inet6",
                                              "10.1.0.1/0",
                                              "users:((\"webserver\",pid=3358,fd=9))",
                                              "timer:(timewait,,0)",
                                              "32768-33791",
                                              "0A",
                                              "06",
                                              "\xff\xfe"};
    return odd[below(odd.size())];
  }

  void change_word(std::string& line, const std::string& word) {
    const auto words = words_of(line);
    if (words.empty()) return;
    const auto [from, length] = words[below(words.size())];
    line.replace(from, length, word);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("changed files are refused, or make a host that run takes and that has probe's answer") {
  const auto found = collect_directory(std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/collected/web-server");
  if (!found) FAIL(text_of(found.error()));
  const std::string to = "10.1.0.9:5432";
  std::size_t read_whole = 0;
  std::size_t asked = 0;
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    Collected collected = found->collected;
    // Others than ss have their turn too.
    if (seed % 3 == 0) collected.texts.erase("ss");
    Changer(seed).change(collected);
    const auto strict = read_machine(collected, ProfileSet::built_in());
    read_whole += strict ? 1U : 0U;
    const auto machine = read_machine(collected, ProfileSet::built_in(), {.profile = {}, .lenient = true});
    REQUIRE(machine);
    const Probed one = asked_of(*machine, to.c_str());
    const bool own = std::any_of(one.host.addresses.begin(), one.host.addresses.end(), [&](const AddressBlock& block) {
      return block.address == Endpoint::parse(to)->address;
    });
    const bool said_otherwise =
        says(one.headroom.notes, "a scenario with this host holds") || says(one.headroom.notes, "cannot say that");
    if (said_otherwise || own) {
      const auto loads = pasted(one.host, "203.0.113.9:443", 1);
      if (!loads) FAIL(text_of(loads.error()) << host_json(one.host));
      continue;
    }
    ++asked;
    check_same_answer(one, to, 1500);
  }
  // Neither is everything refused, nor is nothing.
  CHECK(read_whole > 200);
  CHECK(read_whole < 550);
  CHECK(asked > 500);
}

}  // namespace netlimits::scenarios

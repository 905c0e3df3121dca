// A directory of collected files becomes a machine, and a machine a host of a scenario.
#include "scenarios/collected/machine_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "model/machine/machine_host.hpp"
#include "scenarios/collected/directory.hpp"
#include "scenarios/collected/kernel_profile.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

const std::string samples = std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/collected/";

Machine machine_in(const Collected& collected, const MachineReading& reading = {}) {
  auto machine = read_machine(collected, ProfileSet::built_in(), reading);
  if (!machine) FAIL(text_of(machine.error()));
  return *machine;
}

Collected web_server() {
  auto found = collect_directory(samples + "web-server");
  if (!found) FAIL(text_of(found.error()));
  CHECK(found->notes.empty());
  return found->collected;
}

bool mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

std::uint64_t held_towards(const HostGroup& host, const std::string& from, const std::string& to,
                           HeldConnectionState state) {
  std::uint64_t count = 0;
  for (const HeldConnections& held : host.held_connections) {
    if (held.from.text() != from || held.to.text() != to || held.state != state) continue;
    for (const PortRange& range : held.ports) count += range.size().value;
  }
  return count;
}

std::set<std::uint16_t> held_ports(const HostGroup& host) {
  std::set<std::uint16_t> ports;
  for (const HeldPorts& held : host.held_ports) {
    for (std::uint32_t port = held.ports.first.value; port <= held.ports.last.value; ++port)
      ports.insert(static_cast<std::uint16_t>(port));
  }
  return ports;
}

// A directory that goes with the test.
class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / ("netlimits-collected-" + unique())) {
    std::filesystem::create_directory(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  void put(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  std::string path() const { return path_.string(); }

 private:
  static std::string unique() {
    static int number = 0;
    return std::to_string(std::filesystem::file_time_type::clock::now().time_since_epoch().count()) + "-" +
           std::to_string(++number);
  }
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a web server's files say its limits, its process and its sockets") {
  const Machine machine = machine_in(web_server());
  CHECK(machine.kernel == "6.18.44");
  CHECK(machine.profile->name == "linux-6.18");
  CHECK(machine.settings.at("net.ipv4.ip_local_port_range") == "32768 33791");
  CHECK(machine.process.name == "webserver");
  CHECK(machine.process.id == 3358U);
  CHECK(machine.process.nofile_soft == 20000U);
  CHECK(machine.process.nofile_hard == 20000U);
  REQUIRE(machine.process.descriptors);
  CHECK(machine.process.descriptors->size() == 34);
  CHECK(machine.process.descriptors->back() == 251);
  CHECK(machine.source_towards->text() == "10.1.0.1");
  REQUIRE(machine.addresses.size() == 3);
  CHECK(machine.addresses[0].text() == "10.1.0.1/24");
  REQUIRE(machine.sockets);
  CHECK(machine.sockets->size() == 31);
  CHECK(std::count_if(machine.sockets->begin(), machine.sockets->end(),
                      [](const MachineSocket& socket) { return socket.of_process; }) == 24);
  CHECK(machine.owners_seen);
  CHECK(machine.counts.orphans == 0U);
  CHECK(machine.conntrack_max == 262144U);
  REQUIRE(machine.cgroup_memory.size() == 1);
  CHECK(machine.cgroup_memory[0].limit == 536870912U);
  REQUIRE(machine.cgroup_processes.size() == 1);
  CHECK_FALSE(machine.cgroup_processes[0].limit);
  CHECK(mentions(machine.surroundings, "Docker"));
  CHECK(mentions(machine.not_determined, "bound and neither listen"));
}

TEST_CASE("the same sockets come out of ss and of /proc/net/tcp") {
  Collected collected = web_server();
  const Machine by_ss = machine_in(collected);
  collected.texts.erase("ss");
  const Machine by_kernel = machine_in(collected);
  REQUIRE(by_kernel.sockets);
  REQUIRE(by_kernel.sockets->size() == by_ss.sockets->size());
  std::multiset<std::pair<FourTuple, TcpState>> one;
  std::multiset<std::pair<FourTuple, TcpState>> other;
  for (const MachineSocket& socket : *by_ss.sockets) one.emplace(socket.tuple, socket.state);
  for (const MachineSocket& socket : *by_kernel.sockets) other.emplace(socket.tuple, socket.state);
  CHECK(one == other);
  // By inode as by name: the same sockets are those of the process.
  CHECK(std::count_if(by_kernel.sockets->begin(), by_kernel.sockets->end(),
                      [](const MachineSocket& socket) { return socket.of_process; }) == 24);
}

TEST_CASE("its sockets hold four-tuples, and its listeners are those of its process") {
  const HostGroup host = host_of(machine_in(web_server()));
  CHECK(host.settings.local_port_range == PortRange{Port{32768}, Port{33791}});
  CHECK(held_towards(host, "10.1.0.1", "10.1.0.9:5432", HeldConnectionState::open) == 12);
  CHECK(held_towards(host, "10.1.0.1", "10.1.0.9:5432", HeldConnectionState::fin_wait_2) == 3);
  CHECK(held_towards(host, "10.1.0.2", "10.1.0.9:5432", HeldConnectionState::open) == 2);
  CHECK(held_towards(host, "2001:db8:1::1", "[2001:db8:1::9]:443", HeldConnectionState::open) == 4);
  CHECK(held_towards(host, "127.0.0.1", "127.0.0.1:6379", HeldConnectionState::open) == 1);
  CHECK(held_towards(host, "127.0.0.1", "127.0.0.1:6379", HeldConnectionState::time_wait) == 2);
  // The connections that its listeners accepted share their listeners' ports.
  CHECK(held_ports(host).empty());
  REQUIRE(host.processes.size() == 1);
  const Process& web = host.processes[0];
  CHECK(web.name == "webserver");
  CHECK(web.nofile == 20000);
  // [::]:80 stands for 0.0.0.0:80 too, which a scenario cannot name beside it.
  REQUIRE(web.listeners.size() == 2);
  CHECK(web.own_descriptors + web.listeners.size() == 34);
  for (const Listener& listener : web.listeners) {
    if (listener.endpoint.port == Port{80}) {
      CHECK(listener.endpoint.address == IpAddress::any(Family::inet6));
      CHECK(listener.backlog == 511);
    } else {
      CHECK(listener.endpoint.text() == "127.0.0.1:6379");
      CHECK(listener.backlog == 5);
    }
  }
  REQUIRE(host.origin);
  CHECK(host.origin->format == "netlimits.probe/1");
  CHECK(std::count(host.origin->measured.begin(), host.origin->measured.end(), "net.ipv4.ip_local_port_range") == 1);
  // One that only the first network namespace shows.
  CHECK(host.origin->from_profile == std::vector<std::string>{"net.ipv4.tcp_max_orphans"});
}

TEST_CASE(
    "without a process in particular the listeners hold their ports, and a program begins with three descriptors") {
  Collected collected = web_server();
  collected.texts.erase("status");
  collected.texts.erase("fd");
  collected.process_asked = false;
  const HostGroup host = host_of(machine_in(collected));
  CHECK(held_ports(host) == std::set<std::uint16_t>{80, 6379});
  REQUIRE(host.processes.size() == 1);
  CHECK(host.processes[0].name == "program");
  CHECK(host.processes[0].own_descriptors == 3);
  CHECK(host.processes[0].listeners.empty());
}

TEST_CASE("what is missing comes from the profile and is marked so") {
  Collected collected;
  collected.source = "collected files";
  collected.texts["uname"] = {"uname", "5.10.0-28-amd64\n"};
  const Machine machine = machine_in(collected);
  CHECK(machine.profile->name == "linux-5.4");
  CHECK(mentions(machine.notes, "linux-5.4 is the nearest older one"));
  CHECK(mentions(machine.not_determined, "sockets"));
  CHECK(mentions(machine.not_determined, "sysctl"));
  CHECK(mentions(machine.not_determined, "descriptor limit"));
  const HostGroup host = host_of(machine);
  CHECK(host.set_by_scenario.empty());
  CHECK(host.settings == machine.profile->settings);
  CHECK(host.processes[0].nofile == machine.profile->nofile_soft);
  CHECK(mentions(host.origin->from_profile, "net.ipv4.ip_local_port_range"));
  CHECK(mentions(host.origin->from_profile, "processes/program/nofile"));
  CHECK(host.origin->measured.empty());
}

TEST_CASE("a release of Linux stands alone or behind its name") {
  for (const char* text : {"6.18.44\n", "Linux 6.18.44\n", "Linux web 6.18.44 #1 SMP x86_64 GNU/Linux\n"}) {
    CAPTURE(text);
    Collected collected;
    collected.texts["uname"] = {"uname", text};
    CHECK(machine_in(collected).kernel == "6.18.44");
  }
}

TEST_CASE("descriptors above a lowered limit take no room below it") {
  Collected collected = web_server();
  collected.texts["limits"].text = "Max open files 30 64 files\n";
  const HostGroup host = host_of(machine_in(collected));
  // 0 to 29 but 32 (gone), of which 30, 31, 33 and 251 lie above.
  const Process& web = host.processes[0];
  CHECK(web.nofile == 30);
  CHECK(web.own_descriptors + web.listeners.size() == 30);
  CHECK(mentions(host.origin->notes, "4 descriptors of webserver lie above its limit"));
  CHECK(mentions(host.origin->notes, "may raise its descriptor limit from 30 to 64"));
}

TEST_CASE("sockets on one port that a scenario cannot name side by side become the widest of them") {
  Collected collected;
  collected.texts["uname"] = {"uname", "6.18.0\n"};
  collected.texts["addresses"] = {"addresses", "inet 10.0.0.5/24\ninet 10.0.0.6/24\n"};
  collected.texts["ss"] = {"ss",
                           "LISTEN 0 9 0.0.0.0:22 0.0.0.0:*\nLISTEN 0 9 [::]:22 [::]:*\n"
                           "LISTEN 0 9 10.0.0.5:80 0.0.0.0:*\nUNCONN 0 0 10.0.0.6:80 0.0.0.0:*\n"
                           "LISTEN 0 9 0.0.0.0:81 0.0.0.0:*\nLISTEN 0 9 127.0.0.1:81 0.0.0.0:*\n"
                           "LISTEN 0 9 10.99.0.1:82 0.0.0.0:*\nESTAB 0 0 10.0.0.5:1500 10.1.0.9:443\n"
                           "ESTAB 0 0 10.99.0.1:40000 10.1.0.9:443\n"};
  const HostGroup host = host_of(machine_in(collected));
  std::multiset<std::string> texts;
  for (const HeldPorts& held : host.held_ports)
    texts.insert(Endpoint{held.address, held.ports.first}.text() + (held.listens ? "" : " bound"));
  CHECK(texts == std::multiset<std::string>{"[::]:22", "10.0.0.5:80", "10.0.0.6:80 bound", "0.0.0.0:81", "127.0.0.1:82",
                                            "10.0.0.5:1500 bound"});
  CHECK(host.held_connections.empty());
  CHECK(mentions(host.origin->notes, "1 sockets are bound to addresses that are not among"));
  CHECK(mentions(host.origin->notes, "1 connections from addresses that are not among"));
  CHECK(mentions(host.origin->notes, "1 connections have ports outside the automatic range"));
}

TEST_CASE("entries keep the rest of their time in whole seconds, and ports in doubt are said") {
  Collected collected;
  collected.texts["uname"] = {"uname", "6.18.0\n"};
  collected.texts["addresses"] = {"addresses", "inet 10.0.0.5/24\n"};
  collected.texts["ss"] = {"ss",
                           "TIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443 timer:(timewait,1.500ms,0)\n"
                           "TIME-WAIT 0 0 10.0.0.5:40002 10.1.0.9:443 timer:(timewait,2min,0)\n"
                           "TIME-WAIT 0 0 10.0.0.5:40004 10.1.0.9:443\n"
                           "ESTAB 0 0 10.0.0.5:40004 10.1.0.9:444\n"};
  const HostGroup host = host_of(machine_in(collected));
  std::multiset<Duration> ends;
  for (const HeldConnections& held : host.held_connections) {
    if (held.state == HeldConnectionState::time_wait) ends.insert(held.ends_after);
  }
  CHECK(ends == std::multiset<Duration>{2s, 60s});
  CHECK(held_towards(host, "10.0.0.5", "10.1.0.9:443", HeldConnectionState::time_wait) == 3);
  CHECK(mentions(host.origin->notes, "1 entries in TIME_WAIT are there yet is not known"));
  CHECK(ports_in_doubt(host) == 3);
  const HostGroup bound = with_ports_bound(host);
  CHECK(bound.held_connections.empty());
  CHECK(held_ports(bound) == std::set<std::uint16_t>{40000, 40002, 40004});
}

TEST_CASE("a connection that is listed twice, or beyond what the settings allow, does not make the host unusable") {
  Collected collected;
  collected.texts["uname"] = {"uname", "6.18.0\n"};
  collected.texts["sysctl"] = {"sysctl", "net.ipv4.tcp_max_tw_buckets = 2\n"};
  collected.texts["addresses"] = {"addresses", "inet 10.0.0.5/24\n"};
  std::string rows = "ESTAB 0 0 10.0.0.5:40000 10.1.0.9:443\nTIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443\n";
  for (int port = 40002; port < 40008; ++port)
    rows += "TIME-WAIT 0 0 10.0.0.5:" + std::to_string(port) + " 10.1.0.9:443\n";
  collected.texts["ss"] = {"ss", rows};
  const HostGroup host = host_of(machine_in(collected));
  CHECK(held_towards(host, "10.0.0.5", "10.1.0.9:443", HeldConnectionState::open) == 1);
  CHECK(held_towards(host, "10.0.0.5", "10.1.0.9:443", HeldConnectionState::time_wait) == 2);
  CHECK(mentions(host.origin->notes, "of 6 entries in TIME_WAIT and FIN_WAIT_2 only 2 are kept"));
}

TEST_CASE("the profile is that of the kernel's version, or the nearest older one, said aloud") {
  struct Row {
    const char* release;
    const char* profile;
    const char* note;
  };
  for (const Row& row :
       {Row{"6.18.44-cloud-amd64", "linux-6.18", ""}, Row{"6.12.5", "linux-6.12", ""},
        Row{"6.17.0", "linux-6.12", "nearest older"}, Row{"7.0.1", "linux-6.18", "nearest older"},
        Row{"4.15.0-20-generic", "linux-4.11", "nearest older"}, Row{"5.15.0-91-generic", "linux-5.4", "nearest older"},
        Row{"4.18.0-553.el8_10.x86_64", "linux-4.11", "nearest older"},
        Row{"5.14.0-427.el9.x86_64", "linux-5.4", "nearest older"}, Row{"4.9.0-19-amd64", "linux-4.4", "nearest older"},
        Row{"4.3.5", "linux-4.2", "nearest older"}, Row{"3.10.0-1160.el7.x86_64", "linux-2.6", "nearest older"},
        Row{"2.4.37", "linux-2.6", "is the oldest"}, Row{"unknown", "linux", "names no version"},
        Row{"", "linux", "not known"}}) {
    CAPTURE(row.release);
    const KernelProfile found = profile_of_kernel(ProfileSet::built_in(), row.release);
    CHECK(found.profile->name == row.profile);
    CHECK(found.note.find(row.note) != std::string::npos);
    CHECK(found.note.empty() == (row.note == std::string()));
  }
  Collected collected = web_server();
  CHECK(machine_in(collected, {.profile = "linux-5.4"}).profile->name == "linux-5.4");
  const auto wrong = read_machine(collected, ProfileSet::built_in(), {.profile = "linx"});
  REQUIRE_FALSE(wrong);
  CHECK_THAT(text_of(wrong.error()), Catch::Matchers::Contains("did you mean linux?"));
  CHECK_FALSE(read_machine(collected, ProfileSet::built_in(), {.profile = "windows"}));
}

TEST_CASE("a setting that the profile does not have is left out and said") {
  Collected collected = web_server();
  const Machine machine = machine_in(collected, {.profile = "linux-6.1"});
  CHECK_FALSE(machine.settings.contains("net.ipv4.tcp_tw_reuse_delay"));
  CHECK(mentions(machine.notes, "net.ipv4.tcp_tw_reuse_delay"));
}

TEST_CASE("a file that is not what its name says is refused with its place, a running kernel's own words are not") {
  for (const auto& [name, text, words] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"sysctl", "fs.file-max = 5\nnet.ipv4.ip_local_port_range = 9 x\n",
            "sysctl:2:32: expected a value of net.ipv4.ip_local_port_range"},
           {"sysctl", "fs.file-nr = none\n", "sysctl:1:14: expected a whole number"},
           {"limits", "rubbish\n", "limits:1:1: "},
           {"status", "rubbish\n", "status:1:1: "},
           {"fd", "rubbish\n", "fd:1:1: "},
           {"cgroup", "0::/a\nrubbish\n", "cgroup:2:1: "},
           {"addresses", "rubbish\n", "addresses: expected lines"},
           {"route", "rubbish\n", "route:1:1: expected the address"},
           {"ss", "rubbish\n", "ss:1:1: "},
           {"tcp", "rubbish\n", "tcp:1:8: "},
           {"tcp6", "rubbish\n", "tcp6:1:8: "},
           {"sockstat", "rubbish\n", "sockstat:1:1: "},
           {"file-nr", "rubbish\n", "file-nr:1:1: "},
           {"nf_conntrack_count", "rubbish\n", "nf_conntrack_count:1:1: "},
           {"uname", "Darwin mac 23.1.0\n", "uname:1:1: expected a release of Linux"},
           {"uname", "FreeBSD web 14.1-RELEASE FreeBSD 14.1-RELEASE amd64\n", "uname:1:1: expected a release of Linux"},
           {"uname", "14.1-RELEASE-p3\n", "uname:1:1: expected a release of Linux"},
           {"uname", "MINGW64_NT-10.0-19045 pc 3.4.9.x86_64 2023-09-15 x86_64 Msys\n", "uname:1:1: expected"},
           {"uname", "CYGWIN_NT-10.0\n", "uname:1:1: expected a release of Linux"},
           {"uname", "SunOS db 5.11 11.4.0.15.0 sun4v sparc\n", "uname:1:1: expected a release of Linux"},
           {"uname", "Linux\n", "uname:1:1: expected a release such as"},
           {"uname", "\n", "uname:1:1: "}}) {
    CAPTURE(name, text);
    Collected collected;
    collected.texts[name] = {name, text};
    collected.process_asked = true;
    const auto refused = read_machine(collected, ProfileSet::built_in());
    REQUIRE_FALSE(refused);
    CHECK_THAT(text_of(refused.error()), Catch::Matchers::Contains(words));
    const auto lenient = read_machine(collected, ProfileSet::built_in(), {.profile = {}, .lenient = true});
    REQUIRE(lenient);
    CHECK(mentions(lenient->not_determined, words));
    CHECK(host_of(*lenient).profile);
  }
}

TEST_CASE("a directory is read by the names that count") {
  const Directory directory;
  directory.put("uname.txt", "6.1.0\n");
  directory.put("limits", "Max open files 10 20 files\n");
  directory.put("notes.md", "hello\n");
  const auto found = collect_directory(directory.path());
  REQUIRE(found);
  CHECK(found->collected.texts.size() == 2);
  CHECK(found->collected.texts.at("uname").file == directory.path() + "/uname.txt");
  CHECK_FALSE(found->collected.process_asked);
  REQUIRE(found->notes.size() == 1);
  CHECK(found->notes[0].find("notes.md") != std::string::npos);
  directory.put("uname", "6.1.0\n");
  const auto twice = collect_directory(directory.path());
  REQUIRE_FALSE(twice);
  CHECK_THAT(text_of(twice.error()), Catch::Matchers::Contains("is there already"));
}

TEST_CASE("a directory that holds nothing of use is refused, and so is none") {
  const Directory directory;
  const auto empty = collect_directory(directory.path());
  REQUIRE_FALSE(empty);
  CHECK_THAT(text_of(empty.error()),
             Catch::Matchers::Contains("holds no file that counts; expected some of: uname, sysctl"));
  CHECK_FALSE(collect_directory(directory.path() + "/none"));
  directory.put("uname", "6.1.0\n");
  CHECK_FALSE(collect_directory(directory.path() + "/uname"));
}

TEST_CASE("docs/probe.md names every file that counts, with its command") {
  std::ifstream page(std::string(NETLIMITS_SOURCE_DIR) + "/docs/probe.md");
  REQUIRE(page.is_open());
  const std::string text{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  for (const CollectedFile& file : collected_files()) {
    CAPTURE(file.name);
    CHECK(text.find("| `" + std::string(file.name) + "` | `" + std::string(file.command) + "` |") != std::string::npos);
  }
}

}  // namespace netlimits::scenarios

// What tools of several ages print, and what they print beside what was asked.
#include <string>
#include <vector>

#include "scenarios/collected/address_listing.hpp"
#include "scenarios/collected/counters.hpp"
#include "scenarios/collected/process_files.hpp"
#include "scenarios/collected/socket_listing.hpp"
#include "scenarios/collected/sysctl_listing.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

CollectedText printed(const std::string& text) { return {"file", text}; }

SocketListing ss_rows(const std::string& text, std::optional<std::uint64_t> process = std::nullopt) {
  auto read = read_ss_listing(printed(text), process);
  if (!read) FAIL(text_of(read.error()));
  return *read;
}

SocketListing netstat_rows(const std::string& text, std::optional<std::uint64_t> process = std::nullopt) {
  auto read = read_netstat_listing(printed(text), process);
  if (!read) FAIL(text_of(read.error()));
  return *read;
}

std::vector<std::string> locals(const SocketListing& listing) {
  std::vector<std::string> texts;
  for (const MachineSocket& socket : listing.sockets) texts.push_back(socket.tuple.local.text());
  return texts;
}

std::string why_not(const Loaded<SocketListing>& loaded) {
  REQUIRE_FALSE(loaded);
  return text_of(loaded.error());
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the timers of ss: of every age, as long as what is printed can mean, and of a time that is over") {
  struct Row {
    const char* timer;
    Duration time;
  };
  for (const Row& row :
       {Row{"", 0s}, Row{"044ms", 44ms}, Row{"954ms", 954ms}, Row{"1.574ms", 1574ms}, Row{"1.574sec", 1574ms},
        Row{"9.044sec", 9044ms}, Row{"1.6sec", 1600ms}, Row{"9sec", 9s}, Row{"10sec", 10999ms}, Row{"59sec", 59999ms},
        Row{"1min5sec", 65999ms}, Row{"1min12sec", 72999ms}, Row{"2min", 120999ms}, Row{"119min", 7199999ms}}) {
    CAPTURE(row.timer);
    const SocketListing read =
        ss_rows("TIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443 timer:(timewait," + std::string(row.timer) + ",0)\n");
    REQUIRE(read.sockets.size() == 1);
    CHECK(read.sockets[0].entry);
    CHECK(read.sockets[0].ends_after == row.time);
  }
  for (const char* timer : {"soon", "5", "1.sec", "1.57", "1.5min", "-1sec", "99999999999sec", "999999999min"}) {
    CAPTURE(timer);
    CHECK_THAT(why_not(read_ss_listing(
                   printed("TIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443 timer:(timewait," + std::string(timer) + ",0)\n"),
                   std::nullopt)),
               Catch::Matchers::Contains("file:1:43: expected a timer"));
  }
}

TEST_CASE("users of ss, with pid= and without") {
  const std::string rows =
      "LISTEN 0 128 :::22 :::* users:((\"sshd\",1379,4))\n"
      "LISTEN 0 50 *:3306 *:* users:((\"mysqld\",1718,10),(\"a,7,b\",1719,10))\n"
      "ESTAB 0 0 10.20.0.5:40112 10.20.0.9:6379 users:((\"mysqld\",pid=1718,fd=12))\n";
  const auto owned = [&](std::uint64_t process) {
    std::vector<bool> marks;
    for (const MachineSocket& socket : ss_rows(rows, process).sockets) marks.push_back(socket.of_process);
    return marks;
  };
  CHECK(owned(1718) == std::vector<bool>{false, true, true});
  CHECK(owned(1719) == std::vector<bool>{false, true, false});
  CHECK(owned(1379) == std::vector<bool>{true, false, false});
  CHECK(owned(10) == std::vector<bool>{false, false, false});  // a descriptor
}

TEST_CASE("\"*\" of ss is the wildcard of IPv4 in older releases, and that of both families since it has 0.0.0.0") {
  const std::string heading = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
  // Addresses of IPv6 without brackets, users without "pid=", or both wildcards at one port.
  CHECK(locals(ss_rows(heading + "LISTEN 0 128 *:40000 *:*\nLISTEN 0 128 :::22 :::*\n")) ==
        Texts{"0.0.0.0:40000", "[::]:22"});
  CHECK(locals(ss_rows(heading + "LISTEN 0 128 *:22 *:* users:((\"sshd\",7,3))\n")) == Texts{"0.0.0.0:22"});
  CHECK(locals(ss_rows(heading + "LISTEN 0 128 *:22 *:*\nLISTEN 0 128 [::]:22 [::]:*\n")) ==
        Texts{"0.0.0.0:22", "[::]:22"});
  CHECK(locals(ss_rows("ESTAB 0 0 ::ffff:10.0.0.5:8080 ::ffff:10.1.0.9:443\nLISTEN 0 1 *:80 *:*\n"
                       "LISTEN 0 1 fe80::1%eth0:546 :::*\n")) == Texts{"10.0.0.5:8080", "0.0.0.0:80", "[fe80::1]:546"});
  // 0.0.0.0 beside it, or nothing that tells.
  CHECK(locals(ss_rows(heading + "LISTEN 0 128 *:80 *:*\nLISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n")) ==
        Texts{"[::]:80", "0.0.0.0:22"});
  CHECK(locals(ss_rows(heading + "LISTEN 0 128 *:80 *:*\n")) == Texts{"[::]:80"});
}

TEST_CASE("rows of ss that are no sockets of TCP are passed over") {
  const std::string heading = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
  const SocketListing datagrams = ss_rows(heading +
                                          "UNCONN 0 0 0.0.0.0:40000 0.0.0.0:*\nUNCONN 0 0 0.0.0.0:40001 0.0.0.0:*\n"
                                          "ESTAB 0 0 10.0.0.5:40002 10.1.0.9:53\n");
  CHECK(datagrams.sockets.empty());
  CHECK(datagrams.others);
  // One list after the other in one file; only-bound sockets of TCP beside others of it (ss -B).
  const SocketListing both = ss_rows(heading + "UNCONN 0 0 *:68 *:*\n" + heading +
                                     "LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\nUNCONN 0 0 10.0.0.5:40001 0.0.0.0:*\n");
  CHECK(locals(both) == Texts{"0.0.0.0:22", "10.0.0.5:40001"});
  const SocketListing kinds = ss_rows(
      "udp UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\nnl UNCONN 0 0 rtnl:kernel *\ntcp LISTEN 0 5 0.0.0.0:22 0.0.0.0:*\n"
      "u_str ESTAB 0 0 /run/a 5 * 6\n");
  CHECK(locals(kinds) == Texts{"0.0.0.0:22"});
  CHECK(kinds.others);
  CHECK_FALSE(ss_rows(heading + "ESTAB 0 0 10.0.0.5:40002 10.1.0.9:53\n").others);
}

TEST_CASE("a row of ss may go on in the next line") {
  const SocketListing read = ss_rows(
      "LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n users:((\"sshd\",pid=7,fd=3))\n"
      "ESTAB 0 0 10.0.0.5:40000 10.1.0.9:443\n\t cubic wscale:7,7 rto:204 rtt:0.2/0.1 send 5Mbps\n"
      "TIME-WAIT 0 0 10.0.0.5:40002 10.1.0.9:443\n         timer:(timewait,59sec,0)\n",
      7);
  REQUIRE(read.sockets.size() == 3);
  CHECK(read.sockets[0].of_process);
  CHECK_FALSE(read.sockets[1].of_process);
  CHECK(read.sockets[2].ends_after == Duration(59999ms));
}

TEST_CASE("a connection of ss without an end is refused") {
  for (const char* row : {"ESTAB 0 0 0.0.0.0:0 [2001:db8::1]:443\n", "ESTAB 0 0 10.0.0.5:40000 [2001:db8::1]:443\n",
                          "ESTAB 0 0 10.0.0.5:40000 *:*\n", "ESTAB 0 0 10.0.0.5:0 10.1.0.9:443\n"}) {
    CAPTURE(row);
    CHECK_THAT(why_not(read_ss_listing(printed(row), std::nullopt)),
               Catch::Matchers::Contains("file:1:11: expected both ends of a connection"));
  }
  CHECK_THAT(why_not(read_ss_listing(printed("LISTEN 0 0 0.0.0.0:* 0.0.0.0:*\n"), std::nullopt)),
             Catch::Matchers::Contains("file:1:12: expected a port"));
  CHECK_THAT(why_not(read_ss_listing(printed("Total: 182\n"), std::nullopt)),
             Catch::Matchers::Contains("ss -s belongs into ss-s"));
}

TEST_CASE("netstat -anpo: states, owners and timers; other protocols and remarks are passed over") {
  const SocketListing read = netstat_rows(
      "(Not all processes could be identified, non-owned process info\n"
      " will not be shown, you would have to be root to see it all.)\n"
      "Active Internet connections (servers and established)\n"
      "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name     Timer\n"
      "tcp        3      0 0.0.0.0:22              0.0.0.0:*               LISTEN      7/sshd               off "
      "(0.00/0/0)\n"
      "tcp        0      0 10.0.0.5:40000          10.1.0.9:443            ESTABLISHED 8/nginx: worker      keepalive "
      "(7180.20/0/0)\n"
      "tcp        0      0 10.0.0.5:40002          10.1.0.9:443            TIME_WAIT   -                    timewait "
      "(52.31/0/0)\n"
      "tcp        0      0 10.0.0.5:40004          10.1.0.9:443            FIN_WAIT2   -                    timewait "
      "(7.00/0/0)\n"
      "tcp        0      0 10.0.0.5:40006          10.1.0.9:443            FIN_WAIT2   -                    off "
      "(0.00/0/0)\n"
      "tcp6       0      0 :::80                   :::*                    LISTEN      8/nginx: worker      off "
      "(0.00/0/0)\n"
      "udp        0      0 0.0.0.0:68              0.0.0.0:*                           9/dhclient           off "
      "(0.00/0/0)\n"
      "Active UNIX domain sockets (servers and established)\n"
      "Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path\n"
      "unix  2      [ ]         DGRAM                    12345    1/init               /run/systemd/notify\n",
      8);
  REQUIRE(read.sockets.size() == 6);
  CHECK(read.sockets[0].state == TcpState::listen);
  CHECK(read.sockets[0].queued == 3);
  CHECK_FALSE(read.sockets[0].backlog);
  CHECK_FALSE(read.sockets[0].of_process);
  CHECK(read.sockets[1].tuple.text() == "10.0.0.5:40000 -> 10.1.0.9:443");
  CHECK(read.sockets[1].of_process);
  CHECK(read.sockets[2].entry);
  CHECK(read.sockets[2].ends_after == Duration(52310ms));
  CHECK(read.sockets[3].state == TcpState::fin_wait_2);
  CHECK(read.sockets[3].ends_after == Duration(7s));
  CHECK_FALSE(read.sockets[4].entry);
  CHECK(read.sockets[5].tuple.local.text() == "[::]:80");
  CHECK(read.sockets[5].of_process);
  CHECK(read.others);
  CHECK(read.cut == 0);
}

TEST_CASE("netstat cuts long addresses to its column: such a row counts for nothing, and is counted") {
  const std::string whole = "tcp6 0 0 2001:db8:85a3:8d3::1:4431 2001:db8:85a3:8d3::9:443 ESTABLISHED\n";
  const std::string narrow =
      "tcp6 0 0 2001:db8:1:1::1:3349:80 ::1:40000 ESTABLISHED\ntcp6 0 0 ::1:40000 ::ffff:192.168.10.:4430 "
      "ESTABLISHED\ntcp6 0 0 ::1:40002 ::1:80 ESTABLISHED\n";
  CHECK(netstat_rows(narrow).cut == 2);
  CHECK(locals(netstat_rows(narrow)) == Texts{"[::1]:40002"});
  // Where one is longer than the column, none is cut.
  CHECK(netstat_rows(whole + "tcp6 0 0 2001:db8:1:1::1:3349:80 2001:db8:85a3:8d3::9:443 ESTABLISHED\n").cut == 0);
}

TEST_CASE("netstat: what is none is refused with its place") {
  const auto refused = [](const char* text) { return why_not(read_netstat_listing(printed(text), std::nullopt)); };
  CHECK_THAT(refused("rubbish\n"), Catch::Matchers::Contains("file:1:1: expected a line of netstat"));
  CHECK_THAT(refused("tcp4 0 0 10.0.0.5.443 *.* LISTEN\n"), Catch::Matchers::Contains("Linux's netstat"));
  // Of Windows, in English and in German, with rows and without; of macOS without any; of Solaris.
  const auto of_others = Catch::Matchers::Contains("Linux's netstat");
  const std::string head = "\nActive Connections\n\n  Proto  Local Address          Foreign Address        State\n";
  CHECK_THAT(refused((head + "  TCP    10.0.0.5:49700         10.1.0.9:443           ESTABLISHED\n").c_str()),
             of_others);
  CHECK_THAT(refused(head.c_str()), of_others);
  CHECK_THAT(refused("  Proto  Local Address   Foreign Address   State\n"), of_others);
  CHECK_THAT(refused("\nAktive Verbindungen\n\n  Proto  Lokale Adresse  Remoteadresse  Status\n"), of_others);
  CHECK_THAT(refused("Active Internet connections\nProto Recv-Q Send-Q  Local Address  Foreign Address  (state)\n"),
             of_others);
  CHECK_THAT(refused("Active LOCAL (UNIX) domain sockets\n"), of_others);
  CHECK_THAT(refused("\nTCP: IPv4\n   Local Address        Remote Address\n"), of_others);
  CHECK_THAT(refused("tcp 0 0 10.0.0.5.49700 10.1.0.9.443 ESTABLISHED\n"), Catch::Matchers::Contains("in numbers"));
  CHECK_THAT(refused(""), Catch::Matchers::Contains("expected lines of netstat"));
  CHECK_THAT(refused("tcp 0 0 10.0.0.5:22 10.0.0.6:23\n"), Catch::Matchers::Contains("found the end of the line"));
  CHECK_THAT(refused("tcp x 0 10.0.0.5:22 10.0.0.6:23 LISTEN\n"), Catch::Matchers::Contains("file:1:5: "));
  CHECK_THAT(refused("tcp 0 0 web:22 10.0.0.6:23 LISTEN\n"), Catch::Matchers::Contains("netstat -n prints numbers"));
  CHECK_THAT(refused("tcp 0 0 10.0.0.5:22 10.0.0.6:23 ESTAB\n"), Catch::Matchers::Contains("file:1:33: "));
  CHECK_THAT(refused("tcp 0 0 10.0.0.5:22 10.0.0.6:23 TIME_WAIT - timewait (x/0/0)\n"),
             Catch::Matchers::Contains("expected a timer"));
  CHECK_THAT(refused("tcp 0 0 0.0.0.0:22 10.0.0.6:23 ESTABLISHED\n"), Catch::Matchers::Contains("both ends"));
}

TEST_CASE("descriptors that were closed while ls ran do not count") {
  const auto read = [](const std::string& text) {
    auto found = read_process_descriptors(printed(text));
    if (!found) FAIL(text_of(found.error()));
    return *found;
  };
  const ProcessDescriptors gnu = read(
      "total 0\nlrwx------ 1 root root 64 Nov 28 19:16 0 -> /dev/null\n"
      "lrwx------ 1 root root 64 Nov 28 19:16 1 -> socket:[4711]\nl????????? ? ?    ?     ?            ? 11\n"
      "lr-x------ 1 root root 64 Nov 28 19:16 12\n");
  CHECK(gnu.numbers == std::vector<std::uint64_t>{0, 1});
  CHECK(gnu.socket_inodes == std::map<std::uint64_t, std::uint64_t>{{4711, 1}});
  CHECK(gnu.vanished == 2);
  const ProcessDescriptors busybox = read(
      "insgesamt 0\nlr-x------    1 root     root            64 Aug 29 08:42 0 -> pipe:[874]\n"
      "ls: /proc/self/fd/3: cannot read link: No such file or directory\n"
      "lr-x------    1 root     root            64 Aug 29 08:42 3\n"
      "lrwx------    1 root     root            64 Aug 29 08:42 6 -> socket:[701]\n");
  CHECK(busybox.numbers == std::vector<std::uint64_t>{0, 6});
  CHECK(busybox.vanished == 1);
  CHECK(busybox.targets_shown);
  const ProcessDescriptors forbidden =
      read("ls: cannot read symbolic link '/proc/7/fd/3': Permission denied\nl--------- 1 a a 64 Nov 28 19:16 3\n");
  CHECK(forbidden.numbers == std::vector<std::uint64_t>{3});
  CHECK_FALSE(forbidden.targets_shown);
  const ProcessDescriptors all = read(
      "/proc/7/fd:\ntotal 0\ndr-x------ 2 root root  0 Nov 28 19:16 .\ndr-xr-xr-x 9 root root  0 Nov 28 19:16 ..\n"
      "lrwx------ 1 root root 64 Nov 28 19:16 5 -> /dev/null\n");
  CHECK(all.numbers == std::vector<std::uint64_t>{5});
  const auto two = read_process_descriptors(printed("/proc/7/fd:\n3\n\n/proc/8/fd:\n3\n"));
  REQUIRE_FALSE(two);
  CHECK_THAT(text_of(two.error()), Catch::Matchers::Contains("file:4:1: expected the descriptors of one process"));
}

TEST_CASE("one file is about one process") {
  const std::string limits = "Max open files 1024 4096 files\n";
  CHECK(read_process_limits(printed(limits + limits))->nofile_soft == 1024);
  const auto two = read_process_limits(printed(limits + "Max open files 65536 65536 files\n"));
  REQUIRE_FALSE(two);
  CHECK_THAT(text_of(two.error()), Catch::Matchers::Contains("file:2:16: expected the limits of one process"));
  const auto status = read_process_status(printed("Name:\ta\nPid:\t7\nName:\tb\nPid:\t8\n"));
  REQUIRE_FALSE(status);
  CHECK_THAT(text_of(status.error()), Catch::Matchers::Contains("file:4:1: expected the status of one process"));
  CHECK_FALSE(read_process_status(printed("Uid:\t0\t4294967296\n")));
}

TEST_CASE("sysctl -a: complaints of every age, and the last of two values") {
  const auto read = read_sysctl_listing(
      printed("kernel.sched_child_runs_first = 0\nerror: \"Success\" reading key \"dev.parport.parport0.autoprobe\"\n"
              "error: permission denied on key 'net.ipv4.route.flush'\nsysctl: error reading key "
              "'net.ipv6.conf.all.stable_secret': I/O error\nwarning: what\nnet.core.somaxconn = 128\n"
              "net.core.somaxconn = 4096\n"));
  if (!read) FAIL(text_of(read.error()));
  CHECK(read->unreadable ==
        Texts{"dev.parport.parport0.autoprobe", "net.ipv4.route.flush", "net.ipv6.conf.all.stable_secret"});
  CHECK(read->values.at("net.core.somaxconn").value == "4096");
  CHECK(read->values.at("net.core.somaxconn").at.line == 7);
}

TEST_CASE("sockstat6 and ss -s count what lists do not show") {
  CHECK(read_ipv6_sockets_in_use(printed("TCP6: inuse 4\nUDP6: inuse 1\nFRAG6: inuse 0 memory 0\n")).value() == 4U);
  CHECK_FALSE(read_ipv6_sockets_in_use(printed("TCP: inuse 4\n")));
  CHECK_FALSE(read_ipv6_sockets_in_use(printed("TCP6: inuse many\n")));
  const auto both = read_socket_counts(printed("sockets: used 9\nTCP: inuse 5 orphan 0 tw 2\nTCP6: inuse 3\n"));
  REQUIRE(both);
  CHECK(both->in_use == 5U);
  CHECK(both->in_use_of_ipv6 == 3U);
  for (const char* text : {"Total: 182\nTCP:   12 (estab 4, closed 1, orphaned 3, timewait 5)\n\nTransport Total\n",
                           "Total: 182 (kernel 0)\nTCP:   12 (estab 4, closed 1, orphaned 3, synrecv 0, timewait 5/0), "
                           "ports 0\n"}) {
    CAPTURE(text);
    const auto summary = read_ss_summary(printed(text));
    REQUIRE(summary);
    CHECK(summary->orphans == 3U);
    CHECK(summary->time_wait == 5U);
    CHECK_FALSE(summary->pages);
  }
  CHECK_FALSE(read_ss_summary(printed("TCP: 12 (orphaned x)\n")));
  CHECK_FALSE(read_ss_summary(printed("rubbish\n")));
}

TEST_CASE("an address that no host can have is no address of the machine") {
  for (const char* text : {"inet 0.0.0.0/0\n", "inet 224.0.0.1/4\n", "inet6 ::ffff:10.0.0.5/128\n"})
    CHECK_FALSE(read_address_listing(printed(text)));
}

}  // namespace netlimits::scenarios

// Each form of text that `probe` reads: as kernels and tools print it, and as rubbish.
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

CollectedText named(const std::string& text) { return {"file", text}; }

template <class T>
std::string error_of(const Loaded<T>& loaded) {
  REQUIRE_FALSE(loaded);
  return text_of(loaded.error());
}

template <class T>
void check_error(const Loaded<T>& loaded, const std::string& words) {
  CHECK_THAT(error_of(loaded), Catch::Matchers::Contains(words));
}

TEST_CASE("sysctl -a: names and values, whatever the blanks, and what it complains about") {
  const CollectedText text = named(
      "fs.file-nr = 2464\t0\t9223372036854775807\n"
      "net.ipv4.ip_local_port_range = 32768\t60999\r\n"
      "net.ipv4.ip_local_reserved_ports = \n"
      "sysctl: permission denied on key 'net.ipv4.tcp_fastopen_key'\n"
      "kernel.core_pattern = |/usr/share/apport/apport -p%p a=b\n"
      "dev.cdrom.info = drive name:\tsr0\n"
      "dev.cdrom.info = drive speed:\t1\n"
      "\n"
      "net.core.somaxconn=128");
  const auto read = read_sysctl_listing(text);
  REQUIRE(read);
  CHECK(read->values.at("fs.file-nr").value == "2464 0 9223372036854775807");
  CHECK(read->values.at("net.ipv4.ip_local_port_range").value == "32768 60999");
  CHECK(read->values.at("net.ipv4.ip_local_reserved_ports").value.empty());
  CHECK(read->values.at("kernel.core_pattern").value == "|/usr/share/apport/apport -p%p a=b");
  CHECK(read->values.at("dev.cdrom.info").value == "drive speed: 1");
  CHECK(read->values.at("net.core.somaxconn").value == "128");
  CHECK(read->values.at("net.core.somaxconn").at.line == 9);
  CHECK(read->unreadable == std::vector<std::string>{"net.ipv4.tcp_fastopen_key"});
}

TEST_CASE("sysctl -a: a line that is none is refused with its place") {
  check_error(read_sysctl_listing(named("a.b = 1\nrubbish\n")),
              "file:2:1: expected a line such as \"net.core.somaxconn = 4096\", found \"rubbish\"");
  check_error(read_sysctl_listing(named("= 1")), "file:1:1: ");
  check_error(read_sysctl_listing(named("two words = 1")), "file:1:1: ");
}

TEST_CASE("/proc/PID/limits: soft and hard limit of open files") {
  const std::string head = "Limit                     Soft Limit           Hard Limit           Units     \n";
  const auto read = read_process_limits(
      named(head + "Max cpu time              unlimited            unlimited            seconds   \n"
                   "Max open files            1024                 524288               files     \n"));
  REQUIRE(read);
  CHECK(read->nofile_soft == 1024);
  CHECK(read->nofile_hard == 524288);
  const auto endless = read_process_limits(named("Max open files unlimited unlimited files\n"));
  REQUIRE(endless);
  CHECK(endless->nofile_hard == 18446744073709551615ULL);

  check_error(read_process_limits(named(head)), "file: expected a line \"Max open files\", found none");
  check_error(read_process_limits(named("")), "expected a line \"Max open files\"");
  check_error(read_process_limits(named("Max open files  many  20  files\n")),
              "file:1:17: expected a whole number or \"unlimited\", found \"many\"");
  check_error(read_process_limits(named("Max open files  10")),
              "file:1:19: expected a soft and a hard limit, found the end");
  check_error(read_process_limits(named(head + "<html>\n")), "file:2:1: expected a line of /proc/PID/limits");
}

TEST_CASE("/proc/PID/status: name, number and user") {
  const auto read =
      read_process_status(named("Name:\tngi nx: w\nPid:\t12\nUid:\t0\t33\t33\t33\nNSpid:\t12\t3\nGroups:\t\n"));
  REQUIRE(read);
  CHECK(read->name == "ngi nx: w");
  CHECK(read->id == 12);
  CHECK(read->effective_uid == 33);
  CHECK(read->pid_namespaces == 2);
  check_error(read_process_status(named("Name:\tx\nwhat\n")), "file:2:1: expected a line of /proc/PID/status");
  check_error(read_process_status(named("Pid:\ttwelve\n")), "file:1:6: expected a whole number, found \"twelve\"");
  check_error(read_process_status(named("Uid:\t0\n")), "expected a whole number, found the end of the line");
}

TEST_CASE("ls -l /proc/PID/fd, and a plain list of it") {
  const auto read =
      read_process_descriptors(named("total 0\n"
                                     "lrwx------ 1 root root 64 Nov 27 21:43 10 -> socket:[4711]\n"
                                     "lr-x------ 1 root root 64 Nov 27 21:43 2 -> /var/log/a -> b\n"
                                     "ls: cannot read symbolic link '/proc/7/fd/12': No such file or directory\n"
                                     "3 -> socket:[4712]\n"));
  REQUIRE(read);
  CHECK(read->numbers == std::vector<std::uint64_t>{2, 3, 10});
  CHECK(read->socket_inodes == std::map<std::uint64_t, std::uint64_t>{{4711, 10}, {4712, 3}});
  CHECK(read->targets_shown);
  const auto plain = read_process_descriptors(named("0\n1\n10\n2  3\n"));
  REQUIRE(plain);
  CHECK(plain->numbers == std::vector<std::uint64_t>{0, 1, 2, 3, 10});
  CHECK_FALSE(plain->targets_shown);
  // Two lists in one file, by their totals or by a number that both have.
  check_error(read_process_descriptors(named("total 0\nlrwx------ 1 a a 64 Jan 2 03:04 0 -> /dev/null\ntotal 0\n"
                                             "lrwx------ 1 a a 64 Jan 2 03:04 1 -> /dev/null\n")),
              "file:3:1: expected the descriptors of one process, found \"total\"");
  check_error(read_process_descriptors(named("0 1\n0 2\n")),
              "file:2:1: expected the descriptors of one process, found \"0\"");
  const auto none = read_process_descriptors(named("total 0\n"));
  REQUIRE(none);
  CHECK(none->numbers.empty());
  check_error(read_process_descriptors(named("total 0\nls -l: what\n")),
              "file:2:1: expected the number of a descriptor, as in \"3 -> socket:[4711]\", found \"ls\"");
  check_error(read_process_descriptors(named("x -> socket:[1]\n")), "file:1:1: expected the number of a descriptor");
}

TEST_CASE("ss -tanpo: states, addresses in every spelling, owners and timers") {
  const auto read =
      read_ss_listing(named("State      Recv-Q Send-Q   Local Address:Port     Peer Address:Port Process\n"
                            "LISTEN     3      511                  *:80                 *:*     users:((\"a "
                            "b\",pid=7,fd=4),(\"n\",pid=8,fd=4))\n"
                            "LISTEN     0      128      127.0.0.53%lo:53           0.0.0.0:*\n"
                            "LISTEN     0      128   [fe80::1]%eth0:546              [::]:*\n"
                            "UNCONN     0      0          [::1%lo]:33333             [::]:*\n"
                            "ESTAB      0      0    [::ffff:10.0.0.5]:8080 [::ffff:10.1.0.9]:443 "
                            "users:((\"n\",pid=8,fd=5)) timer:(keepalive,119min,0)\n"
                            "TIME-WAIT  0      0          10.0.0.5:40000    10.1.0.9:443 timer:(timewait,59sec,0)\n"
                            "FIN-WAIT-2 0      0          10.0.0.5:40002    10.1.0.9:443 timer:(timewait,9.876ms,0)\n"
                            "FIN-WAIT-2 0      0          10.0.0.5:40004    10.1.0.9:443\n"
                            "SYN-SENT   0      1          10.0.0.5:40006    10.1.0.9:443 timer:(on,200ms,0)\n"
                            "CLOSE-WAIT 1      0   [2001:db8::5]:40000 [2001:db8::9]:443\n"),
                      8);
  if (!read) FAIL(text_of(read.error()));
  const std::vector<MachineSocket>& all = read->sockets;
  REQUIRE(all.size() == 10);
  CHECK(all[0].state == TcpState::listen);
  CHECK(all[0].tuple.local == Endpoint{IpAddress::any(Family::inet6), Port{80}});
  CHECK(all[0].queued == 3);
  CHECK(all[0].backlog == 511U);
  CHECK(all[0].of_process);
  CHECK(all[1].tuple.local.text() == "127.0.0.53:53");
  CHECK(all[2].tuple.local.text() == "[fe80::1]:546");
  CHECK(all[3].state == TcpState::closed);
  CHECK(all[3].tuple.local.text() == "[::1]:33333");
  CHECK(all[4].tuple.text() == "10.0.0.5:8080 -> 10.1.0.9:443");
  CHECK(all[4].of_process);
  CHECK_FALSE(all[4].entry);
  CHECK(all[5].entry);
  CHECK(all[5].ends_after == Duration(59999ms));
  CHECK(all[6].entry);
  CHECK(all[6].ends_after == Duration(9876ms));
  CHECK_FALSE(all[7].entry);
  CHECK(all[8].state == TcpState::syn_sent);
  CHECK(all[9].tuple.remote.text() == "[2001:db8::9]:443");
}

TEST_CASE("ss: rows of other protocols are passed over where they are named, a heading is not needed") {
  const auto read = read_ss_listing(named("Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
                                          "udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\n"
                                          "tcp ESTAB 0 0 10.0.0.5:40000 10.1.0.9:443\n"),
                                    std::nullopt);
  REQUIRE(read);
  CHECK(read->sockets.size() == 1);
  CHECK(read->others);
  CHECK(read_ss_listing(named("TIME-WAIT 0 0 10.0.0.5:40000 10.1.0.9:443\n"), std::nullopt)->sockets.at(0).ends_after ==
        std::nullopt);
  CHECK(read_ss_listing(named(""), std::nullopt)->sockets.empty());
}

TEST_CASE("ss: what is no list of TCP sockets is refused with its place") {
  const auto refused = [](const std::string& text) { return error_of(read_ss_listing(named(text), std::nullopt)); };
  CHECK_THAT(
      refused("State X\nESTABLISHED 0 0 1.2.3.4:5 1.2.3.4:6\n"),
      Catch::Matchers::Contains("file:2:1: expected a state of TCP such as ESTAB or LISTEN, found \"ESTABLISHED\""));
  CHECK_THAT(refused("ESTAB 0 0 10.0.0.5:ssh 10.1.0.9:443\n"),
             Catch::Matchers::Contains("file:1:11: expected an address and a port in numbers") &&
                 Catch::Matchers::Contains("ss -n prints numbers"));
  CHECK_THAT(refused("ESTAB 0 0 10.0.0.5:22 host:443\n"), Catch::Matchers::Contains("file:1:23: "));
  CHECK_THAT(refused("ESTAB 0 0 10.0.0.5:22\n"),
             Catch::Matchers::Contains("file:1:22: ") && Catch::Matchers::Contains("found the end of the line"));
  CHECK_THAT(refused("ESTAB many 0 10.0.0.5:22 10.0.0.5:23\n"), Catch::Matchers::Contains("file:1:7: "));
  CHECK_THAT(refused("TIME-WAIT 0 0 10.0.0.5:22 10.0.0.5:23 timer:(timewait,soon,0)\n"),
             Catch::Matchers::Contains("file:1:39: expected a timer"));
  CHECK_THAT(refused("ESTAB 0 0 10.0.0.5:99999 10.0.0.5:23\n"), Catch::Matchers::Contains("file:1:11: "));
}

TEST_CASE("/proc/net/tcp and tcp6: hexadecimal of a little-endian machine") {
  const std::string head =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const auto read =
      read_proc_net_tcp(named(
          head + "   0: 0100007F:1388 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 119778 2 "
                 "0 100 0 0 10 0\n"
                 "   1: 0500000A:9C40 0900010A:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 119785 2 "
                 "0 20 0 0 10 -1\n"
                 "   3: 0500000A:9C48 0900010A:01BB 06 00000000:00000000 03:0000175C 00000000     0        0 0 3 0\n"
                 "   4: 0500000A:9C4A 0900010A:01BB 0C 00000000:00000000 01:00000010 00000000     0        0 0 3 0\n"));
  if (!read) FAIL(text_of(read.error()));
  REQUIRE(read->size() == 4);
  CHECK(read->at(0).tuple.local.text() == "127.0.0.1:5000");
  CHECK(read->at(0).queued == 1);
  CHECK_FALSE(read->at(0).backlog);
  CHECK(read->at(1).tuple.text() == "10.0.0.5:40000 -> 10.1.0.9:443");
  CHECK(read->at(1).inode == 119785);
  CHECK(read->at(2).entry);
  CHECK(read->at(2).ends_after == Duration(59800ms));
  CHECK(read->at(3).state == TcpState::syn_received);
  const auto six = read_proc_net_tcp(
      named("   1: B80D0120000001000000000001000000:82DA B80D0120000001000000000009000000:01BB 01 00000000:00000000 "
            "00:00000000 00000000     0        0 1823964 1 0 20 0 0 10 -1\n"
            "   2: 0000000000000000FFFF00000500000A:82DA 0000000000000000FFFF00000900010A:01BB 01 00000000:00000000 "
            "00:00000000 00000000     0        0 1 1 0 20 0 0 10 -1\n"));
  REQUIRE(six);
  CHECK(six->at(0).tuple.text() == "[2001:db8:1::1]:33498 -> [2001:db8:1::9]:443");
  CHECK(six->at(1).tuple.text() == "10.0.0.5:33498 -> 10.1.0.9:443");
}

TEST_CASE("/proc/net/tcp: rubbish is refused with its place") {
  const auto row = [](const std::string& local, const std::string& state = "01",
                      const std::string& queues = "00000000:00000000", const std::string& timer = "00:00000000",
                      const std::string& inode = "5") {
    return read_proc_net_tcp(named("   0: " + local + " 00000000:0000 " + state + " " + queues + " " + timer +
                                   " 00000000 0 0 " + inode + "\n"));
  };
  CHECK(row("0100007F:1388").has_value());
  check_error(row("127.0.0.1:5000"), "file:1:7: expected an address and a port in hexadecimal");
  check_error(row("0100007G:1388"), "file:1:7: ");
  check_error(row("0100007F:138"), "file:1:7: ");
  check_error(row("-100007F:1388"), "file:1:7: ");
  check_error(row("0100007F:1388", "00"), "expected the number of a state");
  check_error(row("0100007F:1388", "0D"), "expected the number of a state");
  check_error(row("0100007F:1388", "01", "0:0"), "expected two queues");
  check_error(row("0100007F:1388", "01", "00000000:00000000", "1"), "expected a timer");
  check_error(row("0100007F:1388", "01", "00000000:00000000", "00:00000000", "x"), "expected the inode of a socket");
  check_error(read_proc_net_tcp(named("   0: 0100007F:1388\n")), "expected ten columns of /proc/net/tcp");
}

TEST_CASE("/proc/net/sockstat: orphans, TIME_WAIT entries and pages") {
  const auto read = read_socket_counts(
      named("sockets: used 27\nTCP: inuse 21 orphan 1 tw 5 alloc 755 mem 380\nUDP: inuse 0 mem 0\n"));
  REQUIRE(read);
  CHECK(read->orphans == 1U);
  CHECK(read->time_wait == 5U);
  CHECK(read->pages == 380U);
  check_error(read_socket_counts(named("sockets: used 27\n")), "expected a line \"TCP:\"");
  check_error(read_socket_counts(named("TCP: inuse\n")),
              "file:1:11: expected a whole number, found the end of the line");
  check_error(read_socket_counts(named("TCP: orphan x\n")), "file:1:13: expected a whole number, found \"x\"");
  check_error(read_socket_counts(named("rubbish 5\n")), "file:1:1: expected a line of /proc/net/sockstat");
}

TEST_CASE("figures of control groups and counters") {
  CHECK(read_cgroup_figure(named("max\n")).value() == std::nullopt);
  CHECK(read_cgroup_figure(named("536870912\n")).value() == 536870912U);
  CHECK(read_cgroup_figure(named("9223372036854771712\n")).value() == std::nullopt);
  check_error(read_cgroup_figure(named("much\n")), "file:1:1: expected a whole number or \"max\", found \"much\"");
  check_error(read_cgroup_figure(named("")), "found the end of the line");
  CHECK(read_figures(named("1850\t0\t2466160\n"), 3).value() == std::vector<std::uint64_t>{1850, 0, 2466160});
  check_error(read_figures(named("1850 x\n"), 1), "file:1:6: expected a whole number, found \"x\"");
  check_error(read_figures(named("\n"), 1), "found the end of the line");
  check_error(read_figures(named("-1\n"), 1), "expected a whole number");
  check_error(read_figures(named("99999999999999999999999\n"), 1), "expected a whole number");
}

TEST_CASE("ip addr, long and on one line: addresses without loopback and link-local ones") {
  const auto read = read_address_listing(
      named("1: lo: <LOOPBACK,UP> mtu 65536\n    link/loopback 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
            "    inet6 ::1/128 scope host\n2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\\       "
            "valid_lft forever\n"
            "    inet 10.0.0.6/24 scope global secondary eth0\n    inet6 2001:db8::5/64 scope global\n"
            "    inet6 fe80::1/64 scope link\n3: tun0 inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\n"));
  if (!read) FAIL(text_of(read.error()));
  std::vector<std::string> texts;
  for (const AddressBlock& block : *read) texts.push_back(block.text());
  CHECK(texts == std::vector<std::string>{"10.0.0.5/24", "10.0.0.6/24", "2001:db8::5/64", "10.8.0.1/32"});
  CHECK(read_address_listing(named("1: lo: <LOOPBACK>\n    link/loopback 00:00:00:00:00:00\n"))->empty());
  check_error(read_address_listing(named("inet 10.0.0.5/99\n")), "file:1:6: expected an address such as 10.0.0.5/24");
  check_error(read_address_listing(named("    inet\n")), "file:1:9: expected an address, found the end of the line");
  check_error(read_address_listing(named("rubbish\n")), "expected lines with \"inet\" and an address");
}

TEST_CASE("ip addr: an address of IPv6 that may not be used is none, and a deprecated one comes last") {
  const auto read = read_address_listing(named(
      "    inet6 2001:db8:1::4/64 scope global deprecated dynamic\n       valid_lft 3024sec preferred_lft 0sec\n"
      "    inet6 2001:db8:1::5/64 scope global dynamic\n    inet6 2001:db8:1::6/64 scope global tentative dadfailed\n"
      "    inet6 2001:db8:1::7/64 scope global tentative\n    inet6 2001:db8:1::8/64 scope global tentative "
      "optimistic\n"
      "    inet 10.0.0.4/24 scope global deprecated eth0\n    inet 10.0.0.5/24 scope global secondary eth0\n"));
  REQUIRE(read);
  std::vector<std::string> texts;
  for (const AddressBlock& block : *read) texts.push_back(block.address.text());
  CHECK(texts == std::vector<std::string>{"2001:db8:1::5", "2001:db8:1::8", "10.0.0.4", "10.0.0.5", "2001:db8:1::4"});
}

TEST_CASE("ip route get: the source address, and the error where there is no way") {
  const auto one = read_routes(named("10.1.0.9 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0\n    cache\n"));
  REQUIRE(one);
  REQUIRE(one->size() == 1);
  CHECK(one->front().towards->text() == "10.1.0.9");
  CHECK(one->front().source->text() == "10.0.0.5");
  CHECK_FALSE(one->front().refused);
  // Types before the address, sources below it, and several answers.
  const auto more = read_routes(
      named("local 10.0.0.5 dev lo src 10.0.0.5 uid 0\n    cache <local>\n2001:db8::9 from :: via fe80::1 dev eth0\n"
            "    src 2001:db8::5 metric 1024\nRTNETLINK answers: No route to host\n"));
  REQUIRE(more);
  REQUIRE(more->size() == 3);
  CHECK(more->at(0).source->text() == "10.0.0.5");
  CHECK(more->at(1).towards->text() == "2001:db8::9");
  CHECK(more->at(1).source->text() == "2001:db8::5");
  CHECK(more->at(2).refused == Error::ehostunreach);
  for (const auto& [text, error] : std::vector<std::pair<std::string, Error>>{
           {"RTNETLINK answers: Network is unreachable\n", Error::enetunreach},
           {"RTNETLINK answers: No route to host\n", Error::ehostunreach},
           {"RTNETLINK answers: Permission denied\n", Error::eacces},
           {"RTNETLINK answers: Invalid argument\n", Error::einval},
           {"ip: RTNETLINK answers: Network is unreachable\n", Error::enetunreach},
           {"broadcast 10.0.0.255 dev d0 src 10.0.0.5 uid 0\n    cache <local,brd>\n", Error::enetunreach},
           {"unreachable 2001:db8::9 dev lo src 2001:db8::5 metric 1024 error -113\n", Error::ehostunreach},
           {"prohibit 2001:db8::9 dev lo metric 1024 error -13\n", Error::eacces}}) {
    CAPTURE(text);
    const auto read = read_routes(named(text));
    REQUIRE(read);
    CHECK(read->front().refused == error);
    CHECK_FALSE(read->front().source);
  }
  check_error(read_routes(named("10.1.0.9 via 10.0.0.1 dev eth0\n")), "file:1:31: expected \"src\" and an address");
  check_error(read_routes(named("10.1.0.9 src 0.0.0.0\n")), "file:1:14: expected an address");
  check_error(read_routes(named("10.1.0.9 src here\n")), "file:1:14: expected an address, found \"here\"");
  // What `ip route` prints.
  check_error(read_routes(named("default via 10.0.0.1 dev eth0 src 10.0.0.5\n")), "file:1:1: expected the address");
  check_error(read_routes(named("10.0.0.0/24 dev eth0 src 10.0.0.5\n")), "file:1:1: expected the address");
  check_error(read_routes(named("unreachable\n")), "file:1:1: expected the address");
  check_error(read_routes(named("RTNETLINK answers: File exists\n")), "file:1:1: expected the address");
  check_error(read_routes(named("\n")), "expected an address and \"src\"");
}

TEST_CASE("any text is read or refused, and never crashes") {
  const std::string ss = "LISTEN 1 511 0.0.0.0:80 0.0.0.0:* users:((\"w\",pid=33,fd=4)) timer:(timewait,57sec,0)\n";
  const std::string tcp = "   0: 0100007F:1388 00000000:0000 0A 00000000:00000001 03:0000000F 00000000 0 0 119778 2\n";
  const std::string netstat =
      "tcp6 0 0 ::1:40000 ::1:443 TIME_WAIT 33/w timewait (52.31/0/0)\nTCP: 2 (orphaned 0, timewait 1/0)\n";
  const std::string other =
      "Max open files 10 20 files\nTCP: inuse 5 tw 3\n3 -> socket:[9]\ninet 10.0.0.5/24\na = b\nName: x\n";
  for (const std::string& sample : {ss, tcp, netstat, other}) {
    for (std::size_t at = 0; at < sample.size(); ++at) {
      for (const char c : {'\0', '\n', ' ', ':', '(', '9', static_cast<char>(0xff)}) {
        std::string changed = sample;
        changed[at] = c;
        for (const std::string& text : {changed, sample.substr(0, at)}) {
          static_cast<void>(read_ss_listing(named(text), 33));
          static_cast<void>(read_netstat_listing(named(text), 33));
          static_cast<void>(read_proc_net_tcp(named(text)));
          static_cast<void>(read_ss_summary(named(text)));
          static_cast<void>(read_ipv6_sockets_in_use(named(text)));
          static_cast<void>(read_sysctl_listing(named(text)));
          static_cast<void>(read_process_limits(named(text)));
          static_cast<void>(read_process_status(named(text)));
          static_cast<void>(read_process_descriptors(named(text)));
          static_cast<void>(read_socket_counts(named(text)));
          static_cast<void>(read_cgroup_figure(named(text)));
          static_cast<void>(read_figures(named(text), 1));
          static_cast<void>(read_address_listing(named(text)));
          static_cast<void>(read_routes(named(text)));
        }
      }
    }
  }
  SUCCEED();
}

}  // namespace
}  // namespace netlimits::scenarios

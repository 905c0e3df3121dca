// Tables of values written to settings: taken, refused, read back, by system.
#include "model/systems/setting.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "model/net/port_list.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

struct Write {
  std::string name;
  std::string text;
  std::string reads;  // what the setting reads afterwards; empty: refused with EINVAL
};

void check_writes(const std::string& system, const std::vector<Write>& writes) {
  for (const Write& write : writes) {
    CAPTURE(write.name, write.text);
    Settings settings;
    const Settings before = settings;
    const auto outcome = write_setting(settings, system, write.name, write.text);
    if (write.reads.empty()) {
      REQUIRE_FALSE(outcome.has_value());
      CHECK(outcome.error().error == Error::einval);
      CHECK(settings == before);
    } else {
      REQUIRE(outcome.has_value());
      CHECK(read_setting(settings, system, write.name) == write.reads);
    }
  }
}

TEST_CASE("a Linux setting takes what the kernel takes and refuses the rest with EINVAL") {
  check_writes("linux", {
                            {"net.ipv4.ip_local_port_range", "1024 65535", "1024 65535"},
                            {"net.ipv4.ip_local_port_range", "1023 65535", ""},
                            {"net.ipv4.ip_local_port_range", "40000\t40009\n", "40000 40009"},
                            {"net.ipv4.ip_local_port_range", " 40000  40009 ", "40000 40009"},
                            {"net.ipv4.ip_local_port_range", "40000", "40000 60999"},
                            {"net.ipv4.ip_local_port_range", "40000 40000", "40000 40000"},
                            {"net.ipv4.ip_local_port_range", "40001 40000", ""},
                            {"net.ipv4.ip_local_port_range", "40000 65536", ""},
                            {"net.ipv4.ip_local_port_range", "40000-40009", ""},
                            {"net.ipv4.ip_local_port_range", "40000,40009", ""},
                            {"net.ipv4.ip_local_port_range", "-1 5", ""},
                            {"net.ipv4.ip_local_port_range", "", ""},
                            {"net.ipv4.ip_local_port_range", "0x9c40 0x9c49", "40000 40009"},
                            {"net.ipv4.ip_local_port_range", "032768 60999", ""},
                            {"net.ipv4.ip_local_port_range", "40000 40009x", ""},
                            {"net.ipv4.ip_local_port_range", "40000 40009 5", "40000 40009"},
                            {"net.ipv4.ip_unprivileged_port_start", "0", "0"},
                            {"net.ipv4.ip_unprivileged_port_start", "32768", "32768"},
                            {"net.ipv4.ip_unprivileged_port_start", "32769", ""},
                            {"net.ipv4.tcp_tw_reuse", "2", "2"},
                            {"net.ipv4.tcp_tw_reuse", "3", ""},
                            {"net.ipv4.tcp_tw_reuse_delay", "0", ""},
                            {"net.ipv4.tcp_tw_reuse_delay", "60000", "60000"},
                            {"net.ipv4.tcp_tw_reuse_delay", "60001", ""},
                            {"net.ipv4.tcp_syn_retries", "0", ""},
                            {"net.ipv4.tcp_syn_retries", "127", "127"},
                            {"net.ipv4.tcp_syn_retries", "128", ""},
                            {"net.ipv4.tcp_syn_linear_timeouts", "0", "0"},
                            {"net.ipv4.tcp_synack_retries", "256", ""},
                            {"net.ipv4.ip_autobind_reuse", "2", ""},
                            {"net.ipv4.ip_nonlocal_bind", "2", "1"},
                            {"net.ipv4.tcp_syncookies", "2", "2"},
                            {"net.ipv4.tcp_max_tw_buckets", "-1", "-1"},
                            {"net.ipv4.tcp_max_tw_buckets", "2147483648", ""},
                            {"net.core.somaxconn", "-1", ""},
                            {"net.core.somaxconn", "0", "0"},
                            {"net.core.somaxconn", "5x", ""},
                            {"net.core.somaxconn", "+5", ""},
                            {"net.core.somaxconn", "5 6", "5"},
                            {"net.core.somaxconn", "99999999999999999999", ""},
                            {"net.core.somaxconn", "1.5", ""},
                            {"fs.nr_open", "63", ""},
                            {"fs.file-max", "9223372036854775807", "9223372036854775807"},
                        });
}

TEST_CASE("the other systems' settings take their own spelling") {
  check_writes("windows", {
                              {"netsh int ipv4 dynamicport tcp", "start=49152 num=16384", "start=49152 num=16384"},
                              {"netsh int ipv4 dynamicport tcp", "start=1025 num=64511", "start=1025 num=64511"},
                              {"netsh int ipv4 dynamicport tcp", "start=1024 num=1000", ""},
                              {"netsh int ipv4 dynamicport tcp", "start=49152 num=254", ""},
                              {"netsh int ipv4 dynamicport tcp", "start=49152 num=16385", ""},
                              {"netsh int ipv4 dynamicport tcp", "49152 65535", ""},
                              {"netsh int ipv4 dynamicport tcp", "start=49152 num=300 store=x", ""},
                              {"TcpTimedWaitDelay", "30", "30"},
                              {"TcpTimedWaitDelay", "29", ""},
                              {"TcpTimedWaitDelay", "301", ""},
                          });
  check_writes("macos", {
                            {"net.inet.ip.portrange.first", "10000", "10000"},
                            {"net.inet.ip.portrange.first", "61000", ""},
                            {"net.inet.ip.portrange.last", "65536", ""},
                            {"kern.ipc.somaxconn", "1024", "1024"},
                            {"net.inet.tcp.msl", "1000", "1000"},
                        });
  check_writes("freebsd", {{"kern.ipc.soacceptqueue", "1024", "1024"}, {"kern.ipc.soacceptqueue", "0", ""}});
}

TEST_CASE("two maximum segment lifetimes make one TIME_WAIT") {
  Settings settings;
  REQUIRE(write_setting(settings, "freebsd", "net.inet.tcp.msl", "2500"));
  CHECK(settings.time_wait == std::chrono::seconds(5));
}

TEST_CASE("the unprivileged ports and the automatic range hold each other") {
  Settings settings;
  REQUIRE(write_setting(settings, "linux", "net.ipv4.ip_unprivileged_port_start", "0"));
  CHECK_FALSE(write_setting(settings, "linux", "net.ipv4.ip_local_port_range", "0 65535"));
  REQUIRE(write_setting(settings, "linux", "net.ipv4.ip_local_port_range", "1 65535"));
  REQUIRE(write_setting(settings, "linux", "net.ipv4.ip_unprivileged_port_start", "1"));
  CHECK_FALSE(write_setting(settings, "linux", "net.ipv4.ip_unprivileged_port_start", "2"));
}

TEST_CASE("settings that need each other are written in an order that the kernel takes") {
  const std::map<std::string, std::string> values{{"net.ipv4.ip_local_port_range", "80 99"},
                                                  {"net.ipv4.ip_unprivileged_port_start", "0"}};
  const auto order = writing_order(Settings{}, "linux", values);
  REQUIRE(order.has_value());
  CHECK(order->front().first == "net.ipv4.ip_unprivileged_port_start");
  CHECK(writing_order(Settings{}, "linux", {{"net.ipv4.ip_local_port_range", "80 99"}}).error() ==
        "net.ipv4.ip_local_port_range");
}

TEST_CASE("a constant of the kernel cannot be written") {
  Settings settings;
  const auto outcome = write_setting(settings, "linux", "TCP_TIMEWAIT_LEN", "5");
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().error == Error::eperm);
  CHECK(read_setting(settings, "linux", "TCP_TIMEWAIT_LEN") == "60");
}

TEST_CASE("every setting can be read and written back unchanged") {
  for (const std::string system : {"linux", "windows", "macos", "freebsd"}) {
    const auto infos = settings_of(system);
    CHECK_FALSE(infos.empty());
    CHECK(std::is_sorted(infos.begin(), infos.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
    for (const SettingInfo& info : infos) {
      CAPTURE(info.name);
      CHECK(setting_named(system, info.name).has_value());
      if (info.scope == SettingScope::fixed) continue;
      Settings settings;
      if (info.name == "kern.ipc.somaxconn" || info.name == "kern.maxfiles") settings.file_max = 1000;
      const Settings before = settings;
      REQUIRE(write_setting(settings, system, info.name, read_setting(settings, system, info.name)));
      CHECK(settings == before);
    }
  }
  CHECK(settings_of("plan9").empty());
  CHECK_FALSE(setting_named("linux", "kern.maxfiles"));
}

TEST_CASE("a list of ports is read as the kernel's bitmaps are") {
  struct Row {
    std::string text;
    std::string reads;
    bool legal = true;
  };
  for (const Row& row : {
           Row{"8080,9090", "8080,9090"},
           Row{"2000,1000-1010", "1000-1010,2000"},
           Row{"1-5,3-9", "1-9"},
           Row{"1-5,6-9", "1-9"},
           Row{"0", "0"},
           Row{"0-65535", "0-65535"},
           Row{"", ""},
           Row{"1,", "1"},
           Row{"0x10", "16"},
           Row{" ", "", false},
           Row{"65536", "", false},
           Row{"5-1", "", false},
           Row{"1,,2", "", false},
           Row{"1, 2", "", false},
           Row{",1", "", false},
           Row{"1-", "", false},
           Row{"-1", "", false},
           Row{"1-2-3", "", false},
           Row{"1 - 2", "", false},
           Row{"abc", "", false},
       }) {
    CAPTURE(row.text);
    const auto ports = parse_port_list(row.text);
    REQUIRE(ports.has_value() == row.legal);
    if (ports) CHECK(port_list_text(*ports) == row.reads);
  }
}

}  // namespace
}  // namespace netlimits

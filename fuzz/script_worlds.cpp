// The table of worlds, a row a combination of settings, and the hosts made of a row.
#include "fuzz/script_worlds.hpp"

#include <cstdlib>
#include <map>

namespace netlimits::fuzz {
namespace {

constexpr std::string_view range = "net.ipv4.ip_local_port_range";
constexpr std::string_view reserved = "net.ipv4.ip_local_reserved_ports";
constexpr std::string_view reuse = "net.ipv4.tcp_tw_reuse";
constexpr std::string_view reuse_delay = "net.ipv4.tcp_tw_reuse_delay";
constexpr std::string_view timestamps = "net.ipv4.tcp_timestamps";
constexpr std::string_view autobind = "net.ipv4.ip_autobind_reuse";
constexpr std::string_view somaxconn = "net.core.somaxconn";
constexpr std::string_view abort_on_overflow = "net.ipv4.tcp_abort_on_overflow";
constexpr std::string_view syncookies = "net.ipv4.tcp_syncookies";
constexpr std::string_view synack_retries = "net.ipv4.tcp_synack_retries";
constexpr std::string_view tw_buckets = "net.ipv4.tcp_max_tw_buckets";
constexpr std::string_view fin_timeout = "net.ipv4.tcp_fin_timeout";
constexpr std::string_view unprivileged = "net.ipv4.ip_unprivileged_port_start";

unsigned long number_at(std::string_view text) { return std::strtoul(std::string(text).c_str(), nullptr, 10); }

}  // namespace

const std::vector<ScriptWorld>& script_worlds() {
  static const std::vector<ScriptWorld> all{
      {"four ports", 12},
      {"one port", 6, "40000 40000"},
      {"two ports", 6, "40000 40001"},
      {"three ports", 5, "40001 40003"},
      {"five ports", 5, "40001 40005"},
      {"seven ports", 3, "40000 40006"},
      {"reserved ports", 5, "40000 40005", {{reserved, "40001-40002"}}},
      {"reuse always", 5, "40000 40001", {{reuse, "1"}}},
      {"reuse never", 4, "40000 40001", {{reuse, "0"}, {reuse_delay, "30"}}},
      {"reuse soon", 4, "40000 40000", {{reuse_delay, "30"}}},
      {"reuse soon and always", 3, "40000 40001", {{reuse, "1"}, {reuse_delay, "30"}}},
      {"reuse soon, no timestamps", 4, "40000 40001", {{timestamps, "0"}, {reuse_delay, "30"}}},
      {"autobind reuse", 5, "40000 40003", {{autobind, "1"}}},
      {"short queues", 5, "40000 40007", {{somaxconn, "1"}}},
      {"abort on overflow", 4, "40000 40007", {{somaxconn, "1"}, {abort_on_overflow, "1"}}},
      {"no cookies", 3, "40000 40007", {{syncookies, "0"}, {somaxconn, "2"}}},
      {"cookies always", 3, "40000 40007", {{syncookies, "2"}, {somaxconn, "2"}}},
      {"answers given up", 2, "40000 40007", {{synack_retries, "0"}, {somaxconn, "2"}}},
      {"one TIME_WAIT", 4, "40000 40003", {{tw_buckets, "1"}}},
      {"no TIME_WAIT", 3, "40000 40001", {{tw_buckets, "0"}}},
      {"foreign addresses", 3, "40000 40003", {{"net.ipv4.ip_nonlocal_bind", "1"}, {"net.ipv6.ip_nonlocal_bind", "1"}}},
      {"v6 only", 3, "40000 40003", {{"net.ipv6.bindv6only", "1"}}},
      {"low privileged ports", 3, "40000 40003", {{unprivileged, "80"}}},
      {"short FIN_WAIT_2", 3, "40000 40001", {{fin_timeout, "1"}}},
      {"long FIN_WAIT_2", 1, "40000 40001", {{fin_timeout, "61"}}},
      {"short retries",
       3,
       "40000 40003",
       {{"net.ipv4.tcp_syn_retries", "1"},
        {"net.ipv4.tcp_syn_linear_timeouts", "0"},
        {"net.ipv4.tcp_orphan_retries", "1"}}},
      {"wire", 10, "40000 40001", {}, true},
      {"wire, reuse always", 3, "40000 40000", {{reuse, "1"}}, true},
      {"wire, short queues", 3, "40000 40007", {{somaxconn, "1"}}, true},
  };
  return all;
}

std::map<std::string, ScriptHost> hosts_of(const ScriptWorld& world) {
  std::map<std::string, ScriptHost> hosts;
  ScriptHost host;
  host.sysctl.emplace(range, world.ports);
  for (const auto& [name, value] : world.settings) host.sysctl.emplace(name, value);
  host.addresses = {"127.0.0.1/8", "::1/128"};
  if (world.wire) {
    hosts["a"] = host;
    hosts["a"].addresses.insert(hosts["a"].addresses.end(), {"198.51.100.1/24", "2001:db8:1::1/64"});
    hosts["b"] = host;
    hosts["b"].addresses.insert(hosts["b"].addresses.end(), {"198.51.100.2/24", "2001:db8:1::2/64"});
    return hosts;
  }
  // A subnet on the loopback device: all of it is local. dev1 leads nowhere.
  host.addresses.insert(host.addresses.end(),
                        {"192.0.2.8/32", "198.51.100.1/24", "198.51.100.2/24", "2001:db8::8/128"});
  host.devices = {"dev1"};
  hosts["a"] = host;
  return hosts;
}

std::uint16_t range_port(const ScriptWorld& world, std::uint32_t place) {
  return static_cast<std::uint16_t>(number_at(world.ports) + place % range_size(world));
}

std::uint32_t range_size(const ScriptWorld& world) {
  return static_cast<std::uint32_t>(number_at(world.ports.substr(world.ports.find(' '))) - number_at(world.ports) + 1);
}

}  // namespace netlimits::fuzz

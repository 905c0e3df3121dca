// The settings of one host that an administrator can change, as plain values. Their names and how they are read and
// written: model/systems/setting.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "model/net/port.hpp"
#include "model/net/time.hpp"

namespace netlimits {

enum class TimeWaitReuse : std::uint8_t { never = 0, always = 1, loopback_only = 2 };  // net.ipv4.tcp_tw_reuse
enum class SynCookies : std::uint8_t { off = 0, when_full = 1, always = 2 };           // net.ipv4.tcp_syncookies

// The settings of one host that an administrator can change. Names of the members follow the Linux sysctls; other
// systems' settings of the same meaning map to the same member (model/systems/setting.hpp).
struct Settings {
  PortRange local_port_range{Port{32768}, Port{60999}};
  std::vector<PortRange> reserved_ports{};  // sorted, disjoint
  std::uint32_t unprivileged_port_start = 1024;
  bool nonlocal_bind = false;
  bool autobind_reuse = false;
  bool ipv6_only_by_default = false;  // net.ipv6.bindv6only
  bool ipv6_nonlocal_bind = false;
  bool ipv6_disabled = false;  // net.ipv6.conf.all.disable_ipv6: no address of IPv6, ::1 included

  TimeWaitReuse time_wait_reuse = TimeWaitReuse::loopback_only;
  Duration time_wait_reuse_delay = std::chrono::seconds(1);
  std::uint64_t max_time_wait_buckets = 131072;
  Duration fin_timeout = std::chrono::seconds(60);
  bool timestamps = true;
  Duration time_wait = std::chrono::seconds(60);  // fixed on Linux; net.inet.tcp.msl * 2 elsewhere

  std::uint32_t somaxconn = 4096;
  std::uint32_t max_syn_backlog = 4096;
  SynCookies syncookies = SynCookies::when_full;
  bool abort_on_overflow = false;
  std::uint32_t syn_retries = 6;
  std::uint32_t syn_linear_timeouts = 4;
  std::uint32_t synack_retries = 5;
  std::uint32_t orphan_retries = 0;
  std::uint64_t max_orphans = 131072;

  std::uint64_t file_max = 9223372036854775807ULL;  // open files of the host
  std::uint64_t nr_open = 1048576;                  // highest possible descriptor limit

  bool operator==(const Settings&) const = default;
};

}  // namespace netlimits

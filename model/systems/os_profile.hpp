// What differs between operating systems, as plain values. One profile file each (scenarios/profiles/), a source for
// every figure; a new system or kernel version is a new file, not a new branch in the code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/net/port.hpp"
#include "model/net/time.hpp"
#include "model/systems/error.hpp"
#include "model/systems/kernel_rule.hpp"

namespace netlimits {

// Which question a system asks when it picks a port for an outbound connection.
enum class PortSharing : std::uint8_t {
  four_tuple,       // free if the whole four-tuple is unused
  local_addr_port,  // free if no socket holds the port on this local address
  host_port,        // free if no socket of the host holds the port, on any address
};

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

// How many completed connections a listener's accept queue holds for a backlog b (already cut to somaxconn).
enum class AcceptQueueRule : std::uint8_t {
  backlog_plus_one,       // Linux: b + 1
  three_halves_plus_one,  // FreeBSD, macOS: 3 * b / 2 + 1
  backlog,                // b
};

// Rules that changed between releases of a system or differ between systems: switches, not settings.
struct Rules {
  PortSharing connect_sharing = PortSharing::four_tuple;     // plain connect()
  PortSharing bound_sharing = PortSharing::local_addr_port;  // bind(address, 0)
  bool connect_skips_bind_bound =
      true;  // any bind-bound owner removes a port from connect()'s automatic choice (Linux)
  bool connect_prefers_low_parity = true;  // Linux 4.2 and later: low's parity first
  bool bind_avoids_low_parity = true;      // Linux 4.2 and later: bind(0) starts with the other parity
  bool bucket_revival = true;              // Linux 6.18: a port becomes shareable when its last bind-bound owner leaves
  bool linear_syn_timeouts = true;         // Linux 6.5: tcp_syn_linear_timeouts exists
  bool syn_queue_plus_one = true;          // Linux 6.12-6.15: half-open bound is b + 1; before: b
  bool bind_no_port = true;                // IP_BIND_ADDRESS_NO_PORT exists (Linux 4.2)
  bool socket_port_range = true;           // IP_LOCAL_PORT_RANGE exists (Linux 6.3)
  bool socket_port_range_step_one = true;  // Linux 6.8: such sockets scan every port, no parity
  bool time_wait_reuse_delay_exists = true;  // Linux 6.14; before: more than one whole second by a 1 s clock
  bool descriptors_bind = true;              // a per-process descriptor limit exists (false: Windows)
  bool host_files_before_process = false;    // ENFILE is tested before EMFILE (macOS)
  AcceptQueueRule accept_queue = AcceptQueueRule::backlog_plus_one;
  bool full_queue_refuses = false;  // a full accept queue answers with a reset (Windows), not with silence

  Error ports_exhausted_connect = Error::eaddrnotavail;  // connect() without a free port
  Error ports_exhausted_bind = Error::eaddrinuse;        // bind(address, 0) without a free port
  Error descriptors_exhausted = Error::emfile;
  Error files_exhausted = Error::enfile;
  Error four_tuple_taken = Error::eaddrnotavail;
  Error address_in_use = Error::eaddrinuse;
  Error connection_refused = Error::econnrefused;
  Error connection_reset = Error::econnreset;
  Error timed_out = Error::etimedout;

  KernelRule without = KernelRule::none;  // left out, to see whether it is missed; no profile says it
  constexpr bool has(KernelRule rule) const { return without != rule; }

  bool operator==(const Rules&) const = default;
};

// How sure a figure of a profile is. The words are those of docs/profiles.md.
struct Provenance {
  std::string source{};
  std::string confidence{};
  std::string note{};
};

struct OsProfile {
  std::string name{};      // "linux", "windows"
  std::string title{};     // "Linux 6.x, systemd 240 or later"
  std::string system{};    // "linux", "windows", "macos", "freebsd": whose setting names it understands
  std::string based_on{};  // the profile this one was built from, or empty
  Settings settings{};
  Rules rules{};
  std::uint64_t nofile_soft = 1024;  // descriptor limit of a process that the scenario does not set
  std::uint64_t nofile_hard = 524288;
  std::uint32_t own_descriptors = 3;         // standard input, output, error
  std::vector<PortRange> never_automatic{};  // ports that automatic choice always skips (macOS: 55555)
  // Names that its system knows in general (model/systems/setting.hpp) and this version does not have.
  std::set<std::string, std::less<>> settings_absent{};
  std::map<std::string, Provenance> provenance{};  // by key of the profile file
};

}  // namespace netlimits

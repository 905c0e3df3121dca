// A machine as it was found: its limits, and what of them is in use. Measured once, by looking only.
//
// live/ collects it from the kernel, scenarios/collected/ reads it from text; model/machine/machine_host.hpp makes a
// scenario's host of it, analysis/headroom/headroom.hpp says what is left.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/net/address.hpp"
#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"
#include "model/sockets/socket.hpp"
#include "model/systems/error.hpp"

namespace netlimits {

struct OsProfile;  // model/systems/os_profile.hpp

// A TCP socket, or what is left of one.
struct MachineSocket {
  TcpState state = TcpState::closed;       // closed: bound, and nothing else yet
  bool entry = false;                      // a TIME_WAIT or light FIN_WAIT_2 entry: there is no socket any more
  FourTuple tuple{};                       // as packets carry it: v4-mapped addresses as IPv4
  std::uint32_t queued = 0;                // LISTEN: connections in the accept queue
  std::optional<std::uint32_t> backlog{};  // LISTEN: its bound
  std::optional<Duration> ends_after{};    // entry: how long yet at most; nothing: not known
  std::uint64_t inode = 0;                 // of the socket; 0: no program holds it
  bool of_process = false;                 // the process that was asked for holds it
  bool operator==(const MachineSocket&) const = default;
};

// The process that was asked for, or what a program started from here would be.
struct MachineProcess {
  bool runs = false;                  // false: no process in particular
  std::optional<std::uint64_t> id{};  // nothing: not known, or no process in particular
  std::string name = "program";
  std::optional<std::uint32_t> uid{};
  std::optional<std::uint64_t> nofile_soft{};
  std::optional<std::uint64_t> nofile_hard{};
  // The numbers of its open descriptors, in order. Nothing: not known.
  std::optional<std::vector<std::uint64_t>> descriptors{};
};

// A limit of one control group, and what its members use.
struct CgroupUse {
  std::string path{};                    // of the group, as the kernel names it; empty where files do not tell
  std::optional<std::uint64_t> limit{};  // nothing: none is set
  std::uint64_t used = 0;
};

// /proc/net/sockstat and sockstat6, for what the sockets themselves do not tell.
struct SocketCounts {
  std::optional<std::uint64_t> orphans{};    // of the whole host
  std::optional<std::uint64_t> time_wait{};  // of the namespace
  std::optional<std::uint64_t> pages{};      // of buffers, of the whole host: bounded by tcp_mem
  std::optional<std::uint64_t> in_use{};     // of the namespace: sockets of IPv4
  std::optional<std::uint64_t> in_use_of_ipv6{};
};

struct Machine {
  std::string source{};  // "this machine", "collected files"
  std::string kernel{};  // its release; empty: not known
  std::shared_ptr<const OsProfile> profile{};
  std::map<std::string, std::string> settings{};  // those that were seen, by their real names, as they would be written
  std::vector<AddressBlock> addresses{};          // without loopback and link-local ones; what routing prefers first
  bool addresses_in_doubt = false;                // nobody listed them: there may be others
  bool without_ipv6_loopback = false;             // ::1 was taken away (net.ipv6.conf.lo.disable_ipv6)
  bool without_ipv6 = false;                      // so was every other address of IPv6 (net.ipv6.conf.all.disable_ipv6)
  std::optional<IpAddress> source_towards{};      // the source address that routing gives towards the asked destination
  std::optional<Error> no_way{};  // routing knows no way to the asked destination: connect() ends with this at once
  std::optional<std::vector<MachineSocket>> sockets{};  // in one order; nothing: not seen
  bool owners_seen = false;                             // MachineSocket::of_process is known
  bool bound_sockets_seen = false;                      // sockets that are only bound are among them
  bool listeners_in_doubt = false;                      // nobody listed those that listen: there may be others
  MachineProcess process{};
  SocketCounts counts{};
  std::optional<std::uint64_t> open_files{};  // of the whole host
  std::optional<std::uint64_t> conntrack_entries{};
  std::optional<std::uint64_t> conntrack_max{};
  std::optional<std::uint64_t> conntrack_buckets{};
  std::optional<std::uint64_t> tcp_pages_max{};  // the third figure of net.ipv4.tcp_mem
  std::vector<CgroupUse> cgroup_memory{};        // bytes; the process's own group first, then those above it
  std::vector<CgroupUse> cgroup_processes{};
  std::vector<std::string> surroundings{};    // namespaces and container, one sentence each
  std::vector<std::string> not_determined{};  // one sentence each: what, and why
  std::vector<std::string> notes{};           // what was taken to be so
};

}  // namespace netlimits

// The closed list of limits. The identifiers are part of the contract with users: none changes its meaning.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netlimits {

enum class Limit : std::uint8_t {
  fd_per_process,     // RLIMIT_NOFILE of one process (EMFILE)
  fd_per_host,        // fs.file-max and its kin (ENFILE)
  ephemeral_ports,    // the automatic port range, as shared by the system's class
  four_tuple,         // the same four-tuple twice
  port_in_use,        // bind or listen conflict
  listen_backlog,     // accept queue
  syn_backlog,        // half-open requests
  time_wait_buckets,  // net.ipv4.tcp_max_tw_buckets
  orphans,            // net.ipv4.tcp_max_orphans
  conntrack_entries,
  nat_ports,
  nat_block,
  memory,
  accept_rate,
  proxy_connections,
  no_listener,    // nothing listens there (ECONNREFUSED)
  no_route,       // no path to the address
  back_end_down,  // host or back end is down
  processes,      // pids.max of a control group: fork() and clone() are refused (EAGAIN), no connection is
};

inline constexpr std::array all_limits{
    Limit::fd_per_process, Limit::fd_per_host,       Limit::ephemeral_ports,   Limit::four_tuple,
    Limit::port_in_use,    Limit::listen_backlog,    Limit::syn_backlog,       Limit::time_wait_buckets,
    Limit::orphans,        Limit::conntrack_entries, Limit::nat_ports,         Limit::nat_block,
    Limit::memory,         Limit::accept_rate,       Limit::proxy_connections, Limit::no_listener,
    Limit::no_route,       Limit::back_end_down,     Limit::processes};

std::string_view name_of(Limit limit);
std::optional<Limit> limit_named(std::string_view name);

}  // namespace netlimits

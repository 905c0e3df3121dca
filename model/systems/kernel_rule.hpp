// Single rules of Linux, each of which can be left out on its own. A model that lacks one is wrong in exactly one way:
// whoever compares the model with a kernel is measured by whether he notices (fuzz/planted_faults.hpp).
//
// Rules::without names the one that is left out. No profile and no scenario can say it. A rule that differs between
// versions or systems has a member of its own in Rules, and is not here.
#pragma once

#include <cstdint>

namespace netlimits {

enum class KernelRule : std::uint8_t {
  none,

  // bind(): the order of its checks, net/ipv4/af_inet.c __inet_bind, net/ipv6/af_inet6.c __inet6_bind
  bind_wants_own_address,             // else EADDRNOTAVAIL
  bind_tests_address_before_port,     // IPv4: EADDRNOTAVAIL comes before EACCES
  low_ports_want_privilege,           // else EACCES
  bind_tests_privilege_before_state,  // EACCES comes before the EINVAL of a bound socket
  bind_without_port_holds_none,       // IP_BIND_ADDRESS_NO_PORT
  specific_v6_address_is_v6_only,     // bind() to a true IPv6 address makes the socket v6-only

  // bind(): whose addresses overlap, net/ipv4/inet_connection_sock.c inet_rcv_saddr_equal
  addresses_bind_apart,          // two different specific addresses never conflict
  wildcard_overlaps_addresses,   // 0.0.0.0 and any IPv4 address, :: and any IPv6 address
  dual_stack_overlaps_v4,        // :: and any IPv4 address
  v6_only_leaves_v4_alone,       // IPV6_V6ONLY
  mapped_address_is_the_v4_one,  // ::ffff:127.0.0.1 and 127.0.0.1

  // bind(): who is excused, net/ipv4/inet_connection_sock.c inet_bind_conflict, sk_reuseport_match
  reuse_address_excuses,        // SO_REUSEADDR
  reuse_address_wants_both,     // on the newcomer and on the owner
  listener_bars_reuse_address,  // an owner that listens is not excused by SO_REUSEADDR
  reuse_port_excuses,           // SO_REUSEPORT
  reuse_port_wants_one_user,    // of one user
  time_wait_has_no_user,        // SO_REUSEPORT shares with a TIME_WAIT entry of any user
  bucket_remembers_reuse_port,  // the last SO_REUSEPORT socket of a port lets its like in

  // Who owns a port
  time_wait_keeps_its_port,
  accepted_connection_owns_its_port,
  accepted_connection_inherits_reuse,  // SO_REUSEADDR and SO_REUSEPORT
  idle_socket_gives_its_port_back,     // an automatic port goes with the connection, not with the descriptor
  disconnecting_keeps_bound_address,   // connect() to AF_UNSPEC

  // Automatic ports, net/ipv4/inet_hashtables.c __inet_hash_connect, inet_connection_sock.c inet_csk_find_open_port
  reserved_ports_are_skipped,      // net.ipv4.ip_local_reserved_ports
  socket_range_lies_in_sysctl,     // a bound of IP_LOCAL_PORT_RANGE counts only inside the sysctl's range
  lower_half_comes_first,          // bind() with SO_REUSEADDR
  automatic_bind_excuses_nobody,   // SO_REUSEADDR and SO_REUSEPORT do not make an automatic choice share
  autobind_reuse_adds_a_pass,      // net.ipv4.ip_autobind_reuse
  mapped_shares_four_tuples,       // IPv4 and v4-mapped connections have one space of four-tuples
  bound_connect_tests_four_tuple,  // connect() from a bound port: EADDRNOTAVAIL when the four-tuple is taken

  // listen() and accept()
  listen_repeats_bind_test,  // with the socket counting as a listener
  somaxconn_cuts_backlog,
  closed_listener_resets_its_queue,
  shutdown_ends_listening,
  accept_wants_descriptor_first,  // EMFILE comes before EAGAIN

  // Connections and their end
  syn_meets_syn,                 // a SYN in SYN_SENT is a simultaneous open; a connection to itself is one
  stream_reaches_one_host_only,  // multicast and broadcast destinations are ENETUNREACH
  active_closer_waits,           // TIME_WAIT
  unread_data_resets,
  linger_zero_resets,
  time_wait_buckets_are_bounded,  // tcp_max_tw_buckets
  reuse_follows_its_setting,      // tcp_tw_reuse
  reuse_wants_timestamps,
  reuse_wants_delay,              // tcp_tw_reuse_delay
  bound_connect_takes_time_wait,  // at once, whatever tcp_tw_reuse says
  syn_takes_time_wait,            // of the side that was connected to

  count
};

}  // namespace netlimits

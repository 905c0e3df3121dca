// The table of faults, a row a rule: its name, and what a model without the rule believes.
#include "fuzz/planted_faults.hpp"

#include <vector>

namespace netlimits::fuzz {
namespace {

PlantedFault without(KernelRule rule, std::string_view name, std::string_view believes) {
  PlantedFault fault{name, believes, {}, false};
  fault.rules.without = rule;
  return fault;
}

PlantedFault among_users(PlantedFault fault) {
  fault.several_users = true;
  return fault;
}

template <class Value>
PlantedFault with(Value Rules::*rule, Value value, std::string_view name, std::string_view believes) {
  PlantedFault fault{name, believes, {}, false};
  fault.rules.*rule = value;
  return fault;
}

std::vector<PlantedFault> all_faults() {
  using enum KernelRule;
  return {
      without(bind_wants_own_address, "bind-wants-own-address", "bind() takes any address"),
      without(bind_tests_address_before_port, "bind-tests-address-before-port",
              "bind() tests the privileged port before the address"),
      without(low_ports_want_privilege, "low-ports-want-privilege", "any user may bind ports below 1024"),
      without(bind_tests_privilege_before_state, "bind-tests-privilege-before-state",
              "bind() tests whether it has a port before the privileged port"),
      without(bind_without_port_holds_none, "bind-without-port-holds-none", "IP_BIND_ADDRESS_NO_PORT takes a port"),
      without(specific_v6_address_is_v6_only, "specific-v6-address-is-v6-only",
              "a socket bound to an IPv6 address stays dual-stack"),

      without(addresses_bind_apart, "addresses-bind-apart", "any two addresses conflict"),
      without(wildcard_overlaps_addresses, "wildcard-overlaps-addresses",
              "a wildcard does not conflict with an address"),
      without(dual_stack_overlaps_v4, "dual-stack-overlaps-v4", ":: does not conflict with IPv4"),
      without(v6_only_leaves_v4_alone, "v6-only-leaves-v4-alone", "a v6-only :: conflicts with IPv4"),
      without(mapped_address_is_the_v4_one, "mapped-address-is-the-v4-one",
              "a v4-mapped address does not conflict with the IPv4 one"),

      without(reuse_address_excuses, "reuse-address-excuses", "SO_REUSEADDR excuses nothing"),
      without(reuse_address_wants_both, "reuse-address-wants-both", "SO_REUSEADDR of the newcomer is enough"),
      without(listener_bars_reuse_address, "listener-bars-reuse-address", "SO_REUSEADDR excuses a listener too"),
      without(reuse_port_excuses, "reuse-port-excuses", "SO_REUSEPORT excuses nothing"),
      among_users(without(reuse_port_wants_one_user, "reuse-port-wants-one-user", "SO_REUSEPORT shares between users")),
      among_users(without(time_wait_has_no_user, "time-wait-has-no-user", "a TIME_WAIT entry is its user's alone")),
      without(bucket_remembers_reuse_port, "bucket-remembers-reuse-port",
              "a port forgets the last SO_REUSEPORT socket bound to it"),

      without(time_wait_keeps_its_port, "time-wait-keeps-its-port", "TIME_WAIT holds no port"),
      without(accepted_connection_owns_its_port, "accepted-connection-owns-its-port",
              "an accepted connection holds no port"),
      without(accepted_connection_inherits_reuse, "accepted-connection-inherits-reuse",
              "an accepted connection has no SO_REUSEADDR or SO_REUSEPORT"),
      without(idle_socket_gives_its_port_back, "idle-socket-gives-its-port-back",
              "an automatic port stays until the socket is closed"),
      without(disconnecting_keeps_bound_address, "disconnecting-keeps-bound-address",
              "disconnecting takes the bound address away"),

      with(&Rules::connect_prefers_low_parity, false, "connect-prefers-low-parity",
           "connect() takes ports in any order"),
      with(&Rules::bind_avoids_low_parity, false, "bind-avoids-low-parity",
           "bind() to port 0 takes ports in any order"),
      with(&Rules::connect_skips_bind_bound, false, "connect-skips-bind-bound",
           "connect() takes a port that bind() holds"),
      with(&Rules::bucket_revival, false, "bucket-revival",
           "a port once bound stays withheld from connect() while anyone owns it"),
      with(&Rules::socket_port_range_step_one, false, "socket-port-range-step-one",
           "a socket with IP_LOCAL_PORT_RANGE goes by parity"),
      with(&Rules::connect_sharing, PortSharing::local_addr_port, "connect-shares-by-four-tuple",
           "connect() needs a port that is free on its address"),
      without(reserved_ports_are_skipped, "reserved-ports-are-skipped", "reserved ports are given"),
      without(socket_range_lies_in_sysctl, "socket-range-lies-in-sysctl",
              "IP_LOCAL_PORT_RANGE goes beyond the sysctl's range"),
      without(lower_half_comes_first, "lower-half-comes-first", "SO_REUSEADDR does not make bind() try halves"),
      without(automatic_bind_excuses_nobody, "automatic-bind-excuses-nobody",
              "SO_REUSEADDR makes an automatic choice share ports"),
      without(autobind_reuse_adds_a_pass, "autobind-reuse-adds-a-pass", "ip_autobind_reuse does nothing"),
      without(mapped_shares_four_tuples, "mapped-shares-four-tuples",
              "IPv4 and v4-mapped connections have four-tuples of their own"),
      without(bound_connect_tests_four_tuple, "bound-connect-tests-four-tuple",
              "connect() from a bound port takes a four-tuple twice"),

      with(&Rules::accept_queue, AcceptQueueRule::backlog, "backlog-plus-one", "the accept queue holds the backlog"),
      with(&Rules::full_queue_refuses, true, "full-queue-is-silent", "a full accept queue refuses"),
      without(listen_repeats_bind_test, "listen-repeats-bind-test", "listen() tests nothing that bind() has tested"),
      without(somaxconn_cuts_backlog, "somaxconn-cuts-backlog", "the backlog may exceed somaxconn"),
      without(closed_listener_resets_its_queue, "closed-listener-resets-its-queue",
              "closing a listener leaves what waits in its queue"),
      without(shutdown_ends_listening, "shutdown-ends-listening", "shutdown() leaves a listener alone"),
      without(accept_wants_descriptor_first, "accept-wants-descriptor-first",
              "accept() looks at its queue before the descriptor limit"),
      with(&Rules::descriptors_bind, false, "descriptor-limit", "a process has no descriptor limit"),

      without(syn_meets_syn, "syn-meets-syn", "a socket does not connect to itself"),
      without(stream_reaches_one_host_only, "stream-reaches-one-host-only",
              "a stream may be connected to a multicast address"),
      without(active_closer_waits, "active-closer-waits", "there is no TIME_WAIT"),
      without(unread_data_resets, "unread-data-resets", "closing with unread data is orderly"),
      without(linger_zero_resets, "linger-zero-resets", "SO_LINGER 0 closes in order"),
      without(time_wait_buckets_are_bounded, "time-wait-buckets-are-bounded", "tcp_max_tw_buckets does nothing"),
      without(reuse_follows_its_setting, "reuse-follows-its-setting", "connect() takes TIME_WAIT over in any mode"),
      without(reuse_wants_timestamps, "reuse-wants-timestamps",
              "connect() takes TIME_WAIT over without timestamps too"),
      without(reuse_wants_delay, "reuse-wants-delay", "connect() takes TIME_WAIT over at once"),
      without(bound_connect_takes_time_wait, "bound-connect-takes-time-wait",
              "connect() from a bound port waits for TIME_WAIT to end"),
      without(syn_takes_time_wait, "syn-takes-time-wait", "TIME_WAIT takes no SYN"),
  };
}

}  // namespace

std::span<const PlantedFault> planted_faults() {
  static const std::vector<PlantedFault> faults = all_faults();
  return faults;
}

}  // namespace netlimits::fuzz

// The rules that decide what a socket call gives, as a closed list: the account of what random scripts have reached.
//
// A host marks a rule when the rule decides something: a refusal, or a success that would be another without it. Rules
// that only repeat what a call is for (a bind to a free port) are not on the list.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netlimits {

enum class Rule : std::uint8_t {
  none,  // no rule of the list: a success that needed none

  descriptor_not_open,
  process_ended,
  descriptors_process,
  descriptors_host,
  held_four_tuple,
  held_time_wait_buckets,

  bind_family,
  bind_address,
  bind_foreign_address,
  bind_privileged_port,
  bind_already_bound,
  bind_without_port,
  bind_becomes_v6_only,
  bind_reserved_port,
  bind_conflict,
  bind_listener_in_the_way,
  bind_other_user_in_the_way,
  bind_time_wait_in_the_way,
  bind_connection_in_the_way,
  bind_families_meet,
  bind_addresses_apart,
  bind_families_apart,
  bind_devices_apart,
  bind_shared_by_reuse_address,
  bind_shared_by_reuse_port,
  bind_shared_with_time_wait,
  bind_port_memory,

  bind_automatic_port,
  bind_first_parity,
  bind_second_parity,
  bind_lower_half,
  bind_upper_half,
  bind_skips_reserved,
  bind_skips_what_options_excuse,
  bind_second_pass,
  bind_misses_port,

  listen_state,
  listen_conflict,
  listen_chooses_port,
  listen_automatic_port,
  listen_backlog_cut,
  listen_backlog_negative,
  listen_again,

  connect_family,
  connect_destination,
  connect_wildcard,
  connect_call_state,
  connect_in_progress,
  connect_after_shutdown,
  route_none,
  route_foreign_source,
  route_loopback_source,
  route_own_source,
  route_subnet_source,
  route_whole_prefix,
  route_device,

  connect_four_tuple,
  connect_bound_port,
  connect_bound_takes_time_wait,
  connect_automatic_port,
  connect_first_parity,
  connect_second_parity,
  connect_misses_port,
  connect_shares_port,
  connect_revived_port,
  connect_skips_reserved,
  connect_skips_bind_bound,
  connect_skips_four_tuple,
  connect_families_share_tuples,
  connect_takes_time_wait,
  connect_time_wait_never,
  connect_time_wait_without_timestamps,
  connect_time_wait_not_loopback,
  connect_time_wait_too_young,
  connect_self,
  socket_range_narrows,
  socket_range_bound_ignored,
  socket_range_every_port,

  connect_nonblocking,
  connect_unanswered,
  connect_refused,
  connect_outcome,
  connect_timed_out,
  connect_syn_repeated,
  connect_stale_answer,
  connect_data_repeated,

  disconnect_keeps_port,
  disconnect_gives_port_up,
  disconnect_keeps_address,
  disconnect_resets,

  listener_latest,
  listener_nearest,
  listener_group,
  accept_not_listening,
  accept_queue_empty,
  accept_queue_full,
  accept_queue_ack_ignored,
  accept_queue_ack_reset,
  accept_queue_cookie_lost,
  syn_queue_full,
  syn_queue_cookie,
  syn_queue_cookie_always,
  syn_queue_cookie_returns,
  syn_queue_cookie_refused,
  syn_queue_strangers,
  syn_queue_known_peer,
  syn_queue_answer_repeated,
  syn_queue_given_up,
  syn_queue_listener_gone,

  send_state,
  send_family,
  receive_state,
  receive_nothing,
  await_nothing,
  socket_pending_error,
  peer_name_not_connected,
  shutdown_not_connected,
  shutdown_ends_listening,
  shutdown_leaves_listening,
  shutdown_before_connection,

  close_delayed_ack,
  close_second_side,
  close_unread_resets,
  close_linger_resets,
  close_listener_resets_queue,
  connection_reset,
  connection_reset_after_fin,
  connection_data_after_close,
  connection_mixed_families,
  connection_no_answer_to_loopback,
  time_wait_first_closer,
  time_wait_both_sides,
  time_wait_no_room,
  time_wait_over,
  time_wait_begins_anew,
  time_wait_ended_by_reset,
  time_wait_new_syn,
  time_wait_syn_without_listener,
  fin_wait_light,
  fin_wait_over,
  fin_wait_full_socket_first,
  fin_wait_data_resets,
  fin_wait_becomes_time_wait,
  orphan_over,
  orphan_too_many,

  option_read_only,
  option_unknown,
  option_length,
  option_v6_only_when_bound,
  option_transparent_privilege,
  option_port_range,
  option_no_such_device,
  option_device_privilege,

  setting_invalid_value,
  setting_fixed,
  setting_unknown_name,

  datagram_conflict,
  datagram_shared,
  datagram_automatic_port,
  datagram_no_port,
  datagram_size,
  datagram_port_zero,
  datagram_broadcast,
  datagram_no_destination,
  datagram_group,
  datagram_nobody,
};

inline constexpr std::size_t rule_count = static_cast<std::size_t>(Rule::datagram_nobody) + 1;

// What it takes to see the rule decide.
enum class RuleReach : std::uint8_t {
  random,         // a short random script
  minute,         // a wait of a minute: few random scripts have one
  several_users,  // processes of different users: an ordinary user's sandbox cannot have them
  host_wide,      // a setting of the whole machine, which no sandbox may change
  lost_packet,    // a packet that gets lost, which no script can bring about
  no_script,      // nothing that a script could ask for
};

struct RuleFacts {
  Rule rule{};
  std::string_view name{};  // "bind.conflict": stable, for reports
  std::string_view says{};  // the rule in one line
  RuleReach reach = RuleReach::random;
};

// Requires: not Rule::none for anything but the empty name.
const RuleFacts& facts_of(Rule rule);
inline std::string_view name_of(Rule rule) { return facts_of(rule).name; }
std::optional<Rule> rule_named(std::string_view name);

// The rules that decided something, each once.
class RuleSet {
 public:
  void mark(Rule rule) { marks_.set(static_cast<std::size_t>(rule)); }
  bool has(Rule rule) const { return marks_.test(static_cast<std::size_t>(rule)); }
  RuleSet& operator|=(const RuleSet& other) {
    marks_ |= other.marks_;
    return *this;
  }
  bool operator==(const RuleSet&) const = default;

 private:
  std::bitset<rule_count> marks_;
};

}  // namespace netlimits

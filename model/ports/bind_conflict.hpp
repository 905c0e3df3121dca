// May a socket be bound to a port that others own? (explicit bind, and again at listen)
//
// A conflict is an owner whose address overlaps and that no option excuses.
// Source: net/ipv4/inet_connection_sock.c, inet_csk_get_port, inet_bind_conflict, inet_rcv_saddr_equal; 6.18.
// Measured on 6.18.44 for every pair of {none, SO_REUSEADDR, SO_REUSEPORT, both} in the states bound, listening,
// established, TIME_WAIT, and for the addresses below.
//
// Where kernel and common wording differ: an accepted or connected IPv6 socket that is not v6-only overlaps with
// 0.0.0.0 although its address is a true IPv6 one; one bound to that address by bind() does not, because bind() makes
// it v6-only.
#pragma once

#include <cstdint>

#include "model/ports/port_table.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {

// Do the addresses of a socket about to be bound and of an owner of the port overlap, and which rule says so? A rule
// that is not in force says the opposite; Rule::none: they are the same address.
struct Overlap {
  bool meet = false;
  Rule by{};
};
Overlap bind_overlap(const SocketRecord& newcomer, const SocketRecord& owner, const Rules& rules);
inline bool bind_addresses_overlap(const SocketRecord& newcomer, const SocketRecord& owner, const Rules& rules) {
  return bind_overlap(newcomer, owner, rules).meet;
}
// Does it overlap at most with owners at its own address and at the wildcards of both families?
bool keeps_to_its_address(const SocketRecord& newcomer, const Rules& rules);
// The same comparison for datagram sockets, which have no second table by address: inet_rcv_saddr_equal alone.
bool wildcard_addresses_equal(const SocketRecord& newcomer, const SocketRecord& owner);

// Two sockets bound to different devices never conflict.
inline bool devices_meet(const SocketRecord& a, const SocketRecord& b) {
  return a.device == 0 || b.device == 0 || a.device == b.device;
}

// Do the options of both excuse an overlap?
//   SO_REUSEADDR on both, unless the owner listens; or
//   SO_REUSEPORT on both, for owners of the same user or in TIME_WAIT, listening or not.
// Which of them does; Rule::none: neither.
Rule excuse_for_overlap(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                        std::uint32_t owner_uid, const Rules& rules);
inline bool overlap_excused(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                            std::uint32_t owner_uid, const Rules& rules) {
  return excuse_for_overlap(newcomer, newcomer_uid, owner, owner_uid, rules) != Rule::none;
}
// The only excuse for an automatic choice, and only in the second pass that net.ipv4.ip_autobind_reuse adds:
// SO_REUSEADDR on both and no listener, unless both could share by SO_REUSEPORT.
bool overlap_excused_for_automatic(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                                   std::uint32_t owner_uid, const Rules& rules);

// The bucket's memory of its last SO_REUSEPORT socket lets an equal one in without a look at the owners, even if these
// have changed their options since (sk_reuseport_match). A memory of a wildcard lets any address in.
bool matches_reuse_port_memory(const PortTable::ReusePortMemory& memory, const SocketRecord& newcomer,
                               std::uint32_t newcomer_uid, const Rules& rules);

}  // namespace netlimits

// Which addresses overlap, as IPv4 and as IPv6 sockets see it, and what excuses an overlap.
#include "model/ports/bind_conflict.hpp"

namespace netlimits {
namespace {

enum class Kind : std::uint8_t { v6_any, mapped, v6 };

Kind kind_of(AddressBits address) {
  if (address.is_v6_any()) return Kind::v6_any;
  return address.is_mapped() ? Kind::mapped : Kind::v6;
}

// Two addresses as IPv4 ones, either of which may be the wildcard. An owner that is v6-only never has one.
bool equal_as_v4(std::uint32_t newcomer, std::uint32_t owner, bool newcomer_wild, bool owner_wild, bool owner_v6_only) {
  if (owner_v6_only) return false;
  return newcomer == owner || (newcomer_wild && newcomer == 0) || (owner_wild && owner == 0);
}

// The comparison of an IPv6 socket with any other. `wild`: may a wildcard on that side match other addresses?
bool equal_as_v6(const SocketRecord& newcomer, const SocketRecord& owner) {
  const Kind mine = kind_of(newcomer.local);
  const Kind theirs = owner.inet6 ? kind_of(owner.local) : Kind::mapped;
  if (mine == Kind::mapped && theirs == Kind::mapped)
    return equal_as_v4(newcomer.v4_view(), owner.v4_view(), true, true, owner.v6_only);
  if (mine == Kind::v6_any && theirs == Kind::v6_any) return true;
  if (theirs == Kind::v6_any && !(owner.v6_only && mine == Kind::mapped)) return true;
  if (mine == Kind::v6_any && !(newcomer.v6_only && theirs == Kind::mapped)) return true;
  return owner.inet6 && newcomer.local == owner.local;
}

// Is this socket looked up by its address, and not among all owners of the port?
bool has_own_address(const SocketRecord& record) {
  if (record.inet6) {
    if (record.local.is_v6_any()) return false;
    if (!record.local.is_mapped()) return true;
  }
  return record.v4_view() != 0;
}

bool is_v4(const SocketRecord& record) { return !record.inet6 || record.local.is_mapped(); }

bool reuse_port_excuses(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                        std::uint32_t owner_uid, const Rules& rules) {
  if (!newcomer.reuse_port || !owner.reuse_port || !rules.has(Rule::bind_shared_by_reuse_port)) return false;
  if (owner.counts_as_time_wait() && rules.has(Rule::bind_shared_with_time_wait)) return true;
  if (owner.orphan && rules.has(Rule::bind_orphan_of_nobody)) return false;
  return newcomer_uid == owner_uid || !rules.has(Rule::bind_other_user_in_the_way);
}

// The comparison of addresses as the kernel makes it, among all owners of the port.
bool addresses_meet(const SocketRecord& newcomer, const SocketRecord& owner) {
  if (!has_own_address(newcomer)) return wildcard_addresses_equal(newcomer, owner);
  const bool v4 = is_v4(newcomer);
  if (v4 && owner.v6_only) return false;
  if (owner.inet6 && owner.local.is_v6_any()) return true;
  if (owner.local.is_mapped() && owner.local.v4_bits() == 0) return v4;
  return newcomer.local == owner.local;
}

}  // namespace

bool wildcard_addresses_equal(const SocketRecord& newcomer, const SocketRecord& owner) {
  if (newcomer.inet6) return equal_as_v6(newcomer, owner);
  return equal_as_v4(newcomer.v4_view(), owner.v4_view(), true, true, owner.v6_only);
}

Overlap bind_overlap(const SocketRecord& newcomer, const SocketRecord& owner, const Rules& rules) {
  const bool meet = addresses_meet(newcomer, owner);
  const bool families_differ = is_v4(newcomer) != is_v4(owner);
  Rule by = Rule::none;
  if (!meet) {
    by = families_differ ? Rule::bind_families_apart : Rule::bind_addresses_apart;
  } else if (families_differ) {
    by = Rule::bind_families_meet;
  } else if (newcomer.inet6 != owner.inet6) {
    by = Rule::bind_mapped_is_v4;
  } else if (has_own_address(newcomer) != has_own_address(owner)) {
    by = Rule::bind_wildcard_overlaps;
  }
  if (rules.has(by)) return {meet, by};
  return {!meet, Rule::none};
}

bool keeps_to_its_address(const SocketRecord& newcomer, const Rules& rules) {
  return has_own_address(newcomer) && rules.has(Rule::bind_families_apart) && rules.has(Rule::bind_addresses_apart);
}

Rule excuse_for_overlap(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                        std::uint32_t owner_uid, const Rules& rules) {
  const bool owner_agrees = owner.reuse_address || !rules.has(Rule::bind_reuse_address_wants_both);
  const bool barred = owner.state == TcpState::listen && rules.has(Rule::bind_listener_in_the_way);
  if (newcomer.reuse_address && owner_agrees && !barred && rules.has(Rule::bind_shared_by_reuse_address))
    return Rule::bind_shared_by_reuse_address;
  if (!reuse_port_excuses(newcomer, newcomer_uid, owner, owner_uid, rules)) return Rule::none;
  return newcomer_uid == owner_uid || !owner.counts_as_time_wait() ? Rule::bind_shared_by_reuse_port
                                                                   : Rule::bind_shared_with_time_wait;
}

bool overlap_excused_for_automatic(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                                   std::uint32_t owner_uid, const Rules& rules) {
  if (!newcomer.reuse_address || !owner.reuse_address || owner.state == TcpState::listen) return false;
  return !reuse_port_excuses(newcomer, newcomer_uid, owner, owner_uid, rules);
}

bool matches_reuse_port_memory(const PortTable::ReusePortMemory& memory, const SocketRecord& newcomer,
                               std::uint32_t newcomer_uid, const Rules& rules) {
  if (!newcomer.reuse_port || memory.uid != newcomer_uid || !rules.has(Rule::bind_port_memory)) return false;
  if (memory.first && rules.has(Rule::bind_reuse_port_memory_any)) return true;
  SocketRecord remembered;
  remembered.local = memory.address;
  remembered.inet6 = memory.inet6;
  remembered.v6_only = memory.v6_only;
  // A wildcard counts on the remembered side only.
  if (!memory.inet6) return equal_as_v4(remembered.v4_view(), newcomer.v4_view(), true, false, newcomer.v6_only);
  const Kind mine = kind_of(memory.address);
  const Kind theirs = newcomer.inet6 ? kind_of(newcomer.local) : Kind::mapped;
  if (mine == Kind::mapped && theirs == Kind::mapped)
    return equal_as_v4(remembered.v4_view(), newcomer.v4_view(), true, false, newcomer.v6_only);
  if (mine == Kind::v6_any && theirs == Kind::v6_any) return true;
  if (mine == Kind::v6_any && !(memory.v6_only && theirs == Kind::mapped)) return true;
  return newcomer.inet6 && memory.address == newcomer.local;
}

}  // namespace netlimits

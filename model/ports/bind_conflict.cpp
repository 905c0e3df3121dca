// Which addresses overlap, as IPv4 and as IPv6 sockets see it, and what excuses an overlap.
#include "model/ports/bind_conflict.hpp"

#include <optional>

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

bool reuse_port_excuses(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                        std::uint32_t owner_uid, const Rules& rules) {
  if (!newcomer.reuse_port || !owner.reuse_port || !rules.has(KernelRule::reuse_port_excuses)) return false;
  if (owner.counts_as_time_wait() && rules.has(KernelRule::time_wait_has_no_user)) return true;
  return newcomer_uid == owner_uid || !rules.has(KernelRule::reuse_port_wants_one_user);
}

// Where a rule about two addresses is left out: what it makes of these two; nothing when it is not about them.
std::optional<bool> overlap_without(KernelRule rule, const SocketRecord& newcomer, const SocketRecord& owner) {
  const bool families_differ = newcomer.inet6 != owner.inet6;
  const bool any_v6 = newcomer.local.is_v6_any() || owner.local.is_v6_any();
  switch (rule) {
    case KernelRule::addresses_bind_apart:
      if (has_own_address(newcomer) && has_own_address(owner)) return true;
      break;
    case KernelRule::wildcard_overlaps_addresses:
      if (has_own_address(newcomer) != has_own_address(owner)) return false;
      break;
    case KernelRule::dual_stack_overlaps_v4:
      if (families_differ && any_v6) return false;
      break;
    case KernelRule::v6_only_leaves_v4_alone:
      if (families_differ && any_v6) return true;
      break;
    case KernelRule::mapped_address_is_the_v4_one:
      if (families_differ && !any_v6) return false;
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool wildcard_addresses_equal(const SocketRecord& newcomer, const SocketRecord& owner) {
  if (newcomer.inet6) return equal_as_v6(newcomer, owner);
  return equal_as_v4(newcomer.v4_view(), owner.v4_view(), true, true, owner.v6_only);
}

bool bind_addresses_overlap(const SocketRecord& newcomer, const SocketRecord& owner, const Rules& rules) {
  if (rules.without != KernelRule::none)
    if (const auto decided = overlap_without(rules.without, newcomer, owner)) return *decided;
  if (!has_own_address(newcomer)) return wildcard_addresses_equal(newcomer, owner);
  const bool v4 = !newcomer.inet6 || newcomer.local.is_mapped();
  if (v4 && owner.v6_only) return false;
  if (owner.inet6 && owner.local.is_v6_any()) return true;
  if (owner.local.is_mapped() && owner.local.v4_bits() == 0) return v4;
  return newcomer.local == owner.local;
}

Rule excuse_for_overlap(const SocketRecord& newcomer, std::uint32_t newcomer_uid, const SocketRecord& owner,
                        std::uint32_t owner_uid, const Rules& rules) {
  const bool owner_agrees = owner.reuse_address || !rules.has(KernelRule::reuse_address_wants_both);
  const bool barred = owner.state == TcpState::listen && rules.has(KernelRule::listener_bars_reuse_address);
  if (newcomer.reuse_address && owner_agrees && !barred && rules.has(KernelRule::reuse_address_excuses))
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
  if (!newcomer.reuse_port || memory.uid != newcomer_uid || !rules.has(KernelRule::bucket_remembers_reuse_port))
    return false;
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

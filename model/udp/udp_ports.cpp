// Which port a datagram socket gets, and where a lookup will meet it.
#include <algorithm>

#include <boost/assert.hpp>

#include "model/ports/automatic_connect_port.hpp"
#include "model/ports/automatic_range.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/udp/udp_stack.hpp"

namespace netlimits {

// net/ipv4/udp.c, udp_lib_lport_inuse. For an explicit port the first owner in the way decides, the latest bound first:
// one of the same user with SO_REUSEPORT on both lets the newcomer in without a look at the rest. IPv6 sockets with
// SO_REUSEPORT are looked at last of all, the first bound first (measured on 6.18). An automatic choice
// shares with SO_REUSEADDR on both and with SO_REUSEPORT of one user.
bool UdpStack::conflict(const SocketRecord& newcomer, SocketIndex self, std::uint16_t port, bool automatic,
                        RuleAccount& account) const {
  if (!ports_) return false;
  bool in_the_way = false;
  const auto decides = [&](SocketIndex index, const SocketRecord& owner) {
    if (index == self || !devices_meet(newcomer, owner) || !wildcard_addresses_equal(newcomer, owner)) return false;
    if (owner.reuse_address && newcomer.reuse_address) {
      account.mark(Rule::datagram_shared);
      return false;
    }
    const bool shared =
        owner.reuse_port && newcomer.reuse_port && processes_.uid_of(owner) == processes_.uid_of(newcomer);
    account.mark_if(shared, Rule::datagram_shared);
    if (shared) return !automatic;
    in_the_way = true;
    return true;
  };
  std::vector<SocketIndex> behind;
  const bool decided = ports_->any_owner(sockets_, port, [&](SocketIndex index, const SocketRecord& owner) {
    const SocketExtras* own = sockets_.extras_if_any(owner);
    if (own == nullptr || !own->looked_up_last) return decides(index, owner);
    behind.push_back(index);
    return false;
  });
  if (!decided)
    (void)std::any_of(behind.rbegin(), behind.rend(), [&](SocketIndex at) { return decides(at, sockets_[at]); });
  return in_the_way;
}

// net/ipv4/udp.c, udp_lib_get_port: an automatic choice may give any port of the range, in no order of parity.
std::vector<Port> UdpStack::possible_ports(const SocketRecord& socket, RuleAccount& account) const {
  const PortRange range = automatic_range(sockets_, socket, settings(), account);
  std::vector<Port> list;
  for (std::uint32_t number = range.first.value; number <= range.last.value; ++number) {
    const auto port = static_cast<std::uint16_t>(number);
    if (!never_automatic(port, configuration_, Rule::bind_skips_reserved) &&
        !conflict(socket, no_socket, port, true, account))
      list.push_back(Port{port});
  }
  return list;
}

std::optional<Port> UdpStack::choose_port(SocketIndex index, const PortDraw& draw) {
  const SocketRecord& record = sockets_[index];
  const ConnectWalkShape shape{automatic_range(sockets_, record, settings(), account_), true};
  const auto open = [&](Port candidate) {
    return !never_automatic(candidate.value, configuration_, Rule::bind_skips_reserved) &&
           !conflict(record, index, candidate.value, true, account_);
  };
  if (!draw.demanded) return first_acceptable(connect_walk(shape, draw.number), open);
  if (shape.range.contains(*draw.demanded) && open(*draw.demanded)) return draw.demanded;
  return std::nullopt;
}

Outcome<void> UdpStack::take(SocketIndex index, std::uint16_t port, const PortDraw& draw) {
  SocketRecord& record = sockets_[index];
  BOOST_ASSERT_MSG(record.held_port == 0, "UdpStack::take: the socket has no port");
  if (port != 0) {
    if (conflict(record, index, port, false, account_))
      return refuse(rules().address_in_use, Limit::port_in_use, Rule::datagram_conflict);
  } else {
    const auto chosen = choose_port(index, draw);
    if (!chosen) return refuse(rules().ports_exhausted_bind, Limit::ephemeral_ports, Rule::datagram_automatic_port);
    port = chosen->value;
  }
  record.held_port = port;
  if (!ports_) ports_ = std::make_unique<PortTable>();
  ports_->add(sockets_, index, PortTable::Claim::bind);
  const bool at_the_end = record.reuse_port && record.inet6;
  sockets_.extras_of(index).place = {.by_address = at_the_end ? --last_place_ : ++first_place_};
  if (record.reuse_port) join_group(index);
  return {};
}

// Connecting and sending bind the socket before anything is looked at: no free port is EAGAIN there.
Outcome<void> UdpStack::bind_if_unbound(SocketIndex index, const PortDraw& draw) {
  SocketRecord& record = sockets_[index];
  if (record.held_port != 0) return {};
  if (!take(index, 0, draw)) return refuse(Error::eagain, Limit::ephemeral_ports, Rule::datagram_no_port);
  record.local_port = record.held_port;
  return {};
}

void UdpStack::release(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  if (record.held_port == 0) return;
  ports_->remove(sockets_, index);
  record.held_port = 0;
}

// net/ipv4/udp.c, udp_reuseport_add_sock and udp_lib_get_port.
void UdpStack::join_group(SocketIndex index) {
  const SocketRecord& record = sockets_[index];
  std::uint32_t group = 0;
  ports_->any_owner(sockets_, record.held_port, [&](SocketIndex at, const SocketRecord& other) {
    if (at == index || !other.reuse_port || other.inet6 != record.inet6 || other.v6_only != record.v6_only ||
        other.device != record.device || processes_.uid_of(other) != processes_.uid_of(record) ||
        other.local != record.local)
      return false;
    SocketExtras& theirs = sockets_.extras_of(at);
    if (theirs.group == 0) theirs.group = ++groups_;
    group = theirs.group;
    return true;
  });
  SocketExtras& own = sockets_.extras_of(index);
  own.group = group != 0 ? group : ++groups_;
  own.looked_up_last = record.inet6;
}

void UdpStack::file_by_tuple(SocketIndex index) {
  const SocketRecord& record = sockets_[index];
  DatagramPlace& place = sockets_.extras_of(index).place;
  place.by_tuple = static_cast<std::uint64_t>(++first_place_);
  place.tuple_local = record.local;
  place.tuple_remote = record.remote;
  place.tuple_remote_port = record.remote_port;
}

// Its local address has changed.
void UdpStack::move_place(SocketIndex index) {
  const SocketRecord& record = sockets_[index];
  DatagramPlace& place = sockets_.extras_of(index).place;
  place.by_address = ++first_place_;
  const bool moves = place.tuple_local != record.local || place.tuple_remote != record.remote ||
                     place.tuple_remote_port != record.remote_port;
  if (place.by_tuple != 0 && moves) file_by_tuple(index);
}

}  // namespace netlimits

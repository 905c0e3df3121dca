// A datagram that arrives: whose it is, and what comes back when it is nobody's.
#include <algorithm>

#include "model/sockets/group_draws.hpp"
#include "model/sockets/socket_effects.hpp"
#include "model/udp/datagram_lookup.hpp"
#include "model/udp/udp_stack.hpp"

namespace netlimits {

// Of the connected sockets that are filed by their four-tuple the latest filed (udp4_lib_lookup4; not before 6.13:
// Rule:: datagram_filed). Otherwise those on the datagram's very address, then those on a wildcard (udp4_lib_lookup2):
// the best score, and of equals the first in the list. The first of a group that is the best so far ends the search:
// one of its group takes the datagram, by a hash.
SocketIndex UdpStack::receiver(const TupleKey& key, std::uint8_t device) {
  if (!ports_) return no_socket;
  std::vector<SocketIndex> candidates;
  SocketIndex filed = no_socket;
  const auto place = [&](SocketIndex index) -> const DatagramPlace& { return sockets_.extras(index).place; };
  ports_->any_owner(sockets_, key.local_port, [&](SocketIndex index, const SocketRecord& socket) {
    if (datagram_score(socket, key, device) == datagram_not_for_it) return false;
    candidates.push_back(index);
    if (socket.state == TcpState::established && found_by_tuple(place(index), key) &&
        (filed == no_socket || place(index).by_tuple > place(filed).by_tuple))
      filed = index;
    return false;
  });
  if (filed != no_socket && rules().has(Rule::datagram_filed)) {
    account_.mark_if(candidates.size() > 1, Rule::datagram_filed);
    return filed;
  }
  std::sort(candidates.begin(), candidates.end(),
            [&](SocketIndex a, SocketIndex b) { return place(a).by_address > place(b).by_address; });
  SocketIndex best = no_socket;
  int best_score = -1;
  for (const bool on_the_address : {true, false}) {
    for (const SocketIndex index : candidates) {
      const int value = datagram_score(sockets_[index], key, device);
      if ((value >= datagram_at_exact_address) != on_the_address || value <= best_score) continue;
      best = index;
      best_score = value;
      if (sockets_.extras(index).group != 0 && sockets_[index].reuse_port) return member_of_group(index, key);
    }
    if (best != no_socket) return best;
  }
  return no_socket;
}

SocketIndex UdpStack::member_of_group(SocketIndex first, const TupleKey& key) {
  std::vector<SocketIndex> members;
  ports_->any_owner(sockets_, key.local_port, [&](SocketIndex at, const SocketRecord&) {
    if (sockets_.extras(at).group == sockets_.extras(first).group) members.push_back(at);
    return false;
  });
  if (members.size() == 1) return first;
  account_.mark(Rule::datagram_group);
  std::sort(members.begin(), members.end(),
            [&](SocketIndex a, SocketIndex b) { return sockets_[a].generation < sockets_[b].generation; });
  GroupDraws* const draws = configuration_.given().group_draws.get();
  return members[group_member(draws, key, static_cast<std::uint32_t>(members.size()))];
}

void UdpStack::deliver(const Segment& segment, Effects& effects) {
  const FourTuple here = segment.tuple.reversed();
  const TupleKey key{AddressBits::of(here.local.address), AddressBits::of(here.remote.address), here.local.port.value,
                     here.remote.port.value};
  const SocketIndex best = receiver(key, addresses_.arriving_device(segment));
  if (segment.unreachable) {
    account_.mark(Rule::datagram_nobody);
    if (best == no_socket || sockets_[best].state != TcpState::established) return;
    sockets_[best].set_error(rules().connection_refused);
    return;
  }
  if (best == no_socket) {
    Segment answer;
    answer.protocol = Protocol::udp;
    answer.tuple = segment.tuple.reversed();
    answer.unreachable = true;
    effects.segments.push_back(answer);
    return;
  }
  sockets_.extras_of(best).datagrams.push_back(segment.payload);
  notify(sockets_, best, NoticeKind::readable, effects);
}

}  // namespace netlimits

// The score of one socket for one datagram.
#include "model/udp/datagram_lookup.hpp"

namespace netlimits {

int datagram_score(const SocketRecord& receiver, const TupleKey& key, std::uint8_t arriving_device) {
  const bool v4 = key.local.is_mapped();
  if (v4 ? receiver.v6_only : !receiver.inet6) return datagram_not_for_it;
  const bool wildcard = receiver.local.is_v6_any() || (v4 && receiver.local.is_any());
  if (!wildcard && receiver.local != key.local) return datagram_not_for_it;
  if (!v4 && !receiver.remote.is_v6_any() && receiver.remote != key.remote) return datagram_not_for_it;
  int value = v4 && !receiver.inet6 ? 2 : 1;
  if (!wildcard) value += datagram_at_exact_address;
  if (receiver.state == TcpState::established) {
    if (receiver.remote != key.remote) return datagram_not_for_it;
    if (receiver.remote_port != 0 && receiver.remote_port != key.remote_port) return datagram_not_for_it;
    value += receiver.remote_port != 0 ? 8 : 4;
  }
  if (receiver.device != 0) {
    if (receiver.device != arriving_device) return datagram_not_for_it;
    value += 4;
  }
  return value;
}

bool found_by_tuple(const DatagramPlace& place, const TupleKey& key) {
  return place.by_tuple != 0 && place.tuple_local == key.local && place.tuple_remote == key.remote &&
         place.tuple_remote_port == key.remote_port;
}

}  // namespace netlimits

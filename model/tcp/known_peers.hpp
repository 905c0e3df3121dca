// The peers that a host knows: a connection to them has measured a round trip and ended in order (net/ipv4/
// tcp_metrics.c, tcp_update_metrics). Only the SYN queue without syncookies asks (syn_queue.hpp).
#pragma once

#include <algorithm>
#include <vector>

#include "model/net/address_bits.hpp"

namespace netlimits {

class KnownPeers {
 public:
  bool knows(AddressBits peer) const { return std::binary_search(peers_.begin(), peers_.end(), peer); }
  void remember(AddressBits peer) {
    const auto at = std::lower_bound(peers_.begin(), peers_.end(), peer);
    if (at == peers_.end() || *at != peer) peers_.insert(at, peer);
  }
  void clear() { peers_.clear(); }

 private:
  std::vector<AddressBits> peers_;  // sorted
};

}  // namespace netlimits

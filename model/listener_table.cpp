#include "model/listener_table.hpp"

#include <algorithm>

namespace netlimits {
namespace {

// How well a listener fits; 0: not at all.
int score(const SocketRecord& listener, const TupleKey& key, std::uint8_t arriving_device) {
  if (listener.device != 0 && listener.device != arriving_device) return 0;
  const bool v4 = key.local.is_mapped();
  if (v4 && listener.v6_only) return 0;
  if (!v4 && !listener.inet6) return 0;
  const bool wildcard = listener.local.is_v6_any() || (v4 && listener.local.is_any());
  if (!wildcard && listener.local != key.local) return 0;
  int value = wildcard ? 1 : 10;
  if (listener.device != 0) value += 2;
  if (v4 && !listener.inet6) ++value;
  return value;
}

// The sockets among which SO_REUSEPORT shares: inet_reuseport_add_sock.
bool same_group(const SocketRecord& a, const SocketRecord& b) {
  return a.reuse_port && b.reuse_port && a.inet6 == b.inet6 && a.v6_only == b.v6_only && a.device == b.device &&
         a.local == b.local;
}

std::uint64_t spread(const TupleKey& key) {
  std::uint64_t mixed = (key.local.low ^ key.local.high) * 0xbf58476d1ce4e5b9ULL;
  mixed ^= (key.remote.low ^ key.remote.high) * 0x94d049bb133111ebULL;
  mixed += (std::uint64_t{key.local_port} << 16U) | key.remote_port;
  mixed ^= mixed >> 30U;
  mixed *= 0xbf58476d1ce4e5b9ULL;
  mixed ^= mixed >> 27U;
  mixed *= 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

void ListenerTable::insert(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), record.held_port,
                                   [](const Entry& entry, std::uint16_t port) { return entry.port < port; });
  entries_.insert(at, {record.held_port, index});
  record.in_listeners = true;
}

void ListenerTable::erase(SocketTable& sockets, SocketIndex index) {
  sockets[index].in_listeners = false;
  auto at = std::lower_bound(entries_.begin(), entries_.end(), sockets[index].held_port,
                             [](const Entry& entry, std::uint16_t port) { return entry.port < port; });
  while (at->socket != index) ++at;
  entries_.erase(at);
}

SocketIndex ListenerTable::find(const SocketTable& sockets, const TupleKey& key, std::uint8_t arriving_device) const {
  const auto begin = std::lower_bound(entries_.begin(), entries_.end(), key.local_port,
                                      [](const Entry& entry, std::uint16_t port) { return entry.port < port; });
  SocketIndex best = no_socket;
  int best_score = 0;
  auto end = begin;
  for (; end != entries_.end() && end->port == key.local_port; ++end) {
    const int value = score(sockets[end->socket], key, arriving_device);
    if (value <= best_score) continue;
    best = end->socket;
    best_score = value;
  }
  if (best == no_socket || !sockets[best].reuse_port) return best;
  std::vector<SocketIndex> group;
  for (auto at = begin; at != end; ++at)
    if (same_group(sockets[best], sockets[at->socket])) group.push_back(at->socket);
  std::sort(group.begin(), group.end(),
            [&](SocketIndex a, SocketIndex b) { return sockets[a].generation < sockets[b].generation; });
  // The high half of a 32-bit product, as the kernel's reciprocal_scale().
  const std::uint64_t chosen = ((spread(key) & 0xffffffffU) * group.size()) >> 32U;
  return group[static_cast<std::size_t>(chosen)];
}

bool ListenerTable::wildcard_listener(const SocketTable& sockets, std::uint16_t port) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.port == port && sockets[entry.socket].local.is_any(); });
}

}  // namespace netlimits

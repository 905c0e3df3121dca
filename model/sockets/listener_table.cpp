// Listeners by port, in the order in which a look-up meets them.
#include "model/sockets/listener_table.hpp"

#include <algorithm>

#include <boost/assert.hpp>

#include "model/sockets/listener_match.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

int score(const SocketRecord& listener, const TupleKey& key, std::uint8_t arriving_device) {
  return listener_score({listener.local, listener.inet6, listener.v6_only, listener.device}, key.local,
                        arriving_device);
}

// May two listeners be of one SO_REUSEPORT group?
bool alike(const SocketRecord& a, const SocketRecord& b) {
  return a.inet6 == b.inet6 && a.v6_only == b.v6_only && a.device == b.device && a.local == b.local;
}

}  // namespace

std::vector<ListenerTable::Entry>::iterator ListenerTable::first_of(std::uint16_t port) {
  return std::lower_bound(entries_.begin(), entries_.end(), port,
                          [](const Entry& entry, std::uint16_t wanted) { return entry.port < wanted; });
}

void ListenerTable::insert(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  const std::uint16_t port = record.held_port;
  BOOST_ASSERT_MSG(!record.in_listeners && port != 0, "ListenerTable::insert: it is not there, and holds its port");
  record.in_listeners = true;
  const auto first = first_of(port);
  auto last = first;
  std::uint32_t group = 0;
  for (; last != entries_.end() && last->port == port; ++last) {
    const SocketRecord& other = sockets[last->socket];
    if (group != 0 || !record.reuse_port || !other.reuse_port || !alike(record, other)) continue;
    if (last->group == 0) last->group = ++groups_;
    group = last->group;
  }
  if (record.reuse_port && group == 0) group = ++groups_;
  const bool behind = record.reuse_port && record.inet6;
  entries_.insert(behind ? last : first, {port, index, group});
}

void ListenerTable::erase(SocketTable& sockets, SocketIndex index) {
  const std::uint16_t port = sockets[index].held_port;
  BOOST_ASSERT_MSG(sockets[index].in_listeners && port != 0, "ListenerTable::erase: it is there, and holds its port");
  sockets[index].in_listeners = false;
  auto at = first_of(port);
  while (at->socket != index) {
    ++at;
    BOOST_ASSERT_MSG(at != entries_.end() && at->port == port,
                     "ListenerTable::erase: its port is the one it came with");
  }
  entries_.erase(at);
}

ListenerTable::Found ListenerTable::find(const SocketTable& sockets, const TupleKey& key, std::uint8_t arriving_device,
                                         GroupDraws* draws) const {
  const auto begin = std::lower_bound(entries_.begin(), entries_.end(), key.local_port,
                                      [](const Entry& entry, std::uint16_t port) { return entry.port < port; });
  auto end = begin;
  while (end != entries_.end() && end->port == key.local_port) ++end;
  for (const bool on_the_address : {true, false}) {
    Found found;
    int best_score = 0;
    for (auto at = begin; at != end; ++at) {
      const int value = score(sockets[at->socket], key, arriving_device);
      if (value == 0 || (value >= exact_listener) != on_the_address) continue;
      if (best_score != 0) found.by = Rule::listener_latest;
      if (value <= best_score) continue;
      found.socket = at->socket;
      best_score = value;
      if (at->group != 0 && sockets[at->socket].reuse_port) {
        found = member_of(sockets, begin, end, *at, key, draws);
        break;
      }
    }
    if (found.socket == no_socket) continue;
    const bool others = on_the_address && std::any_of(begin, end, [&](const Entry& entry) {
                          const int value = score(sockets[entry.socket], key, arriving_device);
                          return value > 0 && value < exact_listener;
                        });
    if (others && found.by == Rule::none) found.by = Rule::listener_nearest;
    return found;
  }
  return {};
}

ListenerTable::Found ListenerTable::member_of(const SocketTable& sockets, Place begin, Place end, const Entry& first,
                                              const TupleKey& key, GroupDraws* draws) {
  std::vector<SocketIndex> members;
  for (auto at = begin; at != end; ++at)
    if (at->group == first.group) members.push_back(at->socket);
  if (members.size() == 1) return {first.socket, Rule::none};
  std::sort(members.begin(), members.end(),
            [&](SocketIndex a, SocketIndex b) { return sockets[a].generation < sockets[b].generation; });
  return {members[group_member(draws, key, static_cast<std::uint32_t>(members.size()))], Rule::listener_group};
}

bool ListenerTable::wildcard_listener(const SocketTable& sockets, std::uint16_t port) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.port == port && sockets[entry.socket].local.is_any(); });
}

}  // namespace netlimits

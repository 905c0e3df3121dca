// Listeners by port, in the order in which a look-up meets them.
#include "model/sockets/listener_table.hpp"

#include <algorithm>
#include <limits>

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

auto by_creation(const SocketTable& sockets) {
  return [&sockets](SocketIndex a, SocketIndex b) { return sockets[a].generation < sockets[b].generation; };
}

}  // namespace

ListenerTable::Range ListenerTable::at(std::uint16_t port, AddressBits local) const {
  using Places = std::numeric_limits<std::int64_t>;
  return {entries_.lower_bound({port, local, Places::min()}), entries_.upper_bound({port, local, Places::max()})};
}

void ListenerTable::insert(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  const std::uint16_t port = record.held_port;
  BOOST_ASSERT_MSG(!record.in_listeners && port != 0, "ListenerTable::insert: it is not there, and holds its port");
  record.in_listeners = true;
  std::uint32_t group = 0;
  if (record.reuse_port) {
    const Range same = at(port, record.local);
    const auto other = std::find_if(same.begin, same.end, [&](const auto& each) {
      const SocketRecord& listener = sockets[each.second.socket];
      return listener.reuse_port && alike(record, listener);
    });
    if (other != same.end) group = other->second.group;
    if (group == 0) group = ++groups_;
    // One that got the option only while it listened founds the group with the newcomer.
    if (other != same.end && other->second.group == 0) {
      entries_.at(other->first).group = group;
      members_[group].push_back(other->second.socket);
    }
    std::vector<SocketIndex>& members = members_[group];
    members.insert(std::upper_bound(members.begin(), members.end(), index, by_creation(sockets)), index);
  }
  const bool behind = record.reuse_port && record.inet6;
  entries_.insert({{port, record.local, behind ? ++back_ : --front_}, {index, group}});
}

void ListenerTable::erase(SocketTable& sockets, SocketIndex index) {
  const SocketRecord& record = sockets[index];
  BOOST_ASSERT_MSG(record.in_listeners && record.held_port != 0,
                   "ListenerTable::erase: it is there, and still holds its port");
  sockets[index].in_listeners = false;
  const Range same = at(record.held_port, record.local);
  const auto found = std::find_if(same.begin, same.end, [&](const auto& each) { return each.second.socket == index; });
  BOOST_ASSERT_MSG(found != same.end, "ListenerTable::erase: its port is the one it came with");
  if (const auto group = members_.find(found->second.group); group != members_.end()) {
    std::erase(group->second, index);
    if (group->second.empty()) members_.erase(group);
  }
  entries_.erase(found);
}

// Of the listeners of two addresses, in the order in which a look-up of the port meets them.
ListenerTable::Found ListenerTable::best_of(const SocketTable& sockets, Range one, Range other, const TupleKey& key,
                                            std::uint8_t arriving_device, GroupDraws* draws) const {
  Found found;
  int best_score = 0;
  while (one.begin != one.end || other.begin != other.end) {
    const bool of_other =
        one.begin == one.end || (other.begin != other.end && other.begin->first.place < one.begin->first.place);
    const Entry& entry = (of_other ? other.begin++ : one.begin++)->second;
    const int value = score(sockets[entry.socket], key, arriving_device);
    if (value == 0) continue;
    if (best_score != 0) found.by = Rule::listener_latest;
    if (value <= best_score) continue;
    found.socket = entry.socket;
    best_score = value;
    if (entry.group != 0 && sockets[entry.socket].reuse_port) return member_of(entry, key, draws);
  }
  return found;
}

ListenerTable::Found ListenerTable::find(const SocketTable& sockets, const TupleKey& key, std::uint8_t arriving_device,
                                         GroupDraws* draws) const {
  const Range any_v4 = at(key.local_port, AddressBits::any(Family::inet));
  const Range any_v6 = at(key.local_port, AddressBits::any(Family::inet6));
  if (!key.local.is_any()) {
    const Range here = at(key.local_port, key.local);
    Found found = best_of(sockets, here, {here.end, here.end}, key, arriving_device, draws);
    if (found.socket != no_socket) {
      const auto fits = [&](const auto& each) { return score(sockets[each.second.socket], key, arriving_device) > 0; };
      const bool others = std::any_of(any_v4.begin, any_v4.end, fits) || std::any_of(any_v6.begin, any_v6.end, fits);
      if (others && found.by == Rule::none) found.by = Rule::listener_nearest;
      return found;
    }
  }
  return best_of(sockets, any_v4, any_v6, key, arriving_device, draws);
}

ListenerTable::Found ListenerTable::member_of(const Entry& first, const TupleKey& key, GroupDraws* draws) const {
  const std::vector<SocketIndex>& members = members_.at(first.group);
  if (members.size() == 1) return {first.socket, Rule::none};
  return {members[group_member(draws, key, static_cast<std::uint32_t>(members.size()))], Rule::listener_group};
}

bool ListenerTable::wildcard_listener(std::uint16_t port) const {
  const Range any_v4 = at(port, AddressBits::any(Family::inet));
  const Range any_v6 = at(port, AddressBits::any(Family::inet6));
  return any_v4.begin != any_v4.end || any_v6.begin != any_v6.end;
}

}  // namespace netlimits

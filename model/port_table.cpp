#include "model/port_table.hpp"

#include <algorithm>

namespace netlimits {

const PortTable::Bucket* PortTable::find(std::uint16_t port) const {
  if (!all_.empty()) return all_[port].first == no_socket ? nullptr : &all_[port];
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), port,
                                   [](const Entry& entry, std::uint16_t wanted) { return entry.port < wanted; });
  return at == sorted_.end() || at->port != port ? nullptr : &at->bucket;
}

PortTable::Bucket& PortTable::find_or_create(std::uint16_t port) {
  if (all_.empty() && sorted_.size() >= most_sorted) {
    all_.resize(65536);
    for (const Entry& entry : sorted_) all_[entry.port] = entry.bucket;
    sorted_ = {};
  }
  if (!all_.empty()) return all_[port];
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), port,
                                   [](const Entry& entry, std::uint16_t wanted) { return entry.port < wanted; });
  if (at != sorted_.end() && at->port == port) return at->bucket;
  return sorted_.insert(at, Entry{port, {}})->bucket;
}

void PortTable::drop(std::uint16_t port) {
  forget_reuse_port(port);
  if (!all_.empty()) {
    all_[port] = {};
    return;
  }
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), port,
                                   [](const Entry& entry, std::uint16_t wanted) { return entry.port < wanted; });
  sorted_.erase(at);
}

void PortTable::add(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  Bucket& bucket = find_or_create(record.held_port);
  record.owner_prev = no_socket;
  record.owner_next = bucket.first;
  if (bucket.first != no_socket) sockets[bucket.first].owner_prev = index;
  bucket.first = index;
  if (record.connect_bound) return;
  ++bucket.bind_bound;
  bucket.touched = 1;
}

void PortTable::remove(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  Bucket& bucket = *find(record.held_port);
  if (record.owner_prev != no_socket) {
    sockets[record.owner_prev].owner_next = record.owner_next;
  } else {
    bucket.first = record.owner_next;
  }
  if (record.owner_next != no_socket) sockets[record.owner_next].owner_prev = record.owner_prev;
  record.owner_next = no_socket;
  record.owner_prev = no_socket;
  if (!record.connect_bound) {
    bucket.bind_bound = (bucket.bind_bound - 1U) & 0x7fffffffU;  // 31 bits, and never below one here
    if (bucket.bind_bound == 0 && revival_) forget_reuse_port(record.held_port);
  }
  if (bucket.first == no_socket) drop(record.held_port);
}

void PortTable::clear() {
  sorted_.clear();
  all_.clear();
  all_.shrink_to_fit();
  memories_.reset();
}

}  // namespace netlimits

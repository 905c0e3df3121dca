// Buckets, their owners, and what each of their addresses has seen.
#include "model/ports/port_table.hpp"

#include <algorithm>

#include <boost/assert.hpp>

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
  if (mixed_ != nullptr) mixed_->erase(port);
  if (counts_ != nullptr) counts_->erase(port);
  if (!all_.empty()) {
    all_[port] = {};
    return;
  }
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), port,
                                   [](const Entry& entry, std::uint16_t wanted) { return entry.port < wanted; });
  sorted_.erase(at);
}

PortTable::AddressStates& PortTable::addresses_of(std::uint16_t port) {
  if (mixed_ == nullptr) mixed_ = std::make_unique<std::map<std::uint16_t, AddressStates>>();
  return (*mixed_)[port];
}

void PortTable::mix(const SocketTable& sockets, std::uint16_t port, Bucket& bucket) {
  bucket.mixed = 1;
  AddressStates& states = addresses_of(port);
  for (SocketIndex at = bucket.first; at != no_socket; at = sockets[at].owner_next)
    enter(states, sockets[at].local, sockets[at].connect_bound);
}

PortTable::AddressState& PortTable::enter(AddressStates& states, AddressBits address, bool connect_bound) {
  AddressState& state = states[address];
  if (state.owners++ == 0) state.marked = !connect_bound;
  if (!connect_bound) ++state.bind_bound;
  return state;
}

void PortTable::leave(AddressStates& states, AddressBits address, bool connect_bound) {
  const auto at = states.find(address);
  BOOST_ASSERT_MSG(at != states.end(), "PortTable: the owner is at its local address");
  AddressState& state = at->second;
  if (!connect_bound) --state.bind_bound;
  if (state.bind_bound == 0) state.marked = false;
  if (--state.owners == 0) states.erase(at);
}

void PortTable::add(SocketTable& sockets, SocketIndex index, Claim claim) {
  SocketRecord& record = sockets[index];
  BOOST_ASSERT_MSG(record.held_port != 0, "PortTable::add: it holds a port");
  BOOST_ASSERT_MSG(record.owner_prev == no_socket && first_owner(record.held_port) != index,
                   "PortTable::add: it is no owner yet");
  const bool connect_bound = record.connect_bound;
  Bucket& bucket = find_or_create(record.held_port);
  const bool fresh = bucket.first == no_socket;
  if (!fresh && bucket.mixed == 0 && connect_bound != (bucket.bind_bound == 0)) mix(sockets, record.held_port, bucket);
  if (bucket.mixed != 0) {
    AddressState& state = enter(addresses_of(record.held_port), record.local, connect_bound);
    if (claim == Claim::bind && !connect_bound) state.marked = true;
  }
  if (OwnerCounts* counts = counts_of(record.held_port)) ++(*counts)[record.local];
  record.owner_prev = no_socket;
  record.owner_next = bucket.first;
  if (!fresh) sockets[bucket.first].owner_prev = index;
  bucket.first = index;
  if (connect_bound) return;
  ++bucket.bind_bound;
  bucket.touched = 1;
  if (fresh || claim == Claim::bind) bucket.closed = 1;
}

void PortTable::remove(SocketTable& sockets, SocketIndex index) {
  SocketRecord& record = sockets[index];
  BOOST_ASSERT_MSG(find(record.held_port) != nullptr, "PortTable::remove: its port has owners");
  Bucket& bucket = *find(record.held_port);
  BOOST_ASSERT_MSG(record.owner_prev != no_socket || bucket.first == index, "PortTable::remove: it is an owner");
  if (record.owner_prev != no_socket) {
    sockets[record.owner_prev].owner_next = record.owner_next;
  } else {
    bucket.first = record.owner_next;
  }
  if (record.owner_next != no_socket) sockets[record.owner_next].owner_prev = record.owner_prev;
  record.owner_next = no_socket;
  record.owner_prev = no_socket;
  if (!record.connect_bound)
    bucket.bind_bound = (bucket.bind_bound - 1U) & 0x0fffffffU;  // 28 bits, never below one here
  if (bucket.first == no_socket) return drop(record.held_port);
  if (OwnerCounts* counts = counts_of(record.held_port)) leave(*counts, record.local);
  if (bucket.mixed == 0) return;
  AddressStates& states = addresses_of(record.held_port);
  leave(states, record.local, record.connect_bound);
  if (bucket.closed == 0 || !revival_) return;
  if (std::any_of(states.begin(), states.end(), [](const auto& each) { return each.second.marked; })) return;
  bucket.closed = 0;
  forget_reuse_port(record.held_port);
}

void PortTable::move(const SocketTable& sockets, SocketIndex index, AddressBits address) {
  const SocketRecord& record = sockets[index];
  BOOST_ASSERT_MSG(find(record.held_port) != nullptr, "PortTable::move: it is an owner");
  if (record.local == address) return;
  if (OwnerCounts* counts = counts_of(record.held_port)) {
    leave(*counts, record.local);
    ++(*counts)[address];
  }
  if (find(record.held_port)->mixed == 0) return;
  AddressStates& states = addresses_of(record.held_port);
  leave(states, record.local, record.connect_bound);
  enter(states, address, record.connect_bound);
}

PortTable::OwnerCounts* PortTable::counts_of(std::uint16_t port) {
  if (counts_ == nullptr) return nullptr;
  const auto found = counts_->find(port);
  return found == counts_->end() ? nullptr : &found->second;
}

void PortTable::leave(OwnerCounts& counts, AddressBits address) {
  const auto at = counts.find(address);
  BOOST_ASSERT_MSG(at != counts.end(), "PortTable: the owner is counted at its local address");
  if (--at->second == 0) counts.erase(at);
}

std::uint32_t PortTable::owners_at(const SocketTable& sockets, std::uint16_t port, AddressBits address) {
  if (counts_of(port) == nullptr) {
    if (!in_use(port)) return 0;
    if (counts_ == nullptr) counts_ = std::make_unique<std::map<std::uint16_t, OwnerCounts>>();
    OwnerCounts& counts = (*counts_)[port];
    any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
      ++counts[owner.local];
      return false;
    });
  }
  const OwnerCounts& counts = *counts_of(port);
  const auto found = counts.find(address);
  return found == counts.end() ? 0 : found->second;
}

void PortTable::remember_sharing(std::uint16_t port, bool first_owner, bool shares) {
  Bucket& bucket = *find(port);
  if (first_owner || !shares) bucket.bound_to_share = shares ? 1 : 0;
}

void PortTable::clear() {
  sorted_.clear();
  all_.clear();
  all_.shrink_to_fit();
  memories_.reset();
  mixed_.reset();
  counts_.reset();
}

}  // namespace netlimits

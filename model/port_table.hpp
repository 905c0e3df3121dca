// The ports in use on one host: one bucket a port, owned by every socket that holds the port - explicitly bound ones in
// any state, listeners, sockets whose port connect() chose, accepted connections, TIME_WAIT entries until they expire.
//
// An owner is connect-bound (connect() chose its port; its TIME_WAIT entry too) or bind-bound (all others). connect()'s
// automatic choice may share a bucket exactly when all owners are connect-bound.
// Source: net/ipv4/inet_hashtables.c, inet_bind_hash, __inet_put_port and, for the return of a bucket to connect() when
// its last bind-bound owner leaves, inet_bind_bucket_destroy (d57f4b874946, 6.18: Rules::bucket_revival). Before that a
// bucket that a bind touched stayed withheld until its last owner of any kind was gone.
// IPv4 and IPv6 share one table (measured on 6.18: five ports bound on [::1] take five ports from AF_INET connect()).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "model/socket_table.hpp"

namespace netlimits {

class PortTable {
 public:
  explicit PortTable(bool revival = true) : revival_(revival) {}

  void add(SocketTable& sockets, SocketIndex index);     // Requires: held_port is not 0 and it is no owner yet.
  void remove(SocketTable& sockets, SocketIndex index);  // Requires: it is an owner.

  SocketIndex first_owner(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket == nullptr ? no_socket : bucket->first;
  }
  bool in_use(std::uint16_t port) const { return first_owner(port) != no_socket; }
  // Is the port free or shareable by connect()?
  bool open_to_connect(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket == nullptr || (bucket->bind_bound == 0 && (revival_ || bucket->touched == 0));
  }
  // Has the port had a bind-bound owner since it was last free?
  bool was_bound(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket != nullptr && bucket->touched != 0;
  }
  // Calls `visit(record)` for the owners until it returns true; whether it did. Their order has no meaning.
  template <class Visit>
  bool any_owner(const SocketTable& sockets, std::uint16_t port, Visit&& visit) const {
    for (SocketIndex at = first_owner(port); at != no_socket; at = sockets[at].owner_next)
      if (visit(at, sockets[at])) return true;
    return false;
  }

  // What the bucket remembers of the last SO_REUSEPORT socket bound to it (bind_conflict.hpp). Nothing when no such.
  struct ReusePortMemory {
    AddressBits address;
    std::uint32_t uid = 0;
    bool inet6 = false;
    bool v6_only = false;
  };
  const ReusePortMemory* reuse_port_memory(std::uint16_t port) const {
    if (memories_ == nullptr) return nullptr;
    const auto found = memories_->find(port);
    return found == memories_->end() ? nullptr : &found->second;
  }
  void remember_reuse_port(std::uint16_t port, const ReusePortMemory& memory) {
    if (memories_ == nullptr) memories_ = std::make_unique<std::map<std::uint16_t, ReusePortMemory>>();
    memories_->insert_or_assign(port, memory);
  }
  void forget_reuse_port(std::uint16_t port) {
    if (memories_ != nullptr) memories_->erase(port);
  }

  // Calls `visit(port)` for every port that is not open to connect(), in no particular order.
  template <class Visit>
  void each_closed_to_connect(Visit&& visit) const {
    const auto look = [&](std::uint16_t port, const Bucket& bucket) {
      if (bucket.first != no_socket && (bucket.bind_bound != 0 || (!revival_ && bucket.touched != 0))) visit(port);
    };
    for (const Entry& entry : sorted_) look(entry.port, entry.bucket);
    for (std::size_t port = 0; port < all_.size(); ++port) look(static_cast<std::uint16_t>(port), all_[port]);
  }

  template <class Visit>
  void each_port_in_use(Visit&& visit) const {
    for (const Entry& entry : sorted_) visit(entry.port);
    for (std::size_t port = 0; port < all_.size(); ++port)
      if (all_[port].first != no_socket) visit(static_cast<std::uint16_t>(port));
  }

  void clear();

 private:
  struct Bucket {
    SocketIndex first = no_socket;
    std::uint32_t bind_bound : 31 = 0;
    std::uint32_t touched : 1 = 0;  // a bind touched it; without revival that withholds it from connect()
  };
  struct Entry {
    std::uint16_t port = 0;
    Bucket bucket;
  };

  // Few buckets: a sorted list. Many: one slot for each of the 65,536 ports. Only the form changes.
  static constexpr std::size_t most_sorted = 64;

  const Bucket* find(std::uint16_t port) const;
  Bucket* find(std::uint16_t port) { return const_cast<Bucket*>(static_cast<const PortTable*>(this)->find(port)); }
  Bucket& find_or_create(std::uint16_t port);
  void drop(std::uint16_t port);

  bool revival_;
  std::vector<Entry> sorted_;
  std::vector<Bucket> all_;                                             // empty while `sorted_` is in use
  std::unique_ptr<std::map<std::uint16_t, ReusePortMemory>> memories_;  // few hosts have any
};

}  // namespace netlimits

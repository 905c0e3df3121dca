// The ports in use on one host: one bucket a port, owned by every socket that holds the port - explicitly bound ones in
// any state, listeners, sockets whose port connect() chose, accepted connections, TIME_WAIT entries until they expire.
//
// An owner is connect-bound (connect() chose its port; its TIME_WAIT entry too) or bind-bound (all others). A bind
// closes the bucket to connect()'s automatic choice. From 6.18 on (Rule::connect_revived_port) it opens again as an
// owner leaves it, if none of its addresses has a bind's mark; before, only when its last owner of any kind is gone.
//
// An address gets the mark when a socket is bound to it, or when a bind-bound one comes to it as its first owner
// (accepted, or by a connect() that chose the address of a wildcard's socket). It loses it as an owner leaves it and
// all that remain are connect-bound. So a bind-bound socket that joined connect-bound ones does not mark their address:
// measured on 6.18 with a socket bound to :: that connects to ::1 and takes a TIME_WAIT entry over there. Source:
// net/ipv4/inet_hashtables.c, inet_bind_bucket_destroy, inet_bind2_bucket_destroy, __inet_bhash2_update_saddr,
// __inet_inherit_port; net/ipv4/inet_connection_sock.c, inet_csk_update_fastreuse (d57f4b874946, 6.18).
// IPv4 and IPv6 share one table (measured on 6.18: five ports bound on [::1] take five ports from AF_INET connect()).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "model/sockets/socket_table.hpp"

namespace netlimits {

class PortTable {
 public:
  explicit PortTable(bool revival = true) : revival_(revival) {}

  // How a socket comes to own a port: bind() or listen() took it for it, or it comes to a bucket that somebody took
  // (accepted connections, TIME_WAIT entries) or that connect() chose.
  enum class Claim : std::uint8_t { bind, join };

  void add(SocketTable& sockets, SocketIndex index, Claim claim);  // Requires: held_port is not 0, it is no owner yet.
  void remove(SocketTable& sockets, SocketIndex index);            // Requires: it is an owner, at its local address.
  // Before the local address of an owner changes. Requires: it is an owner.
  void move(const SocketTable& sockets, SocketIndex index, AddressBits address);

  SocketIndex first_owner(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket == nullptr ? no_socket : bucket->first;
  }
  bool in_use(std::uint16_t port) const { return first_owner(port) != no_socket; }
  // Is the port free or shareable by connect()?
  bool open_to_connect(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket == nullptr || open(*bucket);
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

  // How many owners are at the address. The first question about a port looks at all of them, later ones at none.
  std::uint32_t owners_at(const SocketTable& sockets, std::uint16_t port, AddressBits address);

  // What the bucket remembers of the last SO_REUSEPORT socket bound to it (bind_conflict.hpp). Nothing when no such.
  struct ReusePortMemory {
    AddressBits address;
    std::uint32_t uid = 0;
    bool inet6 = false;
    bool v6_only = false;
    bool first = false;  // it was the first socket bound to the port
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

  // Were all its owners bound with SO_REUSEADDR, and none of them as a listener? Kernels before 6.8 looked no further.
  bool bound_to_share(std::uint16_t port) const {
    const Bucket* bucket = find(port);
    return bucket != nullptr && bucket->bound_to_share != 0;
  }
  // A socket was bound to the port, or listens there. Requires: the port is in use.
  void remember_sharing(std::uint16_t port, bool first_owner, bool shares);

  // Calls `visit(port)` for every port that is not open to connect(), in no particular order.
  template <class Visit>
  void each_closed_to_connect(Visit&& visit) const {
    const auto look = [&](std::uint16_t port, const Bucket& bucket) {
      if (bucket.first != no_socket && !open(bucket)) visit(port);
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
    std::uint32_t bind_bound : 28 = 0;
    std::uint32_t touched : 1 = 0;  // it had a bind-bound owner; without revival that withholds it from connect()
    std::uint32_t closed : 1 = 0;   // to connect(), with revival
    std::uint32_t bound_to_share : 1 = 0;
    std::uint32_t mixed : 1 = 0;  // it has had owners of both kinds: `mixed_` knows its addresses
  };
  // An address of a bucket. Where all owners were of one kind, all addresses have the mark or none has it.
  struct AddressState {
    std::uint32_t owners = 0;
    std::uint32_t bind_bound = 0;
    bool marked = false;
  };
  using AddressStates = std::map<AddressBits, AddressState>;
  using OwnerCounts = std::map<AddressBits, std::uint32_t>;
  struct Entry {
    std::uint16_t port = 0;
    Bucket bucket;
  };

  // Few buckets: a sorted list. Many: one slot for each of the 65,536 ports. Only the form changes.
  static constexpr std::size_t most_sorted = 64;

  bool open(const Bucket& bucket) const { return revival_ ? bucket.closed == 0 : bucket.touched == 0; }
  AddressStates& addresses_of(std::uint16_t port);
  void mix(const SocketTable& sockets, std::uint16_t port, Bucket& bucket);
  static AddressState& enter(AddressStates& states, AddressBits address, bool connect_bound);
  static void leave(AddressStates& states, AddressBits address, bool connect_bound);

  // Null: nobody has asked who is where.
  OwnerCounts* counts_of(std::uint16_t port);
  static void leave(OwnerCounts& counts, AddressBits address);

  const Bucket* find(std::uint16_t port) const;
  Bucket* find(std::uint16_t port) { return const_cast<Bucket*>(static_cast<const PortTable*>(this)->find(port)); }
  Bucket& find_or_create(std::uint16_t port);
  void drop(std::uint16_t port);

  bool revival_;
  std::vector<Entry> sorted_;
  std::vector<Bucket> all_;                                             // empty while `sorted_` is in use
  std::unique_ptr<std::map<std::uint16_t, ReusePortMemory>> memories_;  // few hosts have any
  std::unique_ptr<std::map<std::uint16_t, AddressStates>> mixed_;       // few ports are
  std::unique_ptr<std::map<std::uint16_t, OwnerCounts>> counts_;        // of few ports anybody asks
};

}  // namespace netlimits

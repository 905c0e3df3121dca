// The port table against the kernel's bookkeeping written out, over random histories.
#include "model/ports/port_table.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "tests/catch.hpp"

using namespace netlimits;

namespace {

constexpr std::uint16_t shared_port = 40000;
const std::array<AddressBits, 3> owner_addresses{AddressBits::v4(0), AddressBits::v4(0x7f000001), AddressBits{}};

// The kernel's bookkeeping written out: a mark for each address that has owners, whatever their kinds.
class WrittenOut {
 public:
  void add(AddressBits address, bool connect_bound, PortTable::Claim claim) {
    const bool binds = claim == PortTable::Claim::bind && !connect_bound;
    if (addresses_.empty()) closed_ = !connect_bound;
    enter(address, connect_bound);
    if (!binds) return;
    addresses_[address].marked = true;
    closed_ = true;
  }
  void remove(AddressBits address, bool connect_bound) {
    leave(address, connect_bound);
    const auto marked = [](const auto& each) { return each.second.marked; };
    closed_ = closed_ && std::any_of(addresses_.begin(), addresses_.end(), marked);
  }
  void move(AddressBits from, AddressBits to, bool connect_bound) {
    if (from == to) return;
    leave(from, connect_bound);
    enter(to, connect_bound);
  }
  bool open() const { return !closed_; }

 private:
  struct Owners {
    int bound = 0;
    int connected = 0;
    bool marked = false;
  };
  void enter(AddressBits address, bool connect_bound) {
    const bool first = !addresses_.contains(address);
    Owners& owners = addresses_[address];
    ++(connect_bound ? owners.connected : owners.bound);
    if (first) owners.marked = !connect_bound;
  }
  void leave(AddressBits address, bool connect_bound) {
    Owners& owners = addresses_[address];
    --(connect_bound ? owners.connected : owners.bound);
    if (owners.bound == 0) owners.marked = false;
    if (owners.bound + owners.connected == 0) addresses_.erase(address);
  }

  std::map<AddressBits, Owners> addresses_;
  bool closed_ = false;
};

struct Owned {
  SocketTable sockets;
  PortTable ports{true};
  std::vector<SocketIndex> owners;

  SocketIndex add(AddressBits address, bool connect_bound, PortTable::Claim claim) {
    const SocketIndex index = sockets.create();
    sockets[index].local = address;
    sockets[index].held_port = shared_port;
    sockets[index].connect_bound = connect_bound;
    ports.add(sockets, index, claim);
    owners.push_back(index);
    return index;
  }
  void remove(SocketIndex index) {
    ports.remove(sockets, index);
    sockets[index].held_port = 0;
    sockets.destroy(index);
    owners.erase(std::find(owners.begin(), owners.end(), index));
  }
  void move(SocketIndex index, AddressBits address) {
    ports.move(sockets, index, address);
    sockets[index].local = address;
  }
};

}  // namespace

TEST_CASE("a port that a bind and connect() share opens again with the last address that has a bind's mark") {
  Owned owned;
  const SocketIndex old = owned.add(owner_addresses[1], true, PortTable::Claim::join);
  CHECK(owned.ports.open_to_connect(shared_port));
  const SocketIndex bound = owned.add(owner_addresses[0], false, PortTable::Claim::bind);
  CHECK_FALSE(owned.ports.open_to_connect(shared_port));

  SECTION("as the bound socket leaves") {
    owned.remove(bound);
    CHECK(owned.ports.open_to_connect(shared_port));
  }
  SECTION("as the other leaves, if the bound one has come to its address meanwhile") {
    owned.move(bound, owner_addresses[1]);
    CHECK_FALSE(owned.ports.open_to_connect(shared_port));
    owned.remove(old);
    CHECK(owned.ports.open_to_connect(shared_port));
  }
  SECTION("and not as the other leaves, if the bound one has stayed") {
    owned.remove(old);
    CHECK_FALSE(owned.ports.open_to_connect(shared_port));
  }
}

TEST_CASE(
    "the port table keeps the kernel's marks, although it counts addresses only where both kinds of owners meet") {
  CHECK(rc::check("open to connect() after every step", [] {
    Owned owned;
    WrittenOut written;
    const auto steps = *rc::gen::inRange(1, 40);
    for (int step = 0; step < steps; ++step) {
      const AddressBits address = owner_addresses[*rc::gen::inRange<std::size_t>(0, owner_addresses.size())];
      const auto what = owned.owners.empty() ? 0 : *rc::gen::inRange(0, 4);
      if (what <= 1) {
        // connect() chooses a port only while it is open.
        const bool connect_bound = owned.ports.open_to_connect(shared_port) && *rc::gen::arbitrary<bool>();
        const bool joins = !owned.owners.empty() && *rc::gen::arbitrary<bool>();
        const auto claim = connect_bound || joins ? PortTable::Claim::join : PortTable::Claim::bind;
        owned.add(address, connect_bound, claim);
        written.add(address, connect_bound, claim);
      } else {
        const SocketIndex index = owned.owners[*rc::gen::inRange<std::size_t>(0, owned.owners.size())];
        const AddressBits from = owned.sockets[index].local;
        const bool connect_bound = owned.sockets[index].connect_bound;
        if (what == 2) {
          owned.remove(index);
          written.remove(from, connect_bound);
        } else {
          owned.move(index, address);
          written.move(from, address, connect_bound);
        }
      }
      RC_ASSERT(owned.ports.open_to_connect(shared_port) == (owned.owners.empty() || written.open()));
    }
  }));
}

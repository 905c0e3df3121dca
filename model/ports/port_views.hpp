// Which ports are not available for one kind of automatic choice, kept up to date as bitmaps.
//
// A choice first asks port by port; when several in a row are refused, it builds a view, and from then on a search in a
// nearly full range costs nanoseconds. A view answers exactly as the port-by-port search does (tests/model).
// PortSpace keeps them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "model/net/port_set.hpp"
#include "model/net/time.hpp"
#include "model/sockets/socket_record.hpp"

namespace netlimits {

// Ports refused before a view is built.
inline constexpr std::uint32_t patience_without_view = 16;

// For connect(): the ports that one (local address, remote endpoint) cannot use. A TIME_WAIT entry that may be taken
// over blocks its port until then.
struct TupleView {
  AddressBits local;
  AddressBits remote;
  std::uint16_t remote_port = 0;
  PortSet blocked;

  struct Waiting {
    SimTime from;  // reusable from then on
    SocketIndex socket;
    std::uint32_t generation;
  };
  std::deque<Waiting> waiting{};   // in the order of `from`
  SimTime clock = SimTime::min();  // entries up to here have been let go
};

// For bind(address, 0), and for connect() on systems that share no four-tuples: the ports whose owners stand in the way
// of a socket like `newcomer`.
enum class OwnerRule : std::uint8_t {
  overlapping_address,  // Linux bind: owners whose address overlaps
  any_owner,            // no owner at all
};
struct OwnerView {
  SocketRecord newcomer;  // its local address, family, v6_only
  OwnerRule rule{};
  PortSet blocked;
};

class PortViews {
 public:
  bool empty() const { return tuples_ == nullptr && owners_.empty(); }
  bool has_tuple_views() const { return tuples_ != nullptr; }

  TupleView* tuple_view(AddressBits local, AddressBits remote, std::uint16_t remote_port) const {
    if (tuples_ == nullptr) return nullptr;
    const auto found = tuples_->find({local, remote, remote_port});
    return found == tuples_->end() ? nullptr : found->second.get();
  }
  TupleView& add_tuple_view(AddressBits local, AddressBits remote, std::uint16_t remote_port) {
    auto view = std::make_unique<TupleView>();
    view->local = local;
    view->remote = remote;
    view->remote_port = remote_port;
    if (tuples_ == nullptr) tuples_ = std::make_unique<TupleViews>();
    return *tuples_->insert_or_assign({local, remote, remote_port}, std::move(view)).first->second;
  }
  OwnerView* owner_view(const SocketRecord& newcomer, OwnerRule rule) const {
    for (const auto& view : owners_) {
      const SocketRecord& mine = view->newcomer;
      if (view->rule == rule && mine.local == newcomer.local && mine.inet6 == newcomer.inet6 &&
          mine.v6_only == newcomer.v6_only)
        return view.get();
    }
    return nullptr;
  }
  OwnerView& add_owner_view(const SocketRecord& newcomer, OwnerRule rule) {
    auto view = std::make_unique<OwnerView>();
    view->newcomer.local = newcomer.local;
    view->newcomer.inet6 = newcomer.inet6;
    view->newcomer.v6_only = newcomer.v6_only;
    view->rule = rule;
    return *owners_.emplace_back(std::move(view));
  }

  template <class Visit>
  void each_tuple_view(Visit&& visit) {
    if (tuples_ == nullptr) return;
    for (auto& [key, view] : *tuples_) visit(*view);
  }
  template <class Visit>
  void each_owner_view(Visit&& visit) {
    for (auto& view : owners_) visit(*view);
  }
  void clear() {
    tuples_.reset();
    owners_.clear();
  }

 private:
  struct Key {
    AddressBits local;
    AddressBits remote;
    std::uint16_t remote_port;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      std::uint64_t mixed = (key.local.low ^ key.local.high) * 0x9e3779b97f4a7c15ULL;
      mixed ^= (key.remote.low + key.remote.high + key.remote_port) * 0xd1342543de82ef95ULL;
      return static_cast<std::size_t>(mixed ^ (mixed >> 31U));
    }
  };
  using TupleViews = std::unordered_map<Key, std::unique_ptr<TupleView>, KeyHash>;

  std::unique_ptr<TupleViews> tuples_;  // few hosts have any
  std::vector<std::unique_ptr<OwnerView>> owners_;
};

}  // namespace netlimits

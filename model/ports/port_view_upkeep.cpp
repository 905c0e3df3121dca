// How the views of available ports follow what happens to ports, four-tuples and listeners.
#include <algorithm>

#include "model/ports/automatic_range.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/ports/port_space.hpp"
#include "model/ports/tuple_takeover.hpp"

namespace netlimits {
namespace {

TupleKey key_of(const TupleView& view, std::uint16_t port) { return {view.local, view.remote, port, view.remote_port}; }

bool belongs(const TupleView& view, const SocketRecord& record) {
  return record.in_tuples && record.remote_port == view.remote_port && record.remote == view.remote &&
         record.local == view.local;
}

}  // namespace

bool PortSpace::blocked_in(const TupleView& view, std::uint16_t port) const {
  if (never_automatic(port, configuration_, Rule::connect_skips_reserved) || !open_to_automatic_connect(port))
    return true;
  const SocketIndex holder = tuples_.find(sockets_, key_of(view, port), [](const SocketRecord&) { return true; });
  if (holder == no_socket) return false;
  const SocketRecord& entry = sockets_[holder];
  return !reusable_by_automatic_connect(entry, settings(), rules()) ||
         reusable_from(entry.since, settings(), rules()) > view.clock;
}

bool PortSpace::blocked_in(const OwnerView& view, std::uint16_t port) const {
  if (never_automatic(port, configuration_, Rule::bind_skips_reserved)) return true;
  if (view.rule == OwnerRule::any_owner) return ports_.in_use(port);
  return ports_.any_owner(sockets_, port, [&](SocketIndex, const SocketRecord& owner) {
    return bind_addresses_overlap(view.newcomer, owner, rules());
  });
}

void PortSpace::time_wait_began(SocketIndex index) {
  if (!views_.has_tuple_views()) return;
  const SocketRecord& record = sockets_[index];
  if (!reusable_by_automatic_connect(record, settings(), rules())) return;
  if (TupleView* view = views_.tuple_view(record.local, record.remote, record.remote_port))
    view->waiting.push_back({reusable_from(record.since, settings(), rules()), index, record.generation});
}

void PortSpace::owners_changed(const SocketRecord& owner, std::uint16_t port, bool was_open) {
  if (views_.empty()) return;
  if (open_to_automatic_connect(port) != was_open)
    views_.each_tuple_view([&](TupleView& view) { view.blocked.assign(port, blocked_in(view, port)); });
  views_.each_owner_view([&](OwnerView& view) {
    if (view.rule == OwnerRule::any_owner || bind_addresses_overlap(view.newcomer, owner, rules()))
      view.blocked.assign(port, blocked_in(view, port));
  });
}

void PortSpace::recheck_port(std::uint16_t port) {
  views_.each_tuple_view([&](TupleView& view) { view.blocked.assign(port, blocked_in(view, port)); });
  views_.each_owner_view([&](OwnerView& view) { view.blocked.assign(port, blocked_in(view, port)); });
}

TupleView& PortSpace::tuple_view_of(const Destination& to, SimTime now) {
  TupleView* view = views_.tuple_view(to.local, to.remote, to.remote_port);
  if (view == nullptr) {
    view = &views_.add_tuple_view(to.local, to.remote, to.remote_port);
    each_never_automatic(configuration_, Rule::connect_skips_reserved,
                         [&](std::uint16_t port) { view->blocked.insert(port); });
    if (rules().has(Rule::connect_skips_bind_bound)) {
      ports_.each_closed_to_connect([&](std::uint16_t port) { view->blocked.insert(port); });
    } else {
      listeners_.each_wildcard_port([&](std::uint16_t port) { view->blocked.insert(port); });
    }
    const auto take = [&](SocketIndex index) {
      const SocketRecord& record = sockets_[index];
      view->blocked.insert(record.local_port);
      if (reusable_by_automatic_connect(record, settings(), rules()))
        view->waiting.push_back({reusable_from(record.since, settings(), rules()), index, record.generation});
    };
    // Whichever is shorter: all sockets, or all ports of the group.
    if (sockets_.used() <= 65536) {
      for (SocketIndex index = 0; index < sockets_.used(); ++index)
        if (sockets_[index].is_live() && belongs(*view, sockets_[index])) take(index);
    } else {
      for (std::uint32_t port = 1; port <= 65535; ++port) {
        const SocketIndex holder = tuples_.find(sockets_, key_of(*view, static_cast<std::uint16_t>(port)),
                                                [](const SocketRecord&) { return true; });
        if (holder != no_socket) take(holder);
      }
    }
    std::stable_sort(view->waiting.begin(), view->waiting.end(),
                     [](const TupleView::Waiting& a, const TupleView::Waiting& b) { return a.from < b.from; });
  }
  view->clock = now;
  while (!view->waiting.empty() && view->waiting.front().from <= now) {
    const TupleView::Waiting next = view->waiting.front();
    view->waiting.pop_front();
    if (!sockets_.knows({next.socket, next.generation})) continue;
    const std::uint16_t port = sockets_[next.socket].local_port;
    view->blocked.assign(port, blocked_in(*view, port));
  }
  return *view;
}

OwnerView& PortSpace::owner_view_of(const SocketRecord& newcomer, OwnerRule rule) {
  if (OwnerView* known = views_.owner_view(newcomer, rule)) return *known;
  OwnerView& view = views_.add_owner_view(newcomer, rule);
  each_never_automatic(configuration_, Rule::bind_skips_reserved,
                       [&](std::uint16_t port) { view.blocked.insert(port); });
  ports_.each_port_in_use([&](std::uint16_t port) {
    if (blocked_in(view, port)) view.blocked.insert(port);
  });
  return view;
}

}  // namespace netlimits

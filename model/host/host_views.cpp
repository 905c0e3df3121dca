#include <algorithm>

#include "model/host/host_state.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {
namespace {

TupleKey key_of(const TupleView& view, std::uint16_t port) { return {view.local, view.remote, port, view.remote_port}; }

bool belongs(const TupleView& view, const SocketRecord& record) {
  return record.in_tuples && record.remote_port == view.remote_port && record.remote == view.remote &&
         record.local == view.local;
}

}  // namespace

template <class Visit>
void Host::State::each_never_automatic(Visit&& visit) const {
  for (const auto* ranges : {&settings().reserved_ports, &profile().never_automatic})
    for (const PortRange& range : *ranges)
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
        visit(static_cast<std::uint16_t>(port));
}

bool Host::State::never_automatic(std::uint16_t port) const {
  const auto in = [port](const PortRange& range) { return range.contains(Port{port}); };
  const auto& reserved = settings().reserved_ports;
  const auto& never = profile().never_automatic;
  const bool skips_reserved = rules().has(KernelRule::reserved_ports_are_skipped);
  return (skips_reserved && std::any_of(reserved.begin(), reserved.end(), in)) ||
         std::any_of(never.begin(), never.end(), in);
}

bool Host::State::blocked_in(const TupleView& view, std::uint16_t port) const {
  if (never_automatic(port) || !open_to_automatic_connect(port)) return true;
  const SocketIndex holder = tuples.find(sockets, key_of(view, port), [](const SocketRecord&) { return true; });
  if (holder == no_socket) return false;
  const SocketRecord& entry = sockets[holder];
  return !reusable_by_automatic_connect(entry, settings(), rules()) ||
         reusable_from(entry.since, settings(), rules()) > view.clock;
}

bool Host::State::blocked_in(const OwnerView& view, std::uint16_t port) const {
  if (never_automatic(port)) return true;
  if (view.rule == OwnerRule::any_owner) return ports.in_use(port);
  return ports.any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
    return bind_addresses_overlap(view.newcomer, owner, rules());
  });
}

void Host::State::tuple_in(SocketIndex index) {
  if (!views.has_tuple_views()) return;
  const SocketRecord& record = sockets[index];
  if (TupleView* view = views.tuple_view(record.local, record.remote, record.remote_port))
    view->blocked.insert(record.local_port);
}

void Host::State::tuple_out(SocketIndex index) {
  if (!views.has_tuple_views()) return;
  const SocketRecord& record = sockets[index];
  TupleView* view = views.tuple_view(record.local, record.remote, record.remote_port);
  if (view != nullptr && !blocked_in(*view, record.local_port)) view->blocked.erase(record.local_port);
}

void Host::State::time_wait_began(SocketIndex index) {
  if (!views.has_tuple_views()) return;
  const SocketRecord& record = sockets[index];
  if (!reusable_by_automatic_connect(record, settings(), rules())) return;
  if (TupleView* view = views.tuple_view(record.local, record.remote, record.remote_port))
    view->waiting.push_back({reusable_from(record.since, settings(), rules()), index, record.generation});
}

void Host::State::owners_changed(const SocketRecord& owner, std::uint16_t port, bool was_open) {
  if (views.empty()) return;
  if (open_to_automatic_connect(port) != was_open)
    views.each_tuple_view([&](TupleView& view) { view.blocked.assign(port, blocked_in(view, port)); });
  views.each_owner_view([&](OwnerView& view) {
    if (view.rule == OwnerRule::any_owner || bind_addresses_overlap(view.newcomer, owner, rules()))
      view.blocked.assign(port, blocked_in(view, port));
  });
}

void Host::State::recheck_port(std::uint16_t port) {
  views.each_tuple_view([&](TupleView& view) { view.blocked.assign(port, blocked_in(view, port)); });
  views.each_owner_view([&](OwnerView& view) { view.blocked.assign(port, blocked_in(view, port)); });
}

TupleView& Host::State::tuple_view_of(const Destination& to, SimTime now) {
  TupleView* view = views.tuple_view(to.local, to.remote, to.remote_port);
  if (view == nullptr) {
    view = &views.add_tuple_view(to.local, to.remote, to.remote_port);
    each_never_automatic([&](std::uint16_t port) { view->blocked.insert(port); });
    if (rules().connect_skips_bind_bound) {
      ports.each_closed_to_connect([&](std::uint16_t port) { view->blocked.insert(port); });
    } else {
      listeners.each_wildcard_port(sockets, [&](std::uint16_t port) { view->blocked.insert(port); });
    }
    const auto take = [&](SocketIndex index) {
      const SocketRecord& record = sockets[index];
      view->blocked.insert(record.local_port);
      if (reusable_by_automatic_connect(record, settings(), rules()))
        view->waiting.push_back({reusable_from(record.since, settings(), rules()), index, record.generation});
    };
    // Whichever is shorter: all sockets, or all ports of the group.
    if (sockets.used() <= 65536) {
      for (SocketIndex index = 0; index < sockets.used(); ++index)
        if (sockets[index].is_live() && belongs(*view, sockets[index])) take(index);
    } else {
      for (std::uint32_t port = 1; port <= 65535; ++port) {
        const SocketIndex holder = tuples.find(sockets, key_of(*view, static_cast<std::uint16_t>(port)),
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
    if (!sockets.knows({next.socket, next.generation})) continue;
    const std::uint16_t port = sockets[next.socket].local_port;
    view->blocked.assign(port, blocked_in(*view, port));
  }
  return *view;
}

OwnerView& Host::State::owner_view_of(const SocketRecord& newcomer, OwnerRule rule) {
  if (OwnerView* known = views.owner_view(newcomer, rule)) return *known;
  OwnerView& view = views.add_owner_view(newcomer, rule);
  each_never_automatic([&](std::uint16_t port) { view.blocked.insert(port); });
  ports.each_port_in_use([&](std::uint16_t port) {
    if (blocked_in(view, port)) view.blocked.insert(port);
  });
  return view;
}

}  // namespace netlimits

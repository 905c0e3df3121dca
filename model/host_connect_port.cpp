#include <algorithm>

#include "model/host_state.hpp"
#include "model/socket_port_range.hpp"
#include "model/time_wait.hpp"

namespace netlimits {
namespace {

// The ports that some draw can give, and whether `wanted` is among them.
std::vector<Port> given_by_some_draw(const ConnectWalkShape& shape, const PortSet& blocked) {
  PortSet given;
  const std::uint32_t step = shape.every_port ? 1 : 2;
  for (std::uint32_t draw = 0; draw < shape.draws(); draw += step)
    if (const auto port = first_outside(connect_walk(shape, draw), blocked)) given.insert(port->value);
  std::vector<Port> list;
  for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
    if (given.contains(static_cast<std::uint16_t>(port))) list.push_back(Port{static_cast<std::uint16_t>(port)});
  return list;
}

}  // namespace

ConnectWalkShape Host::State::connect_shape(const SocketRecord& record) const {
  const std::uint32_t option = rules().socket_port_range ? port_range_option(record) : 0;
  ConnectWalkShape shape;
  shape.range = socket_port_range(settings().local_port_range, option);
  shape.every_port = !rules().connect_prefers_low_parity || (option != 0 && rules().socket_port_range_step_one);
  return shape;
}

SocketIndex Host::State::tuple_holder(const SocketRecord& record, const Destination& to, std::uint16_t port) const {
  return tuples.find(sockets, {to.local, to.remote, port, to.remote_port},
                     [&](const SocketRecord& other) { return other.device == 0 || other.device == record.device; });
}

bool Host::State::acceptable_for_connect(const SocketRecord& record, const Destination& to, std::uint16_t port,
                                         SimTime now) const {
  if (never_automatic(port)) return false;
  switch (rules().connect_sharing) {
    case PortSharing::host_port:
      return !ports.in_use(port);
    case PortSharing::local_addr_port:
      return !ports.any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
        return devices_meet(record, owner) && bind_addresses_overlap(record, owner);
      });
    case PortSharing::four_tuple:
      break;
  }
  if (!open_to_automatic_connect(port)) return false;
  const SocketIndex holder = tuple_holder(record, to, port);
  if (holder == no_socket) return true;
  const SocketRecord& entry = sockets[holder];
  return reusable_by_automatic_connect(entry, settings()) && reusable_from(entry.since, settings(), rules()) <= now;
}

std::optional<Port> Host::State::choose_connect_port(const SocketRecord& record, const Destination& to,
                                                     const PortLot& lot, SimTime now) {
  const ConnectWalkShape shape = connect_shape(record);
  if (lot.demanded) {
    const Port wanted = *lot.demanded;
    if (!shape.range.contains(wanted) || !acceptable_for_connect(record, to, wanted.value, now)) return std::nullopt;
    const std::uint32_t place = wanted.value - std::uint32_t{shape.range.first.value};
    if (place < shape.draws() && (shape.every_port || place % 2 == 0)) return wanted;
    const auto possible = possible_connect_ports(record, to, now);
    if (std::find(possible.begin(), possible.end(), wanted) == possible.end()) return std::nullopt;
    return wanted;
  }

  const PortWalk walk = connect_walk(shape, lot.offset);
  const bool by_tuple = rules().connect_sharing == PortSharing::four_tuple;
  const bool view_known =
      by_tuple && views.has_tuple_views() && views.tuple_view(to.local, to.remote, to.remote_port) != nullptr;
  if (!view_known || !views_usable(record)) {
    std::uint32_t asked = 0;
    const std::uint32_t patience = views_usable(record) ? patience_without_view : 65536;
    bool gave_up = false;
    const auto found = first_acceptable(walk, [&](Port port) {
      if (asked++ == patience) gave_up = true;
      return gave_up || acceptable_for_connect(record, to, port.value, now);
    });
    if (!gave_up) return found;
  }
  if (by_tuple) return first_outside(walk, tuple_view_of(to, now).blocked);
  const OwnerRule rule =
      rules().connect_sharing == PortSharing::host_port ? OwnerRule::any_owner : OwnerRule::overlapping_address;
  return first_outside(walk, owner_view_of(record, rule).blocked);
}

std::vector<Port> Host::State::possible_connect_ports(const SocketRecord& record, const Destination& to,
                                                      SimTime now) const {
  const ConnectWalkShape shape = connect_shape(record);
  PortSet blocked;
  for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
    blocked.assign(static_cast<std::uint16_t>(port),
                   !acceptable_for_connect(record, to, static_cast<std::uint16_t>(port), now));
  return given_by_some_draw(shape, blocked);
}

}  // namespace netlimits

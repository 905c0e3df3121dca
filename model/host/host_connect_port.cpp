#include "model/host/host_state.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {

ConnectWalkShape Host::State::connect_shape(const SocketRecord& record) const {
  ConnectWalkShape shape;
  shape.range = automatic_range(record);
  shape.every_port =
      !rules().connect_prefers_low_parity || (port_range_option(record) != 0 && rules().socket_port_range_step_one);
  return shape;
}

SocketIndex Host::State::tuple_holder(const SocketRecord& record, const Destination& to, std::uint16_t port) const {
  const bool one_space = rules().has(KernelRule::mapped_shares_four_tuples);
  return tuples.find(sockets, {to.local, to.remote, port, to.remote_port}, [&](const SocketRecord& other) {
    return (other.device == 0 || other.device == record.device) && (one_space || other.inet6 == record.inet6);
  });
}

bool Host::State::acceptable_for_connect(const SocketRecord& record, const Destination& to, std::uint16_t port,
                                         SimTime now) const {
  if (never_automatic(port)) {
    mark(Rule::connect_skips_reserved);
    return false;
  }
  switch (rules().connect_sharing) {
    case PortSharing::host_port:
      return !ports.in_use(port);
    case PortSharing::local_addr_port:
      return !ports.any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
        return devices_meet(record, owner) && bind_addresses_overlap(record, owner, rules());
      });
    case PortSharing::four_tuple:
      break;
  }
  if (!open_to_automatic_connect(port)) {
    mark(Rule::connect_skips_bind_bound);
    return false;
  }
  const SocketIndex holder = tuple_holder(record, to, port);
  if (holder == no_socket) return true;
  const SocketRecord& entry = sockets[holder];
  mark_if(entry.inet6 != record.inet6, Rule::connect_families_share_tuples);
  const Rule forbidden = takeover_forbidden_by(entry, settings(), rules());
  if (forbidden != Rule::none) {
    mark(forbidden);
    return false;
  }
  const bool old_enough = reusable_from(entry.since, settings(), rules()) <= now;
  mark_if(!old_enough, Rule::connect_time_wait_too_young);
  return old_enough;
}

std::optional<Port> Host::State::choose_connect_port(const SocketRecord& record, const Destination& to,
                                                     const PortLot& lot, SimTime now) {
  const ConnectWalkShape shape = connect_shape(record);
  std::optional<Port> chosen;
  if (lot.demanded) {
    if (possible_for_connect(record, to, *lot.demanded, now)) chosen = lot.demanded;
  } else if (!lot.none_demanded || !possible_connect_ports(record, to, now).may_find_none) {
    chosen = draw_connect_port(record, to, lot.offset, now);
  }
  mark_connect_choice(record, to, shape, chosen, now);
  return chosen;
}

std::optional<Port> Host::State::draw_connect_port(const SocketRecord& record, const Destination& to,
                                                   std::uint32_t offset, SimTime now) {
  const PortWalk walk = connect_walk(connect_shape(record), offset);
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

bool Host::State::possible_for_connect(const SocketRecord& record, const Destination& to, Port wanted,
                                       SimTime now) const {
  const ConnectWalkShape shape = connect_shape(record);
  if (shape.range.size().value > few_ports) {
    if (!shape.range.contains(wanted) || !acceptable_for_connect(record, to, wanted.value, now)) return false;
    // A walk that begins at the port gives it.
    const std::uint32_t place = wanted.value - std::uint32_t{shape.range.first.value};
    if (place < shape.draws() && (shape.every_port || place % 2 == 0)) return true;
  }
  return possible_connect_ports(record, to, now).holds(wanted);
}

Host::State::PortChoices Host::State::possible_connect_ports(const SocketRecord& record, const Destination& to,
                                                             SimTime now) const {
  const ConnectWalkShape shape = connect_shape(record);
  PortSet blocked;
  for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
    blocked.assign(static_cast<std::uint16_t>(port),
                   !acceptable_for_connect(record, to, static_cast<std::uint16_t>(port), now));
  PortSet given;
  PortChoices choices;
  const std::uint32_t step = shape.every_port ? 1 : 2;
  for (std::uint32_t draw = 0; draw < shape.draws(); draw += step) {
    if (const auto port = first_outside(connect_walk(shape, draw), blocked)) {
      given.insert(port->value);
    } else {
      choices.may_find_none = true;
    }
  }
  for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
    if (given.contains(static_cast<std::uint16_t>(port)))
      choices.ports.push_back(Port{static_cast<std::uint16_t>(port)});
  return choices;
}

void Host::State::mark_connect_choice(const SocketRecord& record, const Destination& to, const ConnectWalkShape& shape,
                                      std::optional<Port> chosen, SimTime now) const {
  const std::uint32_t size = shape.range.size().value;
  if (!chosen) {
    if (shape.every_port || size % 2 == 0 || size > few_ports) return;
    for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
      mark_if(acceptable_for_connect(record, to, static_cast<std::uint16_t>(port), now), Rule::connect_misses_port);
    return;
  }
  if (!shape.every_port) {
    mark((chosen->value - shape.range.first.value) % 2 == 0 ? Rule::connect_first_parity : Rule::connect_second_parity);
  } else if (port_range_option(record) != 0) {
    mark(Rule::socket_range_every_port);
  }
  if (!ports.in_use(chosen->value)) return;
  mark(Rule::connect_shares_port);
  mark_if(ports.was_bound(chosen->value), Rule::connect_revived_port);
}

}  // namespace netlimits

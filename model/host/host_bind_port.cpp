#include "model/host/host_state.hpp"
#include "model/ports/socket_port_range.hpp"

namespace netlimits {

PortRange Host::State::automatic_range(const SocketRecord& record) const {
  const PortRange range = settings().local_port_range;
  const std::uint32_t option = port_range_option(record);
  if (option == 0) return range;
  const PortRange narrowed = socket_port_range(range, option, rules());
  const auto ignored = [&](std::uint32_t bound) {
    return bound != 0 && !range.contains(Port{static_cast<std::uint16_t>(bound)});
  };
  mark_if(narrowed != range, Rule::socket_range_narrows);
  mark_if(ignored(option & 0xffffU) || ignored(option >> 16U), Rule::socket_range_bound_ignored);
  return narrowed;
}

bool Host::State::conflicts_automatically(const SocketRecord& newcomer, std::uint16_t port, bool relaxed) const {
  if (bind_rule() == OwnerRule::any_owner) return ports.in_use(port);
  const bool excuses = relaxed || !rules().has(KernelRule::automatic_bind_excuses_nobody);
  return ports.any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
    if (!devices_meet(newcomer, owner) || !bind_addresses_overlap(newcomer, owner, rules())) return false;
    if (excuses && overlap_excused_for_automatic(newcomer, uid_of(newcomer), owner, uid_of(owner), rules()))
      return false;
    mark_if(overlap_excused(newcomer, uid_of(newcomer), owner, uid_of(owner), rules()),
            Rule::bind_skips_what_options_excuse);
    return true;
  });
}

bool Host::State::acceptable_for_bind(const SocketRecord& newcomer, std::uint16_t port, bool relaxed) const {
  if (never_automatic(port)) {
    mark(Rule::bind_skips_reserved);
    return false;
  }
  return !conflicts_automatically(newcomer, port, relaxed);
}

BindWalkShape Host::State::bind_shape(const SocketRecord& record) const {
  BindWalkShape shape;
  shape.range = automatic_range(record);
  shape.every_port = !rules().bind_avoids_low_parity;
  shape.halves = record.reuse_address && rules().has(KernelRule::lower_half_comes_first);
  return shape;
}

std::optional<Port> Host::State::choose_bind_port(SocketIndex index, const PortLot& lot) {
  const SocketRecord& record = sockets[index];
  std::optional<Port> chosen;
  if (lot.demanded) {
    if (possible_bind_ports(record).holds(*lot.demanded)) chosen = lot.demanded;
  } else if (!lot.none_demanded || !possible_bind_ports(record).may_find_none) {
    chosen = draw_bind_port(record, lot.offset);
  }
  mark_bind_choice(record, chosen);
  return chosen;
}

std::optional<Port> Host::State::draw_bind_port(const SocketRecord& record, std::uint32_t offset) {
  const BindWalkShape shape = bind_shape(record);
  for (const bool relaxed : {false, true}) {
    if (relaxed && !autobind_reuse()) break;
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
      // Each piece has a draw of its own; this spreads one number over both.
      const PortWalk walk = bind_walk(shape, piece, offset + piece * 0x9e3779b9U);
      const bool views_help = !relaxed && views_usable(record);
      const bool view_known = views_help && views.owner_view(record, bind_rule()) != nullptr;
      if (!view_known) {
        std::uint32_t asked = 0;
        const std::uint32_t patience = views_help ? patience_without_view : 65536;
        bool gave_up = false;
        const auto found = first_acceptable(walk, [&](Port port) {
          if (asked++ == patience) gave_up = true;
          return gave_up || acceptable_for_bind(record, port.value, relaxed);
        });
        if (!gave_up && found) return found;
        if (!gave_up) continue;
      }
      if (const auto found = first_outside(walk, owner_view_of(record, bind_rule()).blocked)) return found;
    }
  }
  return std::nullopt;
}

void Host::State::mark_bind_choice(const SocketRecord& record, std::optional<Port> chosen) const {
  const BindWalkShape shape = bind_shape(record);
  if (!chosen) {
    if (shape.every_port || shape.range.size().value % 2 == 0 || shape.range.size().value > few_ports) return;
    for (std::uint32_t port = shape.range.first.value; port <= shape.range.last.value; ++port)
      mark_if(acceptable_for_bind(record, static_cast<std::uint16_t>(port), autobind_reuse()), Rule::bind_misses_port);
    return;
  }
  if (shape.every_port) return;
  const std::uint32_t piece = shape.split() && !shape.piece(0).contains(*chosen) ? 1 : 0;
  if (shape.split()) mark(piece == 0 ? Rule::bind_lower_half : Rule::bind_upper_half);
  const bool low_parity = (chosen->value - shape.piece(piece).first.value) % 2 == 0;
  mark(low_parity ? Rule::bind_second_parity : Rule::bind_first_parity);
  if (autobind_reuse()) mark_if(conflicts_automatically(record, chosen->value, false), Rule::bind_second_pass);
}

Host::State::PortChoices Host::State::possible_bind_ports(const SocketRecord& record) const {
  const BindWalkShape shape = bind_shape(record);
  PortChoices choices;
  for (const bool relaxed : {false, true}) {
    if (relaxed && !autobind_reuse()) break;
    PortSet blocked;
    for (std::uint32_t number = shape.range.first.value; number <= shape.range.last.value; ++number) {
      const auto port = static_cast<std::uint16_t>(number);
      blocked.assign(port, !acceptable_for_bind(record, port, relaxed));
    }
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
      PortSet given;
      bool always_found = true;
      for (std::uint32_t draw = 0; draw < shape.draws(piece); ++draw) {
        const auto port = first_outside(bind_walk(shape, piece, draw), blocked);
        if (port) {
          given.insert(port->value);
        } else {
          always_found = false;
        }
      }
      const PortRange here = shape.piece(piece);
      for (std::uint32_t port = here.first.value; port <= here.last.value; ++port)
        if (given.contains(static_cast<std::uint16_t>(port)))
          choices.ports.push_back(Port{static_cast<std::uint16_t>(port)});
      if (always_found) return choices;
    }
  }
  choices.may_find_none = true;
  return choices;
}

}  // namespace netlimits

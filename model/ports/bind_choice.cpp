// The automatic port of bind() and listen(): which they take, and which they could take.
#include <algorithm>

#include "model/ports/automatic_range.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/ports/port_space.hpp"

namespace netlimits {

bool PortSpace::conflicts_automatically(const SocketRecord& newcomer, std::uint16_t port, bool second_pass,
                                        RuleAccount& account) const {
  if (bind_rule() == OwnerRule::any_owner) return ports_.in_use(port);
  const bool excuses = second_pass || !rules().has(Rule::bind_skips_what_options_excuse);
  return ports_.any_owner(sockets_, port, [&](SocketIndex, const SocketRecord& owner) {
    if (!devices_meet(newcomer, owner) || !bind_addresses_overlap(newcomer, owner, rules())) return false;
    if (excuses && overlap_excused_for_automatic(newcomer, uid_of(newcomer), owner, uid_of(owner), rules()))
      return false;
    account.mark_if(overlap_excused(newcomer, uid_of(newcomer), owner, uid_of(owner), rules()),
                    Rule::bind_skips_what_options_excuse);
    return true;
  });
}

bool PortSpace::acceptable_for_bind(const SocketRecord& newcomer, std::uint16_t port, bool second_pass,
                                    RuleAccount& account) const {
  if (never_automatic(port, configuration_, Rule::bind_skips_reserved)) {
    account.mark(Rule::bind_skips_reserved);
    return false;
  }
  return !conflicts_automatically(newcomer, port, second_pass, account);
}

BindWalkShape PortSpace::bind_shape(const SocketRecord& socket, RuleAccount& account) const {
  BindWalkShape shape;
  shape.range = automatic_range(sockets_, socket, settings(), account);
  shape.every_port = !rules().has(Rule::bind_first_parity);
  shape.halves = socket.reuse_address && rules().has(Rule::bind_lower_half);
  return shape;
}

std::optional<Port> PortSpace::choose_for_bind(const SocketRecord& socket, const PortDraw& draw, RuleAccount& account) {
  const BindWalkShape shape = bind_shape(socket, account);
  BindChoice choice;
  bool draws = true;
  if (draw.demanded || draw.none_demanded) {
    const PortChoices possible = possible_for_bind(socket, account);
    if (draw.demanded) {
      if (possible.holds(*draw.demanded)) choice.port = draw.demanded;
      choice.second_pass =
          std::find(possible.excused.begin(), possible.excused.end(), *draw.demanded) != possible.excused.end();
      draws = false;
    } else {
      choice.leaves_port_out = possible.leaves_port_out;
      draws = !possible.may_find_none;
    }
  }
  if (draws) choice = draw_for_bind(socket, shape, draw.number, account);
  if (!choice.port) {
    account.mark_if(choice.leaves_port_out, Rule::bind_misses_port);
    return std::nullopt;
  }
  account.mark_if(choice.second_pass, Rule::bind_second_pass);
  if (shape.every_port) return choice.port;
  const std::uint32_t piece = shape.split() && !shape.piece(0).contains(*choice.port) ? 1 : 0;
  if (shape.split()) account.mark(piece == 0 ? Rule::bind_lower_half : Rule::bind_upper_half);
  const bool low_parity = (choice.port->value - shape.piece(piece).first.value) % 2 == 0;
  account.mark(low_parity ? Rule::bind_second_parity : Rule::bind_first_parity);
  return choice.port;
}

PortSpace::BindChoice PortSpace::draw_for_bind(const SocketRecord& socket, const BindWalkShape& shape,
                                               std::uint32_t draw, RuleAccount& account) {
  // Each piece has a draw of its own; this spreads one number over both.
  const auto walk_of = [&](std::uint32_t piece) { return bind_walk(shape, piece, draw + piece * 0x9e3779b9U); };
  for (const bool second_pass : {false, true}) {
    if (second_pass && !autobind_reuse()) break;
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
      const PortWalk walk = walk_of(piece);
      const bool views_help = !second_pass && views_usable(socket);
      const bool view_known = views_help && views_.owner_view(socket, bind_rule()) != nullptr;
      if (!view_known) {
        std::uint32_t asked = 0;
        const std::uint32_t patience = views_help ? patience_without_view : 65536;
        bool gave_up = false;
        const auto found = first_acceptable(walk, [&](Port port) {
          if (asked++ == patience) gave_up = true;
          return gave_up || acceptable_for_bind(socket, port.value, second_pass, account);
        });
        if (!gave_up && found) return {found, second_pass, false};
        if (!gave_up) continue;
      }
      if (const auto found = first_outside(walk, owner_view_of(socket, bind_rule()).blocked))
        return {found, second_pass, false};
    }
  }
  BindChoice nothing;
  for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece)
    nothing.leaves_port_out = nothing.leaves_port_out || leaves_out(walk_of(piece), shape.piece(piece), [&](Port port) {
                                return acceptable_for_bind(socket, port.value, autobind_reuse(), account);
                              });
  return nothing;
}

PortChoices PortSpace::possible_for_bind(const SocketRecord& socket, RuleAccount& account) const {
  const BindWalkShape shape = bind_shape(socket, account);
  PortChoices choices;
  PortSet first_blocked;
  for (const bool second_pass : {false, true}) {
    if (second_pass && !autobind_reuse()) break;
    PortSet blocked;
    choices.leaves_port_out = false;
    for (std::uint32_t number = shape.range.first.value; number <= shape.range.last.value; ++number) {
      const auto port = static_cast<std::uint16_t>(number);
      const bool acceptable = acceptable_for_bind(socket, port, second_pass, account);
      blocked.assign(port, !acceptable);
      choices.leaves_port_out = choices.leaves_port_out || acceptable;
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
      for (std::uint32_t number = here.first.value; number <= here.last.value; ++number) {
        const auto port = static_cast<std::uint16_t>(number);
        if (!given.contains(port)) continue;
        choices.ports.push_back(Port{port});
        if (second_pass && first_blocked.contains(port)) choices.excused.push_back(Port{port});
      }
      if (always_found) {
        choices.leaves_port_out = false;
        return choices;
      }
    }
    first_blocked = blocked;
  }
  choices.may_find_none = true;
  return choices;
}

}  // namespace netlimits

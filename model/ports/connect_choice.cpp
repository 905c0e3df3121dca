// The automatic port of connect(): which it takes, and which it could take.
#include "model/ports/automatic_range.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/ports/port_space.hpp"
#include "model/ports/tuple_takeover.hpp"

namespace netlimits {
namespace {

// Of a range with more ports than this a demanded one is not tried under every draw.
constexpr std::uint32_t few_ports = 64;

}  // namespace

ConnectWalkShape PortSpace::connect_shape(const SocketRecord& socket, RuleAccount& account) const {
  ConnectWalkShape shape;
  shape.range = automatic_range(sockets_, socket, settings(), account);
  shape.every_port = !rules().has(Rule::connect_first_parity) ||
                     (port_range_option(sockets_, socket, rules()) != 0 && rules().has(Rule::socket_range_every_port));
  return shape;
}

bool PortSpace::acceptable_for_connect(const SocketRecord& socket, const Destination& to, std::uint16_t port,
                                       SimTime now, RuleAccount& account, SecondsClock clock) const {
  if (never_automatic(port, configuration_, Rule::connect_skips_reserved)) {
    account.mark(Rule::connect_skips_reserved);
    return false;
  }
  switch (rules().connect_sharing) {
    case PortSharing::host_port:
      return !ports_.in_use(port);
    case PortSharing::local_addr_port:
      return !ports_.any_owner(sockets_, port, [&](SocketIndex, const SocketRecord& owner) {
        return devices_meet(socket, owner) && bind_addresses_overlap(socket, owner, rules());
      });
    case PortSharing::four_tuple:
      break;
  }
  if (!open_to_automatic_connect(port)) {
    account.mark(Rule::connect_skips_bind_bound);
    return false;
  }
  const SocketIndex has_it = holder(socket, to, port);
  if (has_it == no_socket) return true;
  const SocketRecord& entry = sockets_[has_it];
  account.mark_if(entry.inet6 != socket.inet6, Rule::connect_families_share_tuples);
  const Rule forbidden = takeover_forbidden_by(entry, settings(), rules());
  if (forbidden != Rule::none) {
    account.mark(forbidden);
    return false;
  }
  const bool old_enough = reusable_from(entry.since, settings(), rules(), clock) <= now;
  account.mark_if(!old_enough, Rule::connect_time_wait_too_young);
  return old_enough;
}

std::optional<Port> PortSpace::choose_for_connect(const SocketRecord& socket, const Destination& to,
                                                  const PortDraw& draw, SimTime now, RuleAccount& account) {
  const ConnectWalkShape shape = connect_shape(socket, account);
  std::optional<Port> chosen;
  bool leaves_port_out = false;
  bool draws = true;
  if (draw.demanded) {
    if (could_give(socket, to, *draw.demanded, now, account)) chosen = draw.demanded;
    draws = false;
  } else if (draw.none_demanded) {
    const PortChoices possible = possible_for_followers(socket, to, std::nullopt, now, account);
    leaves_port_out = possible.leaves_port_out;
    draws = !possible.may_find_none;
  }
  if (draws) {
    const PortWalk walk = connect_walk(shape, draw.number);
    chosen = first_of_walk(socket, to, walk, now, account);
    leaves_port_out = !chosen && leaves_out(walk, shape.range, [&](Port port) {
      return acceptable_for_connect(socket, to, port.value, now, account, SecondsClock::of_virtual_time);
    });
  }
  if (!chosen) {
    account.mark_if(leaves_port_out, Rule::connect_misses_port);
    return std::nullopt;
  }
  if (!shape.every_port) {
    const bool low_parity = (chosen->value - shape.range.first.value) % 2 == 0;
    account.mark(low_parity ? Rule::connect_first_parity : Rule::connect_second_parity);
  } else {
    account.mark_if(port_range_option(sockets_, socket, rules()) != 0, Rule::socket_range_every_port);
  }
  const bool shared = ports_.in_use(chosen->value);
  account.mark_if(shared, Rule::connect_shares_port);
  account.mark_if(shared && ports_.was_bound(chosen->value), Rule::connect_revived_port);
  return chosen;
}

// Port by port as long as that is short; then with a view of what is blocked.
std::optional<Port> PortSpace::first_of_walk(const SocketRecord& socket, const Destination& to, const PortWalk& walk,
                                             SimTime now, RuleAccount& account) {
  const bool by_tuple = rules().connect_sharing == PortSharing::four_tuple;
  const bool view_known =
      by_tuple && views_.has_tuple_views() && views_.tuple_view(to.local, to.remote, to.remote_port) != nullptr;
  if (!view_known || !views_usable(socket)) {
    std::uint32_t asked = 0;
    const std::uint32_t patience = views_usable(socket) ? patience_without_view : 65536;
    bool gave_up = false;
    const auto found = first_acceptable(walk, [&](Port port) {
      if (asked++ == patience) gave_up = true;
      return gave_up || acceptable_for_connect(socket, to, port.value, now, account, SecondsClock::of_virtual_time);
    });
    if (!gave_up) return found;
  }
  if (by_tuple) return first_outside(walk, tuple_view_of(to, now).blocked);
  const OwnerRule rule =
      rules().connect_sharing == PortSharing::host_port ? OwnerRule::any_owner : OwnerRule::overlapping_address;
  return first_outside(walk, owner_view_of(socket, rule).blocked);
}

template <class Acceptable>
PortChoices PortSpace::possible_where(const SocketRecord& socket, RuleAccount& account, Acceptable&& accepts) const {
  const ConnectWalkShape shape = connect_shape(socket, account);
  PortChoices choices;
  PortSet blocked;
  bool some_acceptable = false;
  for (std::uint32_t number = shape.range.first.value; number <= shape.range.last.value; ++number) {
    const auto port = static_cast<std::uint16_t>(number);
    const bool acceptable = accepts(port);
    blocked.assign(port, !acceptable);
    some_acceptable = some_acceptable || acceptable;
  }
  PortSet given;
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
  choices.leaves_port_out = choices.may_find_none && some_acceptable;
  return choices;
}

bool PortSpace::could_give(const SocketRecord& socket, const Destination& to, Port wanted, SimTime now,
                           RuleAccount& account) const {
  const ConnectWalkShape shape = connect_shape(socket, account);
  if (shape.range.size().value > few_ports) {
    if (!shape.range.contains(wanted) ||
        !acceptable_for_connect(socket, to, wanted.value, now, account, SecondsClock::changes_at_once))
      return false;
    // A walk that begins at the port gives it.
    const std::uint32_t place = wanted.value - std::uint32_t{shape.range.first.value};
    if (place < shape.draws() && (shape.every_port || place % 2 == 0)) return true;
  }
  return possible_for_followers(socket, to, wanted, now, account).holds(wanted);
}

PortChoices PortSpace::possible_for_connect(const SocketRecord& socket, const Destination& to, SimTime now,
                                            RuleAccount& account) const {
  return possible_where(socket, account, [&](std::uint16_t port) {
    return acceptable_for_connect(socket, to, port, now, account, SecondsClock::of_virtual_time);
  });
}

// What a kernel has taken it could take, as early as its clock of seconds may allow it; what it has passed by it could
// pass by, as late as that may be.
PortChoices PortSpace::possible_for_followers(const SocketRecord& socket, const Destination& to,
                                              std::optional<Port> taken, SimTime now, RuleAccount& account) const {
  return possible_where(socket, account, [&](std::uint16_t port) {
    const bool it = taken && taken->value == port;
    return acceptable_for_connect(socket, to, port, now, account,
                                  it ? SecondsClock::changes_at_once : SecondsClock::changes_late);
  });
}

}  // namespace netlimits

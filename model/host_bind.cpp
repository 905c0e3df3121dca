#include <algorithm>

#include "model/host_state.hpp"
#include "model/socket_port_range.hpp"

namespace netlimits {
namespace {

constexpr std::string_view conflict_rule = "bind.conflict";
constexpr std::string_view family_rule = "bind.family";
constexpr std::string_view address_rule = "bind.address";
constexpr std::string_view privileged_rule = "bind.privileged-port";
constexpr std::string_view twice_rule = "bind.already-bound";
constexpr std::string_view automatic_rule = "bind.automatic-port";

bool is_link_local(AddressBits address) { return (address.high >> 54U) == (0xfe80U >> 6U); }

}  // namespace

void Host::State::hold_port(SocketIndex index, std::uint16_t port) {
  SocketRecord& record = sockets[index];
  const bool was_open = views.empty() || open_to_automatic_connect(port);
  record.held_port = port;
  ports.add(sockets, index);
  owners_changed(record, port, was_open);
}

void Host::State::release_port(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.held_port == 0) return;
  const std::uint16_t port = record.held_port;
  if (record.dgram) {
    udp().remove(sockets, index);
    record.held_port = 0;
    return;
  }
  const bool was_open = views.empty() || open_to_automatic_connect(port);
  ports.remove(sockets, index);
  record.held_port = 0;
  record.connect_bound = false;
  owners_changed(record, port, was_open);
}

void Host::State::set_local(SocketIndex index, AddressBits address) {
  SocketRecord& record = sockets[index];
  record.local = address;
  if (!record.dgram && record.held_port != 0 && !views.empty()) recheck_port(record.held_port);
}

void Host::State::reset_local(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.address_locked) return;
  record.source_open = false;
  set_local(index, AddressBits::any(record.family()));
}

// ---- bind(address, 0)

bool Host::State::conflicts_automatically(const SocketRecord& newcomer, std::uint16_t port, bool relaxed) const {
  if (bind_rule() == OwnerRule::any_owner) return ports.in_use(port);
  return ports.any_owner(sockets, port, [&](SocketIndex, const SocketRecord& owner) {
    return devices_meet(newcomer, owner) && bind_addresses_overlap(newcomer, owner) &&
           !(relaxed && overlap_excused_for_automatic(newcomer, uid_of(newcomer), owner, uid_of(owner)));
  });
}

BindWalkShape Host::State::bind_shape(const SocketRecord& record) const {
  BindWalkShape shape;
  shape.range =
      socket_port_range(settings().local_port_range, rules().socket_port_range ? port_range_option(record) : 0);
  shape.every_port = !rules().bind_avoids_low_parity;
  shape.halves = record.reuse_address;
  return shape;
}

std::optional<Port> Host::State::choose_bind_port(SocketIndex index, const PortLot& lot) {
  const SocketRecord& record = sockets[index];
  const BindWalkShape shape = bind_shape(record);
  const bool second_pass = settings().autobind_reuse;
  if (lot.demanded) {
    const auto possible = possible_bind_ports(record);
    if (std::find(possible.begin(), possible.end(), *lot.demanded) == possible.end()) return std::nullopt;
    return lot.demanded;
  }
  for (const bool relaxed : {false, true}) {
    if (relaxed && !second_pass) break;
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
      // Each piece has a draw of its own; this spreads one number over both.
      const PortWalk walk = bind_walk(shape, piece, lot.offset + piece * 0x9e3779b9U);
      const bool views_help = !relaxed && views_usable(record);
      const bool view_known = views_help && views.owner_view(record, bind_rule()) != nullptr;
      if (!view_known) {
        std::uint32_t asked = 0;
        const std::uint32_t patience = views_help ? patience_without_view : 65536;
        bool gave_up = false;
        const auto found = first_acceptable(walk, [&](Port port) {
          if (asked++ == patience) gave_up = true;
          return gave_up || (!never_automatic(port.value) && !conflicts_automatically(record, port.value, relaxed));
        });
        if (!gave_up && found) return found;
        if (!gave_up) continue;
      }
      if (const auto found = first_outside(walk, owner_view_of(record, bind_rule()).blocked)) return found;
    }
  }
  return std::nullopt;
}

std::vector<Port> Host::State::possible_bind_ports(const SocketRecord& record) const {
  const BindWalkShape shape = bind_shape(record);
  std::vector<Port> list;
  for (const bool relaxed : {false, true}) {
    if (relaxed && !settings().autobind_reuse) break;
    PortSet blocked;
    for (std::uint32_t number = shape.range.first.value; number <= shape.range.last.value; ++number) {
      const auto port = static_cast<std::uint16_t>(number);
      blocked.assign(port, never_automatic(port) || conflicts_automatically(record, port, relaxed));
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
        if (given.contains(static_cast<std::uint16_t>(port))) list.push_back(Port{static_cast<std::uint16_t>(port)});
      if (always_found) return list;
    }
  }
  return list;
}

// ---- bind(address, port), and the repetition of its test at listen()

Outcome<void> Host::State::get_port(SocketIndex index, std::uint16_t port, const PortLot& lot, std::string_view rule) {
  SocketRecord& record = sockets[index];
  if (port == 0) {
    const auto chosen = choose_bind_port(index, lot);
    if (!chosen) return refuse(rules().ports_exhausted_bind, Limit::ephemeral_ports, rule);
    port = chosen->value;
  } else {
    const PortTable::ReusePortMemory* memory = ports.reuse_port_memory(port);
    if (memory == nullptr || !matches_reuse_port_memory(*memory, record, uid_of(record))) {
      const bool conflict = ports.any_owner(sockets, port, [&](SocketIndex other, const SocketRecord& owner) {
        return other != index && devices_meet(record, owner) && bind_addresses_overlap(record, owner) &&
               !overlap_excused(record, uid_of(record), owner, uid_of(owner));
      });
      if (conflict) return refuse(rules().address_in_use, Limit::port_in_use, conflict_rule);
    }
  }
  if (record.held_port == 0) hold_port(index, port);
  const PortTable::ReusePortMemory* memory = ports.reuse_port_memory(port);
  if (!record.reuse_port) {
    ports.forget_reuse_port(port);
  } else if (memory == nullptr || !matches_reuse_port_memory(*memory, record, uid_of(record))) {
    ports.remember_reuse_port(port, {record.local, uid_of(record), record.inet6, record.v6_only});
  }
  return {};
}

Outcome<void> Host::bind(SocketId socket, Endpoint local, PortLot lot) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  const Settings& settings = state.settings();
  const AddressBits address = AddressBits::of(local.address);
  const bool v4_address = local.address.is_v4();
  if (v4_address == record.inet6) return refuse(record.inet6 ? Error::einval : Error::eafnosupport, family_rule);

  const AddressKind kind = state.addresses.kind_of(address);
  const bool nonlocal = record.free_bind || record.transparent;
  const auto v4_valid = [&] { return settings.nonlocal_bind || nonlocal || kind != AddressKind::other; };
  const bool privileged_port = local.port.value != 0 && local.port.value < settings.unprivileged_port_start;
  const bool bound = record.state != TcpState::closed || record.held_port != 0;

  // The order of the checks differs between the families: __inet_bind, __inet6_bind.
  if (v4_address) {
    if (!v4_valid()) return refuse(Error::eaddrnotavail, address_rule);
    if (privileged_port && !state.privileged(record)) return refuse(Error::eacces, privileged_rule);
    if (bound) return refuse(Error::einval, twice_rule);
  } else {
    if (kind == AddressKind::multicast && !address.is_mapped() && !record.dgram)
      return refuse(Error::einval, address_rule);
    if (privileged_port && !state.privileged(record)) return refuse(Error::eacces, privileged_rule);
    if (bound) return refuse(Error::einval, twice_rule);
    if (address.is_mapped()) {
      if (record.v6_only) return refuse(Error::einval, family_rule);
      if (!v4_valid()) return refuse(Error::eaddrnotavail, address_rule);
    } else if (!address.is_v6_any()) {
      if (is_link_local(address) && record.device == 0) return refuse(Error::einval, address_rule);
      if (kind != AddressKind::multicast && !settings.ipv6_nonlocal_bind && !nonlocal &&
          !state.addresses.assigned_to(address, record.device))
        return refuse(Error::eaddrnotavail, address_rule);
    }
  }

  state.set_local(index, address);
  record.source_open = kind == AddressKind::multicast || kind == AddressKind::broadcast;
  const bool was_v6_only = record.v6_only;
  if (record.inet6 && !address.is_v6_any() && !address.is_mapped()) record.v6_only = true;

  const bool without_port = record.bind_no_port && state.rules().bind_no_port;
  if (local.port.value != 0 || !without_port) {
    const auto taken = record.dgram ? state.get_datagram_port(index, local.port.value, lot)
                                    : state.get_port(index, local.port.value, lot, automatic_rule);
    if (!taken) {
      record.v6_only = was_v6_only;
      record.source_open = false;
      state.set_local(index, AddressBits::any(record.family()));
      return taken;
    }
  }
  const bool is_wildcard = record.inet6 ? address.is_v6_any() : address.is_any();
  if (!is_wildcard) record.address_locked = true;
  if (local.port.value != 0) record.port_locked = true;
  record.local_port = record.held_port;
  record.remote_port = 0;
  return {};
}

std::vector<Port> Host::bind_candidates(SocketId socket, IpAddress address) const {
  const State& state = *state_;
  if (!state.sockets.knows(socket)) return {};
  SocketRecord record = state.sockets[socket.index];
  record.local = AddressBits::of(address);
  if (record.inet6 && !record.local.is_v6_any() && !record.local.is_mapped()) record.v6_only = true;
  return record.dgram ? state.possible_datagram_ports(record) : state.possible_bind_ports(record);
}

}  // namespace netlimits

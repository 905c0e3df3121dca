#include "model/host/host_state.hpp"

namespace netlimits {
namespace {

constexpr Rule conflict_rule = Rule::bind_conflict;
constexpr Rule family_rule = Rule::bind_family;
constexpr Rule address_rule = Rule::bind_address;
constexpr Rule privileged_rule = Rule::bind_privileged_port;
constexpr Rule twice_rule = Rule::bind_already_bound;
constexpr Rule automatic_rule = Rule::bind_automatic_port;

bool is_link_local(AddressBits address) { return (address.high >> 54U) == (0xfe80U >> 6U); }

}  // namespace

void Host::State::hold_port(SocketIndex index, std::uint16_t port, PortTable::Claim claim) {
  SocketRecord& record = sockets[index];
  const bool was_open = views.empty() || open_to_automatic_connect(port);
  record.held_port = port;
  ports.add(sockets, index, claim);
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
  if (!record.dgram && record.held_port != 0) ports.move(sockets, index, address);
  record.local = address;
  if (!record.dgram && record.held_port != 0 && !views.empty()) recheck_port(record.held_port);
}

void Host::State::reset_local(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.address_locked && rules().has(KernelRule::disconnecting_keeps_bound_address)) return;
  record.source_open = false;
  set_local(index, AddressBits::any(record.family()));
}

// ---- bind(address, port), and the repetition of its test at listen()

bool Host::State::in_the_way(const SocketRecord& newcomer, const SocketRecord& owner) const {
  const auto v4 = [](const SocketRecord& record) { return !record.inet6 || record.local.is_mapped(); };
  const bool families_differ = v4(newcomer) != v4(owner);
  if (!bind_addresses_overlap(newcomer, owner, rules())) {
    mark(families_differ ? Rule::bind_families_apart : Rule::bind_addresses_apart);
    return false;
  }
  if (!devices_meet(newcomer, owner)) {
    mark(Rule::bind_devices_apart);
    return false;
  }
  mark_if(families_differ, Rule::bind_families_meet);
  const Rule excuse = excuse_for_overlap(newcomer, uid_of(newcomer), owner, uid_of(owner), rules());
  if (excuse != Rule::none) {
    mark(excuse);
    return false;
  }
  mark_if(newcomer.reuse_address && owner.reuse_address, Rule::bind_listener_in_the_way);
  mark_if(newcomer.reuse_port && owner.reuse_port, Rule::bind_other_user_in_the_way);
  if (owner.counts_as_time_wait()) {
    mark(Rule::bind_time_wait_in_the_way);
  } else {
    mark_if(owner.connect_bound, Rule::bind_connection_in_the_way);
  }
  return true;
}

Outcome<void> Host::State::get_port(SocketIndex index, std::uint16_t port, const PortLot& lot, Rule rule) {
  SocketRecord& record = sockets[index];
  if (port == 0) {
    const auto chosen = choose_bind_port(index, lot);
    if (!chosen) return refuse(rules().ports_exhausted_bind, Limit::ephemeral_ports, rule);
    port = chosen->value;
  } else {
    const PortTable::ReusePortMemory* memory = ports.reuse_port_memory(port);
    const bool remembered = memory != nullptr && matches_reuse_port_memory(*memory, record, uid_of(record), rules());
    const bool conflict = ports.any_owner(sockets, port, [&](SocketIndex other, const SocketRecord& owner) {
      return other != index && in_the_way(record, owner);
    });
    if (conflict && !remembered) {
      mark_if(record.state == TcpState::listen, Rule::listen_conflict);
      return refuse(rules().address_in_use, Limit::port_in_use, conflict_rule);
    }
    mark_if(conflict, Rule::bind_port_memory);
    mark_if(record.held_port == 0 && never_automatic(port), Rule::bind_reserved_port);
  }
  if (record.held_port == 0) hold_port(index, port, PortTable::Claim::bind);
  const PortTable::ReusePortMemory* memory = ports.reuse_port_memory(port);
  if (!record.reuse_port) {
    ports.forget_reuse_port(port);
  } else if (memory == nullptr || !matches_reuse_port_memory(*memory, record, uid_of(record), rules())) {
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

  const Rules& rules = state.rules();
  const AddressKind kind = state.addresses.kind_of(address);
  const bool nonlocal = record.free_bind || record.transparent || !rules.has(KernelRule::bind_wants_own_address);
  const auto v4_valid = [&] { return settings.nonlocal_bind || nonlocal || kind != AddressKind::other; };
  const bool low_port = local.port.value != 0 && local.port.value < settings.unprivileged_port_start;
  const bool forbidden = low_port && !state.privileged(record) && rules.has(KernelRule::low_ports_want_privilege);
  const bool bound = record.state != TcpState::closed || record.held_port != 0;
  const bool state_first = !rules.has(KernelRule::bind_tests_privilege_before_state);
  const bool v4_address_first = v4_address && rules.has(KernelRule::bind_tests_address_before_port);

  // The order of the checks differs between the families: __inet_bind, __inet6_bind.
  if (v4_address_first && !v4_valid()) return refuse(Error::eaddrnotavail, address_rule);
  if (kind == AddressKind::multicast && !address.is_mapped() && !record.dgram)
    return refuse(Error::einval, address_rule);
  if (state_first && bound) return refuse(Error::einval, twice_rule);
  if (forbidden) return refuse(Error::eacces, privileged_rule);
  if (bound) return refuse(Error::einval, twice_rule);
  if (address.is_mapped()) {  // an IPv4 one is kept as such too
    if (record.v6_only) return refuse(Error::einval, family_rule);
    if (!v4_valid()) return refuse(Error::eaddrnotavail, address_rule);
  } else if (!address.is_v6_any()) {
    if (is_link_local(address) && record.device == 0) return refuse(Error::einval, address_rule);
    if (kind != AddressKind::multicast && !settings.ipv6_nonlocal_bind && !nonlocal &&
        !state.addresses.assigned_to(address, record.device))
      return refuse(Error::eaddrnotavail, address_rule);
  }

  state.set_local(index, address);
  record.source_open = kind == AddressKind::multicast || kind == AddressKind::broadcast;
  const bool was_v6_only = record.v6_only;
  if (record.inet6 && !address.is_v6_any() && !address.is_mapped() &&
      rules.has(KernelRule::specific_v6_address_is_v6_only)) {
    record.v6_only = true;
    state.mark_if(!was_v6_only, Rule::bind_becomes_v6_only);
  }
  state.mark_if(kind == AddressKind::other, Rule::bind_foreign_address);

  const bool without_port =
      record.bind_no_port && rules.bind_no_port && rules.has(KernelRule::bind_without_port_holds_none);
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
  state.mark_if(local.port.value == 0 && without_port, Rule::bind_without_port);
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
  const State::Unaccounted unaccounted(state);
  SocketRecord record = state.sockets[socket.index];
  record.local = AddressBits::of(address);
  if (record.inet6 && !record.local.is_v6_any() && !record.local.is_mapped()) record.v6_only = true;
  return record.dgram ? state.possible_datagram_ports(record) : state.possible_bind_ports(record).ports;
}

}  // namespace netlimits

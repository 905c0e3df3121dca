// Who owns a port, who has a four-tuple, who listens: how each comes and goes.
#include "model/ports/port_space.hpp"

#include <cstddef>

#include <boost/assert.hpp>

#include "model/ports/automatic_range.hpp"
#include "model/ports/bind_conflict.hpp"

namespace netlimits {
namespace {

[[maybe_unused]] bool same_four_tuple(const SocketRecord& a, const SocketRecord& b) {
  return a.local == b.local && a.local_port == b.local_port && a.remote == b.remote && a.remote_port == b.remote_port;
}

// What a port remembers lets a socket in whoever is there: a kernel looks at nobody then. And of owners at other
// addresses none is in the way. They are asked for the account alone, which rules they would have met; of tens of
// thousands that have a port these say it.
constexpr std::size_t enough_for_the_account = 256;

}  // namespace

// ---- owners of ports

void PortSpace::hold(SocketIndex index, std::uint16_t port, PortTable::Claim claim) {
  SocketRecord& record = sockets_[index];
  const bool was_open = views_.empty() || open_to_automatic_connect(port);
  record.held_port = port;
  ports_.add(sockets_, index, claim);
  owners_changed(record, port, was_open);
}

void PortSpace::release(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  if (record.held_port == 0) return;
  const std::uint16_t port = record.held_port;
  const bool was_open = views_.empty() || open_to_automatic_connect(port);
  ports_.remove(sockets_, index);
  record.held_port = 0;
  record.connect_bound = false;
  owners_changed(record, port, was_open);
}

void PortSpace::set_local(SocketIndex index, AddressBits address) {
  SocketRecord& record = sockets_[index];
  if (record.held_port != 0) ports_.move(sockets_, index, address);
  record.local = address;
  if (record.held_port != 0 && !views_.empty()) recheck_port(record.held_port);
}

bool PortSpace::in_the_way(const SocketRecord& newcomer, const SocketRecord& owner, RuleAccount& account) const {
  const Overlap overlap = bind_overlap(newcomer, owner, rules());
  if (!overlap.meet) {
    account.mark(overlap.by);
    return false;
  }
  if (!devices_meet(newcomer, owner)) {
    account.mark(Rule::bind_devices_apart);
    return false;
  }
  account.mark(overlap.by);
  const Rule excuse = excuse_for_overlap(newcomer, uid_of(newcomer), owner, uid_of(owner), rules());
  if (excuse != Rule::none) {
    account.mark(excuse);
    return false;
  }
  account.mark_if(newcomer.reuse_address && owner.reuse_address, Rule::bind_listener_in_the_way);
  account.mark_if(newcomer.reuse_port && owner.reuse_port, Rule::bind_other_user_in_the_way);
  if (owner.counts_as_time_wait()) {
    account.mark(Rule::bind_time_wait_in_the_way);
  } else {
    account.mark_if(owner.connect_bound, Rule::bind_connection_in_the_way);
  }
  return true;
}

bool PortSpace::alone_at_its_address(const SocketRecord& newcomer, std::uint16_t port) {
  const auto owners_at = [&](AddressBits address) { return ports_.owners_at(sockets_, port, address); };
  return keeps_to_its_address(newcomer, rules()) &&
         owners_at(newcomer.local) == (newcomer.held_port == port ? 1U : 0U) &&
         owners_at(AddressBits::any(Family::inet)) == 0 && owners_at(AddressBits::any(Family::inet6)) == 0;
}

Outcome<void> PortSpace::take(SocketIndex index, std::uint16_t port, const PortDraw& draw, Rule automatic,
                              RuleAccount& account) {
  SocketRecord& record = sockets_[index];
  const bool shares = record.reuse_address && record.state != TcpState::listen;
  BOOST_ASSERT_MSG(record.held_port == 0 || record.held_port == port, "PortSpace::take: no other port than its own");
  if (port == 0) {
    const auto chosen = choose_for_bind(record, draw, account);
    if (!chosen) return refuse(rules().ports_exhausted_bind, Limit::ephemeral_ports, automatic);
    port = chosen->value;
  } else {
    const PortTable::ReusePortMemory* memory = ports_.reuse_port_memory(port);
    const bool remembered = memory != nullptr && matches_reuse_port_memory(*memory, record, uid_of(record), rules());
    bool conflict = false;
    std::size_t looked_at = 0;
    bool others_matter = true;
    ports_.any_owner(sockets_, port, [&](SocketIndex other, const SocketRecord& owner) {
      if (++looked_at == enough_for_the_account + 1) others_matter = !remembered && !alone_at_its_address(record, port);
      if (!others_matter) return true;
      conflict = other != index && in_the_way(record, owner, account);
      return conflict;
    });
    const bool as_it_was_bound = shares && rules().has(Rule::bind_reuse_address_memory) && ports_.bound_to_share(port);
    if (conflict && !remembered && !as_it_was_bound) {
      account.mark_if(record.state == TcpState::listen, Rule::listen_conflict);
      return refuse(rules().address_in_use, Limit::port_in_use, Rule::bind_conflict);
    }
    account.mark_if(conflict && !as_it_was_bound, Rule::bind_port_memory);
    account.mark_if(record.held_port == 0 && never_automatic(port, configuration_, Rule::bind_skips_reserved),
                    Rule::bind_reserved_port);
  }
  const bool first_owner = !ports_.in_use(port);
  if (record.held_port == 0) hold(index, port, PortTable::Claim::bind);
  ports_.remember_sharing(port, first_owner, shares);
  const PortTable::ReusePortMemory* memory = ports_.reuse_port_memory(port);
  if (!record.reuse_port) {
    ports_.forget_reuse_port(port);
  } else if (memory == nullptr || !matches_reuse_port_memory(*memory, record, uid_of(record), rules())) {
    ports_.remember_reuse_port(port, {record.local, uid_of(record), record.inet6, record.v6_only, first_owner});
  }
  return {};
}

// ---- four-tuples

SocketIndex PortSpace::holder(const SocketRecord& socket, const Destination& to, std::uint16_t port) const {
  const bool one_space = rules().has(Rule::connect_families_share_tuples);
  return tuples_.find(sockets_, {to.local, to.remote, port, to.remote_port}, [&](const SocketRecord& other) {
    return (other.device == 0 || other.device == socket.device) && (one_space || other.inet6 == socket.inet6);
  });
}

void PortSpace::enter_tuple(SocketIndex index) {
  tuples_.insert(sockets_, index);
  if (!views_.has_tuple_views()) return;
  const SocketRecord& record = sockets_[index];
  if (TupleView* view = views_.tuple_view(record.local, record.remote, record.remote_port))
    view->blocked.insert(record.local_port);
}

void PortSpace::leave_tuple(SocketIndex index) {
  const SocketRecord& record = sockets_[index];
  if (!record.in_tuples) return;
  tuples_.erase(sockets_, index);
  if (!views_.has_tuple_views()) return;
  TupleView* view = views_.tuple_view(record.local, record.remote, record.remote_port);
  if (view != nullptr && !blocked_in(*view, record.local_port)) view->blocked.erase(record.local_port);
}

void PortSpace::succeed(SocketIndex socket, SocketIndex entry) {
  BOOST_ASSERT_MSG(same_four_tuple(sockets_[socket], sockets_[entry]), "PortSpace::succeed: one four-tuple");
  BOOST_ASSERT_MSG(sockets_[entry].held_port == 0, "PortSpace::succeed: the entry has no port");
  tuples_.erase(sockets_, socket);
  tuples_.insert(sockets_, entry);
  const std::uint16_t port = sockets_[socket].held_port;
  if (port != 0) join(entry, port);
}

// ---- listeners

void PortSpace::begin_listening(SocketIndex index) {
  listeners_.insert(sockets_, index);
  if (!views_.empty() && !rules().has(Rule::connect_skips_bind_bound)) recheck_port(sockets_[index].held_port);
}

void PortSpace::end_listening(SocketIndex index) {
  if (!sockets_[index].in_listeners) return;
  const std::uint16_t port = sockets_[index].held_port;
  listeners_.erase(sockets_, index);
  if (!views_.empty() && !rules().has(Rule::connect_skips_bind_bound)) recheck_port(port);
}

void PortSpace::devices_in_use() {
  devices_used_ = true;
  views_.clear();
}

void PortSpace::clear() {
  ports_.clear();
  tuples_.clear();
  listeners_.clear();
  views_.clear();
}

}  // namespace netlimits

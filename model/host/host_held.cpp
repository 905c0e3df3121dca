#include <algorithm>

#include "model/host/host_state.hpp"

namespace netlimits {
namespace {

constexpr Rule tuple_rule = Rule::held_four_tuple;
constexpr Rule buckets_rule = Rule::held_time_wait_buckets;

}  // namespace

Outcome<SocketId> Host::hold_connection(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects) {
  State& state = *state_;
  const AddressBits local = AddressBits::of(held.tuple.local.address);
  const AddressBits remote = AddressBits::of(held.tuple.remote.address);
  const std::uint16_t port = held.tuple.local.port.value;
  const TupleKey key{local, remote, port, held.tuple.remote.port.value};
  if (state.tuples.find(state.sockets, key, [](const SocketRecord&) { return true; }) != no_socket)
    return refuse(state.rules().four_tuple_taken, Limit::four_tuple, tuple_rule);
  const bool waits = held.state != HeldConnectionState::open;
  if (waits && state.time_waits >= state.settings().max_time_wait_buckets)
    return refuse(state.rules().four_tuple_taken, Limit::time_wait_buckets, buckets_rule);

  const SocketIndex index = state.sockets.create();
  SocketRecord& record = state.sockets[index];
  record.process = process.value;
  record.inet6 = held.tuple.local.address.family() == Family::inet6;
  record.local = local;
  record.remote = remote;
  record.local_port = port;
  record.remote_port = held.tuple.remote.port.value;
  record.state = TcpState::established;
  record.call_state = CallState::connected;
  record.connect_bound = true;
  record.timestamps = state.settings().timestamps;
  state.hold_port(index, port, PortTable::Claim::join);
  state.tuples.insert(state.sockets, index);
  state.tuple_in(index);
  if (!waits) return state.sockets.id(index);

  const bool light = held.state == HeldConnectionState::fin_wait_2;
  record.state = light ? TcpState::fin_wait_2 : TcpState::time_wait;
  record.light = light;
  // It began so long ago that the rest of its time is what is left: connect()'s right to take it over counts from then.
  const Duration whole = light ? state.settings().fin_timeout : state.settings().time_wait;
  record.since = now + held.ends_after - whole;
  ++state.time_waits;
  state.peak_time_waits = std::max(state.peak_time_waits, state.time_waits);
  state.set_timer(index, light ? TimerKind::fin_wait_2 : TimerKind::time_wait, now + held.ends_after, effects);
  if (!light) state.time_wait_began(index);
  return state.sockets.id(index);
}

}  // namespace netlimits

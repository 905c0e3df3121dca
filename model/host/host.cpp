// A host as a whole: how it is put together, its settings, the network side, and what an observer sees.
#include "model/host/host.hpp"

#include <algorithm>
#include <utility>

#include <boost/assert.hpp>

#include "model/addresses/socket_route.hpp"
#include "model/host/host_state.hpp"

namespace netlimits {

Host::Host(HostConfig config) : Host(std::make_shared<const HostConfig>(std::move(config))) {}
Host::Host(std::shared_ptr<const HostConfig> config, std::span<const AddressBlock> addresses)
    : state_(std::make_unique<State>(std::move(config))) {
  state_->addresses.add(addresses);
}
Host::Host(Host&&) noexcept = default;
Host& Host::operator=(Host&&) noexcept = default;
Host::~Host() = default;

const HostConfig& Host::config() const { return state_->configuration.given(); }
const Settings& Host::settings() const { return state_->configuration.settings(); }

Outcome<void> Host::write_setting(std::string_view name, std::string_view text) {
  const auto written = state_->configuration.write_setting(name, text);
  if (written) {
    state_->ports.settings_changed();
    state_->addresses.switch_ipv6(!settings().ipv6_disabled);
  }
  return written;
}

void Host::add_address(AddressBlock block) { state_->addresses.add(block); }
Outcome<IpAddress> Host::source_towards(IpAddress destination) const {
  RouteWish wish;
  wish.destination = AddressBits::of(destination);
  return stream_route(state_->addresses, wish).map([&](const Route& route) {
    return route.source.spelled(destination.family());
  });
}
bool Host::owns(IpAddress address) const { return state_->addresses.owns(AddressBits::of(address)); }

// ---- the network side

void Host::deliver(const Segment& segment, SimTime now, Effects& effects) {
  State& state = *state_;
  if (!state.addresses.owns(AddressBits::of(segment.tuple.remote.address))) return;
  if (segment.protocol == Protocol::udp) {
    state.udp.deliver(segment, effects);
  } else {
    state.tcp.deliver(segment, now, effects);
  }
}

void Host::on_timer(const TimerRequest& timer, SimTime now, Effects& effects) {
  State& state = *state_;
  if (!state.sockets.knows(timer.socket)) return;
  const SocketRecord& record = state.sockets[timer.socket.index];
  const SocketExtras* own = state.sockets.extras_if_any(record);
  const std::uint32_t counts = timer.kind != TimerKind::keep_alive ? std::uint32_t{record.timer_round}
                               : own == nullptr                    ? 0
                                                                   : own->keep_alive_round;
  if (counts != timer.round) return;
  state.tcp.on_timer(timer.socket.index, timer.kind, now, effects);
}

void Host::lose_everything() {
  State& state = *state_;
  state.sockets.clear();
  state.processes.end_all();
  state.ports.clear();
  state.tcp.lose_everything();
  state.udp.lose_everything();
}

// ---- observation

bool Host::alive(SocketId socket) const { return state_->sockets.knows(socket); }

SocketView Host::view(SocketId socket) const {
  BOOST_ASSERT_MSG(alive(socket), "Host::view: the socket is alive");
  const SocketTable& sockets = state_->sockets;
  const SocketRecord& record = sockets[socket.index];
  SocketView view;
  view.process = {record.process};
  view.type = record.dgram ? SocketType::dgram : SocketType::stream;
  view.state = record.state;
  view.local = {record.local.spelled(record.family()), Port{record.local_port}};
  if (record.remote_port != 0) view.remote = Endpoint{record.remote.spelled(record.family()), Port{record.remote_port}};
  view.connect_bound = record.connect_bound;
  if (const SocketExtras* own = sockets.extras_if_any(record); own != nullptr && record.state == TcpState::listen) {
    view.queued = own->queued;
    view.half_open = own->half_open;
    view.half_open_peak = own->half_open_peak;
    view.backlog = own->backlog;
  }
  view.user_data = record.user_data;
  return view;
}

std::vector<SocketId> Host::sockets() const {
  const SocketTable& sockets = state_->sockets;
  std::vector<SocketId> live;
  for (SocketIndex index = 0; index < sockets.used(); ++index)
    if (sockets[index].is_live()) live.push_back(sockets.id(index));
  std::sort(live.begin(), live.end(), [](SocketId a, SocketId b) { return a.generation < b.generation; });
  return live;
}

std::uint64_t Host::time_wait_count() const { return state_->tcp.time_waits().in_time_wait(); }
std::uint64_t Host::time_wait_entries() const { return state_->tcp.time_waits().count(); }
std::uint64_t Host::peak_time_wait_entries() const { return state_->tcp.time_waits().peak(); }
const HostCounters& Host::counters() const { return state_->tcp.counters(); }
const RuleSet& Host::rules_reached() const { return state_->account.reached(); }

}  // namespace netlimits

#include "model/host/host.hpp"

#include <algorithm>
#include <utility>

#include "model/host/host_state.hpp"
#include "model/systems/setting.hpp"

namespace netlimits {
namespace {

const OsProfile& plain_profile() {
  static const OsProfile profile{};
  return profile;
}

}  // namespace

Host::State::State(std::shared_ptr<const HostConfig> own_config)
    : config(std::move(own_config)), addresses(*config), ports(profile().rules.bucket_revival) {}

const OsProfile& Host::State::profile() const { return config->profile ? *config->profile : plain_profile(); }

Host::Host(HostConfig config) : Host(std::make_shared<const HostConfig>(std::move(config))) {}
Host::Host(std::shared_ptr<const HostConfig> config, std::span<const AddressBlock> addresses)
    : state_(std::make_unique<State>(std::move(config))) {
  for (const AddressBlock& block : addresses) state_->addresses.add(block);
}
Host::Host(Host&&) noexcept = default;
Host& Host::operator=(Host&&) noexcept = default;
Host::~Host() = default;

const HostConfig& Host::config() const { return *state_->config; }
const Settings& Host::settings() const { return state_->settings(); }

Outcome<void> Host::write_setting(std::string_view name, std::string_view text) {
  State& state = *state_;
  const std::string& system = state.profile().system;
  auto changed = std::make_unique<Settings>(state.settings());
  const auto done = netlimits::write_setting(*changed, system.empty() ? "linux" : system, name, text);
  if (!done) return done;
  state.written = std::move(changed);
  state.views.clear();  // they hold the reserved ports and the rules of TIME_WAIT reuse
  return {};
}

void Host::add_address(AddressBlock block) { state_->addresses.add(block); }
bool Host::owns(IpAddress address) const { return state_->addresses.owns(AddressBits::of(address)); }

Outcome<SocketIndex> Host::State::open_socket(SocketId id) const {
  if (!sockets.knows(id) || !sockets[id.index].descriptor) return refuse(Error::ebadf, Rule::descriptor_not_open);
  return id.index;
}

SocketExtras& Host::State::extras_of(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.extras == no_extras) {
    if (free_extras.empty()) {
      record.extras = static_cast<std::uint32_t>(extras.size());
      extras.emplace_back();
    } else {
      record.extras = free_extras.back();
      free_extras.pop_back();
      extras[record.extras] = SocketExtras{};
    }
  }
  return extras[record.extras];
}

void Host::State::drop_extras(SocketRecord& record) {
  if (record.extras == no_extras) return;
  extras[record.extras] = SocketExtras{};
  free_extras.push_back(record.extras);
  record.extras = no_extras;
}

Outcome<SocketId> Host::socket(ProcessId process, Family family, SocketType type) {
  State& state = *state_;
  if (process.value >= state.processes.size() || !state.processes[process.value].alive)
    return refuse(Error::ebadf, Rule::process_ended);
  if (const auto refusal = state.descriptor_refusal(process.value)) return tl::unexpected(*refusal);
  const SocketIndex index = state.sockets.create();
  SocketRecord& record = state.sockets[index];
  record.process = process.value;
  record.descriptor = true;
  record.dgram = type == SocketType::dgram;
  record.inet6 = family == Family::inet6;
  record.v6_only = record.inet6 && state.settings().ipv6_only_by_default;
  record.local = AddressBits::any(family);
  record.descriptor_number = state.open_descriptor(process.value);
  state.open_file();
  return state.sockets.id(index);
}

Outcome<void> Host::close(SocketId socket, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  state.close_from(*found, state.sockets[*found].process, now, effects);
  return {};
}

void Host::set_user_data(SocketId socket, std::uint64_t user_data) {
  if (state_->sockets.knows(socket)) state_->sockets[socket.index].user_data = user_data;
}

void Host::lose_everything() {
  State& state = *state_;
  state.sockets.clear();
  state.tuples.clear();
  state.ports.clear();
  state.datagram_ports.reset();
  state.listeners.clear();
  state.views.clear();
  state.extras.clear();
  state.free_extras.clear();
  state.inherited.clear();
  state.known_peers.clear();
  state.open_files = 0;
  state.time_waits = 0;
  state.orphans = 0;
  for (State::Process& process : state.processes) {
    process.descriptors.close_all();
    process.alive = false;
  }
}

// ---- observation

bool Host::alive(SocketId socket) const { return state_->sockets.knows(socket); }

SocketView Host::view(SocketId socket) const {
  const State& state = *state_;
  const SocketRecord& record = state.sockets[socket.index];
  SocketView view;
  view.process = {record.process};
  view.type = record.dgram ? SocketType::dgram : SocketType::stream;
  view.state = record.state;
  view.local = {record.local.spelled(record.family()), Port{record.local_port}};
  if (record.remote_port != 0) view.remote = Endpoint{record.remote.spelled(record.family()), Port{record.remote_port}};
  view.connect_bound = record.connect_bound;
  if (const SocketExtras* own = state.extras_if_any(record); own != nullptr && record.state == TcpState::listen) {
    view.queued = own->queued;
    view.half_open = own->half_open;
    view.backlog = own->backlog;
  }
  view.user_data = record.user_data;
  return view;
}

std::uint64_t Host::time_wait_count() const { return state_->time_waits; }
std::uint64_t Host::peak_time_wait() const { return state_->peak_time_waits; }
std::uint64_t Host::orphan_count() const { return state_->orphans; }
const HostCounters& Host::counters() const { return state_->counters; }
const RuleSet& Host::rules_reached() const { return state_->reached; }

void Host::each_socket(const std::function<void(SocketId, const SocketView&)>& visit) const {
  const State& state = *state_;
  std::vector<SocketIndex> order;
  for (SocketIndex index = 0; index < state.sockets.used(); ++index)
    if (state.sockets[index].is_live()) order.push_back(index);
  std::sort(order.begin(), order.end(),
            [&](SocketIndex a, SocketIndex b) { return state.sockets[a].generation < state.sockets[b].generation; });
  for (const SocketIndex index : order) visit(state.sockets.id(index), view(state.sockets.id(index)));
}

}  // namespace netlimits

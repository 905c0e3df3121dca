// How a script's hosts begin, and what they say of their sockets.
#include "sim/script_world.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::sim {

std::optional<std::string> ScriptWorld::begin(const Script& script) {
  HostSlot slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    Host& host = on(slot);
    const auto writes = writing_order(host.settings(), host.config().profile->system, wanted.sysctl);
    if (!writes) return "the setting " + writes.error() + " cannot have that value";
    for (const auto& [setting, value] : *writes) static_cast<void>(host.write_setting(setting, value));
    for (const auto& [process_name, process] : wanted.processes) {
      ProcessConfig own;
      own.name = process_name;
      own.nofile = process.nofile;
      own.uid = process.uid;
      own.privileged = process.uid == 0;
      processes_.push_back({slot, host.add_process(std::move(own))});
    }
    ++slot;
  }
  return std::nullopt;
}

void ScriptWorld::keep(SocketSlot slot, HostSlot host, SocketId socket, SocketType type, bool nonblocking) {
  sockets_.resize(std::max<std::size_t>(sockets_.size(), slot + std::size_t{1}));
  sockets_[slot] = {host, socket, type, nonblocking, std::nullopt};
  on(host).set_user_data(socket, slot + std::uint64_t{1});
  if (nonblocking) on(host).set_nonblocking(socket, true);
}

bool ScriptWorld::under_way(SocketSlot socket) {
  const TcpState state = state_of(socket);
  return state == TcpState::syn_sent || state == TcpState::syn_received;
}

std::optional<Port> ScriptWorld::port_of(SocketSlot socket) {
  const auto name = host_of(socket).local_name(id(socket));
  if (!name || name->port.value == 0) return std::nullopt;
  return name->port;
}

void ScriptWorld::settle() {
  while (const auto told = network_.next_told()) {
    if (const auto* notice = std::get_if<Notice>(&told->what)) hear(*notice);
  }
}

void ScriptWorld::hear(const Notice& notice) {
  if (notice.kind != NoticeKind::connect_failed || notice.user_data == 0) return;
  ScriptedSocket& socket = sockets_[static_cast<std::size_t>(notice.user_data - 1)];
  if (socket.id == notice.socket) socket.failure = notice.error.value_or(Refusal{Error::econnrefused, {}, {}});
}

}  // namespace netlimits::sim

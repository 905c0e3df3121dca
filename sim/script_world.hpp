// The hosts, processes and sockets of a socket script on the model, and the time that its calls take.
//
// The clock stands still during a call, and moves from event to event while one waits.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "model/net/bounded_time.hpp"
#include "model/script/script_interpreter.hpp"
#include "sim/network.hpp"
#include "sim/script_layout.hpp"

namespace netlimits::sim {

class ScriptWorld {
 public:
  // The layout has to outlive it.
  explicit ScriptWorld(const ScriptLayout& layout) : network_(layout) {}

  // Gives the hosts their settings and their processes, as the script of the layout says. Says why it cannot.
  std::optional<std::string> begin(const Script& script);

  struct ScriptedProcess {
    HostSlot host;
    ProcessId id;
  };
  struct ScriptedSocket {
    HostSlot host = 0;
    SocketId id;
    SocketType type = SocketType::stream;
    bool nonblocking = false;
    std::optional<Refusal> failure;  // of a connection in progress, not told yet
  };

  Network& network() { return network_; }
  const Network& network() const { return network_; }
  Host& on(HostSlot host) { return network_.instance(host).host; }
  const ScriptedProcess& process_at(ProcessSlot process) const { return processes_[process]; }

  // ---- sockets; each was kept before
  void keep(SocketSlot slot, HostSlot host, SocketId socket, SocketType type, bool nonblocking);
  ScriptedSocket& socket_at(SocketSlot socket) { return sockets_[socket]; }
  SocketId id(SocketSlot socket) const { return sockets_[socket].id; }
  Host& host_of(SocketSlot socket) { return on(sockets_[socket].host); }
  TcpState state_of(SocketSlot socket) { return host_of(socket).view(id(socket)).state; }
  bool under_way(SocketSlot socket);
  std::optional<Port> port_of(SocketSlot socket);  // nothing: it has none yet
  bool has_port(SocketSlot socket) { return port_of(socket).has_value(); }

  // ---- time
  // `host_call(host, socket, now, effects)`, and all that follows from it at this instant.
  template <class HostCall>
  auto call(SocketSlot socket, HostCall&& host_call) {
    auto result = network_.call(sockets_[socket].host, [&](Host& host, Effects& effects) {
      return host_call(host, id(socket), network_.now(), effects);
    });
    settle();
    return result;
  }
  // Lets everything happen that follows at this instant.
  void settle();
  // Until `done`, at most for `patience`.
  template <class Done>
  void wait_until(Duration patience, const Done& done) {
    const SimTime deadline = std::min(later(network_.now(), patience), last_moment);
    while (!done()) {
      if (!network_.next_event(deadline)) return network_.rest_until(deadline);
      settle();
    }
  }

 private:
  void hear(const Notice& notice);

  Network network_;
  std::vector<ScriptedProcess> processes_;
  std::vector<ScriptedSocket> sockets_;
};

}  // namespace netlimits::sim

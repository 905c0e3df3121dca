// What a socket asks of the outside: a timer, or a word to its program.
#pragma once

#include <optional>

#include "model/sockets/effects.hpp"
#include "model/sockets/socket_table.hpp"

namespace netlimits {

// A socket has one timer that counts: the new one outdates it.
inline void set_timer(SocketTable& sockets, SocketIndex index, TimerKind kind, SimTime at, Effects& effects) {
  SocketRecord& record = sockets[index];
  ++record.timer_round;
  effects.timers.push_back({at, sockets.id(index), kind, record.timer_round});
}

inline void notify(const SocketTable& sockets, SocketIndex index, NoticeKind kind, Effects& effects,
                   std::optional<Refusal> error = std::nullopt) {
  effects.notices.push_back({kind, sockets.id(index), sockets[index].user_data, error});
}

}  // namespace netlimits

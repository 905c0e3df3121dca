// The TCP sockets of the network namespace that the calling thread is in, through NETLINK_SOCK_DIAG: TIME_WAIT entries
// and half-open requests included, whichever process holds them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "live/unavailable.hpp"
#include "model/endpoint.hpp"
#include "model/host.hpp"

namespace netlimits::live {

struct SeenSocket {
  TcpState state = TcpState::closed;
  FourTuple tuple;            // as packets carry it: v4-mapped addresses as IPv4
  std::uint32_t queued = 0;   // LISTEN: connections in the accept queue
  std::uint32_t backlog = 0;  // LISTEN: its bound
  std::uint64_t inode = 0;    // of the descriptor; 0: no process has one (in an accept queue, TIME_WAIT)
};

// One bit a state, as 1 << TcpState.
constexpr std::uint32_t state_bit(TcpState state) { return 1U << static_cast<unsigned>(state); }
inline constexpr std::uint32_t all_states = ~0U;

// Calls `visit` for each TCP socket of both families in one of the states.
SystemResult<void> each_tcp_socket(std::uint32_t states, const std::function<void(const SeenSocket&)>& visit);

// Ends the sockets with these four-tuples (local: as seen in this namespace) at once, with a reset to the peer; their
// programs see ECONNABORTED. Sockets that are gone already are passed over. Fails when the kernel was built without
// INET_DIAG_DESTROY.
SystemResult<void> destroy_tcp_sockets(std::span<const FourTuple> tuples);

}  // namespace netlimits::live

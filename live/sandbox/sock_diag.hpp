// The TCP sockets of the network namespace that the calling thread is in, through NETLINK_SOCK_DIAG: TIME_WAIT entries
// and half-open requests included, whichever process holds them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "live/sandbox/unavailable.hpp"
#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"
#include "model/sockets/socket.hpp"

namespace netlimits::live {

struct SeenSocket {
  TcpState state = TcpState::closed;
  FourTuple tuple;            // as packets carry it: v4-mapped addresses as IPv4
  std::uint32_t queued = 0;   // LISTEN: connections in the accept queue
  std::uint32_t backlog = 0;  // LISTEN: its bound
  std::uint32_t mark = 0;     // SO_MARK, of a TIME_WAIT entry too; told only to whom CAP_NET_ADMIN is given here
  std::uint64_t inode = 0;    // of the descriptor; 0: no process has one (in an accept queue, TIME_WAIT)
  // A TIME_WAIT or light FIN_WAIT_2 entry, for which there is no socket any more: how long it is there yet.
  std::optional<Duration> entry_ends_after{};
};

// One bit a state, as 1 << TcpState.
constexpr std::uint32_t state_bit(TcpState state) { return 1U << static_cast<unsigned>(state); }
inline constexpr std::uint32_t all_states = ~state_bit(TcpState::closed);
// Sockets that are bound and nothing else yet. Linux tells of them from 6.8 on (net/ipv4/inet_diag.c,
// inet_diag_dump_icsk, TCPF_BOUND_INACTIVE); an older kernel lists none. A socket that bind() left without a port is in
// no list at all.
inline constexpr std::uint32_t bound_only = state_bit(TcpState::closed);

// Calls `visit` for each TCP socket of both families in one of the states.
SystemResult<void> each_tcp_socket(std::uint32_t states, const std::function<void(const SeenSocket&)>& visit);

// Ends the sockets with these four-tuples (local: as seen in this namespace) at once, with a reset to the peer; their
// programs see ECONNABORTED. Sockets that are gone already are passed over. Fails when the kernel was built without
// INET_DIAG_DESTROY.
SystemResult<void> destroy_tcp_sockets(std::span<const FourTuple> tuples);

}  // namespace netlimits::live

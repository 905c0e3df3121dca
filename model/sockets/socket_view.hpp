// A socket and a descriptor table as an observer sees them.
#pragma once

#include <cstdint>
#include <optional>

#include "model/net/endpoint.hpp"
#include "model/sockets/socket.hpp"

namespace netlimits {

// Occupancy of one process's descriptors.
struct DescriptorUse {
  std::uint64_t open = 0;
  std::uint64_t peak = 0;
  std::uint64_t limit = 0;
};

struct SocketView {  // a copy of what getsockname(), getpeername(), ss would tell
  ProcessId process{};
  SocketType type = SocketType::stream;
  TcpState state = TcpState::closed;
  Endpoint local{};  // as the program spells it: v4-mapped for an IPv6 socket on IPv4
  std::optional<Endpoint> remote{};
  bool connect_bound = false;        // its port was chosen by connect(): connect() may share it
  std::uint32_t queued = 0;          // listener: connections in the accept queue
  std::uint32_t half_open = 0;       // listener: requests in the SYN queue
  std::uint32_t half_open_peak = 0;  // listener: at most
  std::uint32_t backlog = 0;         // listener: min(backlog, somaxconn)
  std::uint64_t user_data = 0;
};

}  // namespace netlimits

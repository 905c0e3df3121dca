// Lists of TCP sockets as text: `ss -tanpo` (iproute2), `netstat -anpo` (net-tools), and the kernel's own /proc/net/tcp
// and /proc/net/tcp6.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/machine/collected.hpp"
#include "model/machine/machine.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct SocketListing {
  std::vector<MachineSocket> sockets{};
  bool others = false;    // rows of other protocols were passed over
  std::uint64_t cut = 0;  // rows left out, their addresses cut to the width of a column
};

// Columns: State Recv-Q Send-Q Local-Address:Port Peer-Address:Port, then users:((...)) and timer:(...) in any order,
// also on a further line. A heading is not needed. With a first column Netid only its rows "tcp" count; without it, a
// list that has datagram sockets' states alone, UNCONN among them, is theirs. Ports have to be numbers (-n).
// MachineSocket::of_process is set for the sockets that `process` holds.
Loaded<SocketListing> read_ss_listing(const CollectedText& text, std::optional<std::uint64_t> process);

// `netstat -anpo` of net-tools or busybox: Proto Recv-Q Send-Q Local-Address Foreign-Address State, then more. It does
// not tell the bound of an accept queue.
Loaded<SocketListing> read_netstat_listing(const CollectedText& text, std::optional<std::uint64_t> process);

// net/ipv4/tcp_ipv4.c, tcp4_seq_show; net/ipv6/tcp_ipv6.c, tcp6_seq_show. Addresses are printed as numbers of the
// machine's own byte order: the text has to come from a little-endian machine. The bound of an accept queue, and
// sockets that are only bound, are not in it.
Loaded<std::vector<MachineSocket>> read_proc_net_tcp(const CollectedText& text);

}  // namespace netlimits::scenarios

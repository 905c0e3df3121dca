// What a measured machine has left: limit by limit, and how many more connections it can make to one destination.
//
// The answer to the question is the capacity of a scenario made of the machine as it is and of a far end that takes
// everything (analysis/capacity.hpp), so that whoever pastes the host into a scenario gets the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/interval.hpp"
#include "model/machine/machine.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

enum class HeadroomUnit : std::uint8_t {
  descriptors,
  files,
  ports,
  connections,
  entries,
  sockets,
  bytes,
  pages,
  processes
};

struct HeadroomRow {
  Limit limit{};
  Place place{};
  std::string part{};  // what of the place, where that is nothing of a scenario: "control group /a", "net.ipv4.tcp_mem"
  HeadroomUnit unit{};
  std::optional<std::uint64_t> capacity{};  // nothing: no limit is set, or none is known
  std::optional<std::uint64_t> used{};      // nothing: not determined
  bool from_profile = false;                // the capacity was not seen: it is the profile's
  // How many more outbound connections of one program it lets through; nothing: it does not bound them.
  std::optional<std::uint64_t> connections{};
  bool estimated = false;  // `connections` is a rough figure, and does not count for what binds
  bool binds_first = false;
  std::string note{};

  std::string where() const { return part.empty() ? place.text() : place.text() + " " + part; }
  std::optional<std::uint64_t> headroom() const {
    if (!capacity || !used) return std::nullopt;
    return *capacity > *used ? *capacity - *used : 0;
  }
};

// Connections with automatic ports that one local address has towards one endpoint.
struct DestinationUse {
  IpAddress from{};
  Endpoint to{};
  std::uint64_t open = 0;
  std::uint64_t ended = 0;       // entries in TIME_WAIT or light FIN_WAIT_2
  std::uint64_t takeover = 0;    // of those, what connect() may take over now
  Interval ports{};              // of the pool: as if there were none
  Interval headroom{};           // left of them
  std::uint64_t of_process = 0;  // connections of the process that was asked for
};

struct SourceUse {
  IpAddress from{};
  bool chosen = false;  // what a program has that does not bind; others it must bind without a port
  std::uint64_t used = 0;
  Interval headroom{};
};

struct SocketTally {
  TcpState state{};  // closed: bound only
  std::uint64_t all = 0;
  std::uint64_t of_process = 0;  // meaningful where Machine::owners_seen
};

struct Headroom {
  Scenario question{};  // the machine, the far end, and one program that connects for ever
  Capacity answer{};    // of it, less what a scenario cannot say (connection tracking)
  // Routing has no way to `to`: the answer is none, and connect() ends with this at once.
  std::optional<Error> no_way{};
  std::optional<Endpoint> to{};    // nothing: a destination that nobody is connected to
  bool listener_in_doubt = false;  // whether anybody listens at `to` is not determined: the answer is as if one did
  // Connections wait in the queue at `to`, which is full: whether its program goes on to accept is not determined, and
  // the answer is as if it did. So many.
  std::optional<std::uint64_t> waiting_in_full_queue{};
  std::optional<std::uint64_t>
      least{};  // if the ports in doubt were bound by their programs (model/machine/machine_host.hpp)
  std::vector<HeadroomRow> rows{};
  std::vector<DestinationUse> destinations{};  // the fullest first
  std::vector<SourceUse> sources{};            // towards `to`, as routing prefers them
  std::vector<SocketTally> sockets{};          // states that occur, in the order of their life
  std::vector<std::string> notes{};            // about the answer, one sentence each
};

// `host`: host_of(machine). The destination has to be one that a host can have (no wildcard, no multicast).
Headroom headroom(const Machine& machine, const HostGroup& host, const std::optional<Endpoint>& to);

}  // namespace netlimits::analysis

// A gateway with source NAT as a node of a network: it rewrites the source of what its clients send, and the
// destination of what comes back, and remembers which of its ports each connection was given.
//
// What must be unique is (its address, its port, the destination): the tuple that the far end sees. A connection that
// is over keeps its port for a while (model/path/nat_settings.hpp), and so does one that nobody answers. A SYN without
// a port is dropped, and its client sends it again, or it is answered with a reset. What comes from outside and belongs
// to no connection is dropped.
//
// Source: net/netfilter/nf_nat_core.c and nf_conntrack_proto_tcp.c; measured on 6.18. As there, a SYN of a connection
// that is over begins a new one, with a port of its own; one that is not over yet goes on with what it has. A SYN that
// is answered by a reset leaves no entry ("if only reply is a RST", nf_conntrack_tcp_packet). Left out: that netfilter
// prefers the port that another connection of the same client port was given (find_appropriate_src), which decides
// which port it is and not how many there are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/path/balancer_flows.hpp"
#include "model/path/conntrack_settings.hpp"
#include "model/path/early_drop.hpp"
#include "model/path/nat_port_search.hpp"
#include "model/path/nat_settings.hpp"
#include "model/sockets/effects.hpp"

namespace netlimits {

class GatewayFlows {
 public:
  using Draw = std::function<std::uint32_t()>;

  // `salt` stands for what makes the clients' first sequence numbers unforeseeable. `table`: how many connections it
  // can have at all; their times are those of `settings`. Nothing: no bound but its ports.
  GatewayFlows(std::vector<IpAddress> addresses, const NatSettings& settings, std::uint32_t salt,
               const std::optional<ConntrackSettings>& table = std::nullopt);

  bool has(const IpAddress& address) const;

  // Takes in a segment of the client host with that number, on its way out. It goes on rewritten in effects.segments,
  // or comes back as a reset; a SYN without a port is in effects.drops (nat_ports; nat_block where the client's own
  // block is full), and so is one without an entry (conntrack_entries), which nobody is told of.
  void outward(std::uint64_t client, const Segment& segment, SimTime now, Effects& effects, const Draw& draw);
  // Takes in a segment for one of its addresses: it goes on to a client.
  void inward(const Segment& segment, SimTime now, Effects& effects);

  // A connection as its client sees it, by how the far end does. Nothing: it is none of this gateway's.
  std::optional<FourTuple> client_view(const FourTuple& outside) const;

  // Ports towards one destination, of all its addresses, or of one client's block.
  struct Pool {
    std::uint64_t capacity = 0;
    std::uint64_t used = 0;  // at the last SYN that asked for one; those of connections that are over included
    std::uint64_t peak = 0;
  };
  struct PoolKey {
    Endpoint destination{};
    std::uint64_t client = 0;  // whose block; 0: everybody's
    auto operator<=>(const PoolKey&) const = default;
  };
  const std::map<PoolKey, Pool>& pools() const { return pools_; }

  // Of its table, those that are held from the beginning included. Nothing: it has none.
  std::optional<Pool> table() const {
    return table_ ? std::optional(Pool{table_->max, table_->held + flows_.size(), most_entries_}) : std::nullopt;
  }

 private:
  struct Flow {
    Endpoint outside{};  // the gateway's address and port
    std::uint64_t client = 0;
    std::uint64_t began = 0;  // which of them it is
    SimTime ends{};           // when its port is free again, if nothing more comes; end_of_time: never
    bool answered = false;
    bool client_closed = false;
    bool server_closed = false;
    bool reset = false;

    bool over() const { return (client_closed && server_closed) || reset; }
  };
  struct Ending {
    SimTime at{};
    std::uint64_t began = 0;
    FourTuple client{};
    bool operator>(const Ending& other) const { return std::pair(at, began) > std::pair(other.at, other.began); }
  };
  using Flows = std::unordered_map<FourTuple, Flow, FourTupleHash>;

  PoolKey key_of(std::uint64_t client, const Endpoint& destination) const;
  Pool& pool_of(std::uint64_t client, const Endpoint& destination);
  std::uint32_t block_of(std::uint64_t client);
  std::optional<Endpoint> choose(std::uint64_t client, const FourTuple& tuple, const Draw& draw);
  std::optional<Port> port_at(const IpAddress& address, const PortRange& range, const FourTuple& tuple,
                              const Draw& draw) const;
  NatPort state_of(const FourTuple& outside, const FourTuple& taker) const;
  std::uint32_t sequence_number(const FourTuple& client) const;
  void note(Flows::iterator found, const Segment& segment, bool from_client, SimTime now);
  SimTime end_of(const Flow& flow, SimTime now) const;
  // Asked by a SYN that begins a connection: makes room where it can.
  bool has_room(const FourTuple& newcomer, SimTime now);
  void answered(Flows::iterator found);
  void end_what_is_due(SimTime now);
  void release(Flows::iterator found);

  std::vector<IpAddress> addresses_;
  NatSettings settings_;
  std::uint32_t salt_;
  std::optional<ConntrackSettings> table_;
  std::optional<EarlyDrop> unanswered_;
  std::uint64_t most_entries_ = 0;
  Flows flows_;                                                         // by the client's view
  std::unordered_map<FourTuple, FourTuple, FourTupleHash> by_outside_;  // {own, destination}: the client's view
  std::map<std::pair<IpAddress, Endpoint>, std::uint32_t> in_use_;      // ports of an address towards a destination
  std::map<PoolKey, Pool> pools_;
  std::unordered_map<std::uint64_t, std::uint32_t> blocks_;  // by client, in the order in which they first asked
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  std::uint64_t flows_begun_ = 0;
};

}  // namespace netlimits

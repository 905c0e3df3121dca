// Pass-through balancers as nodes of a network: each rewrites the destination of what comes from a client and the
// source of what comes back, and remembers which back end each client four-tuple was given.
//
// As nftables' "dnat to" does it on a machine that all traffic crosses: the client's address stays, and its port too
// unless the back end would then see two connections with one four-tuple (a client's port towards the balancer and the
// same port towards the back end itself, or towards another balancer of that back end). The later one gets another port
// then, as netfilter gives every connection that it tracks a tuple of its own (net/netfilter/nf_nat_core.c,
// get_unique_tuple and nf_nat_l4proto_unique_tuple: from the part of the field in which the client's own port lies, at
// random there, from where the port decides here: nobody can see which). Measured on 6.18. LVS keeps the port, and the
// later connection is lost. All balancers of a network share one table, as those of one machine do.
//
// How long a flow is remembered: until it is answered, for 120 s after its last SYN (unanswered_keeps_its_turn;
// measured on 6.18: a client that gave up and takes the same port again within that time is sent to the same back end,
// and takes no turn; after it, it takes one); while it lives, for ever (a conntrack entry of an established connection
// lasts five days, and what only one end closed may go on); once both ends have closed it, or one has reset it, for 120
// s after its last segment. That is the longest of conntrack's times for what is over
// (nf_conntrack_tcp_timeout_time_wait; a reset one: 10 s), and no shorter than any system's TIME_WAIT, so that a FIN
// said again still finds its way. A flow that was forgotten too early would send late segments past the balancer; one
// that is remembered longer changes nothing, because a SYN begins a flow of its own as soon as the old one is closing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/path/balancer.hpp"
#include "model/sockets/effects.hpp"

namespace netlimits {

struct FourTupleHash {
  std::size_t operator()(const FourTuple& tuple) const noexcept { return hash_value(tuple); }
};

// What a balancer stands for: clients connect to `endpoint` and get one of `back_ends`, in the order of the rotation.
struct BalancedEndpoint {
  Endpoint endpoint{};
  std::vector<Endpoint> back_ends{};
};

class BalancerFlows {
 public:
  // Balancers are known by their position. Requires: no two have the same endpoint.
  explicit BalancerFlows(std::vector<BalancedEndpoint> balancers);
  // Room for so many flows ahead of time.
  void reserve(std::size_t flows) { flows_.reserve(flows); }

  std::size_t size() const { return balancers_.size(); }

  // Does one stand there?
  bool stands_at(const Endpoint& endpoint) const { return by_endpoint_.contains(endpoint); }

  // ---- the way: which balancer a segment with this four-tuple (as its sender sees it) has to pass
  // The one that stands at the destination, or else the one that carries the flow to which a back end answers.
  std::optional<std::size_t> on_the_way(const FourTuple& tuple) const;

  // ---- the node
  // Takes a segment in: it goes on rewritten in effects.segments. A segment of no flow, and a SYN while no back end is
  // up, is dropped (effects.drops, back_end_down).
  void deliver(std::size_t balancer, const Segment& segment, SimTime now, Effects& effects);
  // Marks a back end up or down. A flow that is there already stays where it is.
  void set_up(std::size_t balancer, const Endpoint& back_end, bool up);
  // Ends all flows of a back end: a reset to both ends of each.
  void end_flows(std::size_t balancer, const Endpoint& back_end, SimTime now, Effects& effects);

  // A segment that passes no balancer, on its way between two hosts: the four-tuple with which it goes on. It differs
  // for connections straight to a back end whose own four-tuple a balancer has given away already.
  FourTuple past(const Segment& segment, SimTime now);

  // The client's view of a connection that a back end sees as `server`, or the reverse of `server` when nobody rewrites
  // it.
  FourTuple client_view(const FourTuple& server) const;

  struct BackEndCount {
    std::uint64_t connections = 0;
    std::uint64_t open = 0;  // answered by the back end and not ended
  };
  const BackEndCount& counts(std::size_t balancer, std::size_t back_end) const {
    return balancers_[balancer].counts[back_end];
  }
  // Flows that are remembered, those that are over included.
  std::size_t remembered() const { return flows_.size(); }

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};

  struct Flow {
    std::uint32_t balancer;  // nobody: straight to the back end
    std::uint32_t back_end;
    Port client_port;     // as the back end sees it
    std::uint64_t began;  // which of them is the latest
    SimTime last_segment{};
    bool client_closed = false;
    bool server_closed = false;
    bool reset = false;
    bool answered = false;  // the back end took the connection: a SYN+ACK passed

    bool closing() const { return client_closed || server_closed || reset; }
    bool over() const { return (client_closed && server_closed) || reset; }
  };
  struct Running {
    BalancedEndpoint configuration;
    RoundRobin rotation;
    std::vector<BackEndCount> counts;
  };
  struct Over {  // a flow to forget, if it is still the same one
    FourTuple client;
    std::uint64_t began;
    SimTime at;
  };
  using Flows = std::unordered_map<FourTuple, Flow, FourTupleHash>;

  void towards_back_end(std::size_t balancer, const Segment& segment, SimTime now, Effects& effects);
  void towards_client(Flows::iterator found, const Segment& segment, SimTime now, Effects& effects);
  // Does a new SYN begin a new flow, in place of this one?
  static bool begins_anew(const Flow& flow, SimTime now);
  void note(Flows::iterator found, const Segment& segment, bool from_client, SimTime now);
  void forget_what_is_over(SimTime now);
  // Counts of a flow's back end; null for one that no balancer carries.
  BackEndCount* counted(const Flow& flow);
  FourTuple server_view(const FourTuple& client, const Flow& flow) const;
  // The flow of a connection that a back end sees as `server`. end(): none.
  Flows::const_iterator flow_of(const FourTuple& server) const;
  // Begins a flow, in place of one that has the same client's view.
  Flows::iterator begin(const FourTuple& client, std::uint32_t balancer, std::uint32_t back_end,
                        const Endpoint& server);
  void forget(Flows::iterator found);

  std::vector<Running> balancers_;
  std::map<Endpoint, std::size_t> by_endpoint_;
  std::map<Endpoint, std::vector<std::size_t>> carriers_;  // of a back end's endpoint: the balancers that have it
  Flows flows_;                                            // by the client's view
  // Those whose port is another one than the client's: by the back end's view the client's.
  std::unordered_map<FourTuple, FourTuple, FourTupleHash> changed_;
  std::deque<Over> over_;  // in about the order in which they may be forgotten
  std::uint64_t flows_begun_ = 0;
};

}  // namespace netlimits

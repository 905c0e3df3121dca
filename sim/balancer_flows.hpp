// The flows that pass-through balancers carry: which back end each client four-tuple was given, and the way back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/net/segment.hpp"
#include "model/path/balancer.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

struct FourTupleHash {
  std::size_t operator()(const FourTuple& tuple) const noexcept { return hash_value(tuple); }
};

// Both ends of a carried connection, as each end sees it.
struct FlowEnds {
  FourTuple client;  // client -> balancer's endpoint
  FourTuple server;  // back end -> client
};

class BalancerFlows {
 public:
  explicit BalancerFlows(const Scenario& scenario);

  bool none() const { return balancers_.empty(); }
  std::optional<std::size_t> balancer_at(const Endpoint& endpoint) const;
  const Balancer& configuration(std::size_t balancer) const { return *balancers_[balancer].configuration; }

  // A segment from a client to the balancer's endpoint, rewritten to go on to a back end. Nothing when no back end is
  // up or the segment belongs to no flow.
  std::optional<Segment> towards_back_end(std::size_t balancer, const Segment& segment);
  // A segment from a back end, rewritten to come from the balancer's endpoint, with the balancer that carries it.
  // Nothing when it belongs to no flow.
  std::optional<std::pair<std::size_t, Segment>> towards_client(const Segment& segment);

  // The client's view of a connection that a back end sees as `server`, or the reverse of `server` when no balancer
  // carries it.
  FourTuple client_view(const FourTuple& server) const;

  // Marks back ends down or up; a flow that is already there stays where it is.
  void set_up(std::size_t balancer, const Endpoint& back_end, bool up);
  // Ends all flows of a back end and returns them.
  std::vector<FlowEnds> end_flows(std::size_t balancer, const Endpoint& back_end);

  struct BackEndCount {
    std::uint64_t connections = 0;
    std::uint64_t open = 0;  // answered by the back end and not ended
  };
  const BackEndCount& counts(std::size_t balancer, std::size_t back_end) const {
    return balancers_[balancer].counts[back_end];
  }
  std::size_t size() const { return balancers_.size(); }

 private:
  struct Flow {
    std::uint32_t balancer;
    std::uint32_t back_end;
    bool ending;            // a FIN or a reset passed: a new SYN starts a new flow
    bool answered;          // the back end took the connection: a SYN+ACK passed
    std::uint64_t began{};  // which of them is the latest
  };
  struct Running {
    const Balancer* configuration;
    RoundRobin rotation;
    std::vector<BackEndCount> counts;
  };

  void note_end(Flow& flow, const Segment& segment);
  // The flow of a connection that a back end sees as `server`, with the client's view of it; the latest, should two
  // balancers carry the same client's port to the same back end. end(): none.
  using Flows = std::unordered_map<FourTuple, Flow, FourTupleHash>;
  Flows::const_iterator flow_of(const FourTuple& server) const;

  std::vector<Running> balancers_;
  std::map<Endpoint, std::size_t> by_endpoint_;
  std::map<Endpoint, std::vector<std::size_t>> carriers_;  // of a back end's endpoint: the balancers that have it
  Flows flows_;                                            // by the client's view
  std::uint64_t flows_begun_ = 0;
};

}  // namespace netlimits::sim

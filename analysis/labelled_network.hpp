// A flow network some of whose edges are limits: the cut comes back in the words of limits and places.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "analysis/client_plan.hpp"
#include "analysis/flow_network.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

class LabelledNetwork {
 public:
  using Node = FlowNetwork::Node;

  explicit LabelledNetwork(const NetworkQuestion& question) : question_(&question) {}

  const NetworkQuestion& question() const { return *question_; }

  Node add_node() { return network_.add_node(); }
  void add(Node from, Node to, std::uint64_t capacity = FlowNetwork::unlimited) {
    network_.add_edge(from, to, capacity);
  }
  // A limit, unless the question lifts it. `final`: nothing lifts it.
  void add_limit(Node from, Node to, const Interval& capacity, Limit limit, const Place& place, bool final = false);
  // What a balancer deals out to one back end: no limit, but it can lie in the cut when fewer arrive than were asked
  // for.
  void add_share(Node from, Node to, std::uint64_t capacity) { shares_.insert(network_.add_edge(from, to, capacity)); }
  // An unlimited edge whose flow is wanted back.
  void add_meter(Node from, Node to) { meters_.push_back(network_.add_edge(from, to, FlowNetwork::unlimited)); }

  void note_chance() { left_to_chance_ = true; }
  bool left_to_chance() const { return left_to_chance_; }

  struct Solved {
    std::uint64_t flow = 0;
    std::vector<CutLimit> cut{};
    bool share_in_cut = false;
    std::vector<std::uint64_t> metered{};  // in the order of add_meter()
  };
  Solved solve() const;

 private:
  const NetworkQuestion* question_;
  FlowNetwork network_{};
  std::map<FlowNetwork::Edge, CutLimit> labels_{};
  std::set<FlowNetwork::Edge> shares_{};
  std::vector<FlowNetwork::Edge> meters_{};
  bool left_to_chance_ = false;
};

// `count` times as much, as far as the network can tell apart.
Interval times(const Interval& each, std::uint64_t count);

// What a resource that both ends draw from lets through on one side. An odd one that is left over can still be a
// client's end whose other end waits to be accepted.
Interval shared_by_ends(std::uint64_t free, Ends ends, bool with_waiting = false);

}  // namespace netlimits::analysis

// A flow network some of whose edges are limits: the cut comes back in the words of limits and places.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "analysis/flow_network.hpp"
#include "analysis/interval.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

// Places that differ in their endpoint alone, and stand for the same in a network: one edge is all of them.
// They outlive the network that is given them. Nothing: one place, as it is.
using PlacesAlike = const std::vector<Endpoint>*;

class LabelledNetwork {
 public:
  using Node = FlowNetwork::Node;

  explicit LabelledNetwork(const NetworkQuestion& question) : question_(&question) {}

  const NetworkQuestion& question() const { return *question_; }

  Node add_node() { return network_.add_node(); }
  void add(Node from, Node to, std::uint64_t capacity = FlowNetwork::unlimited) {
    network_.add_edge(from, to, capacity);
  }
  // A limit, unless the question lifts it. `final`: nothing lifts it. `alike`: as many limits of this capacity each;
  // all of them are lifted or none.
  void add_limit(Node from, Node to, const Interval& capacity, Limit limit, const Place& place, bool final = false,
                 PlacesAlike alike = nullptr);
  // What several limits let through together. Once one of them is lifted it bounds nothing.
  void add_joint_limit(Node from, Node to, std::uint64_t capacity, const std::vector<CutLimit>& limits);
  // What a balancer deals out to one back end: no limit, but it can lie in the cut when fewer arrive than were asked
  // for.
  void add_share(Node from, Node to, std::uint64_t capacity) { shares_.insert(network_.add_edge(from, to, capacity)); }

  // What gets past its own host where that is less than was asked for: no limit, but where it lies in the cut, those
  // behind it that are as full are what bounds: the nearest of them, as a connection meets that one first.
  void add_admitted(Node from, Node to, std::uint64_t capacity) {
    admitted_.insert(network_.add_edge(from, to, capacity));
  }

  void note_draw() { depends_on_draws_ = true; }
  bool depends_on_draws() const { return depends_on_draws_; }

  struct Solved {
    std::uint64_t flow = 0;
    std::vector<CutLimit> cut{};
    bool share_in_cut = false;
  };
  // Without names: only the flow.
  Solved solve(Naming naming) const;

 private:
  struct Label {
    CutLimit limit{};
    PlacesAlike alike = nullptr;
  };

  const NetworkQuestion* question_;
  FlowNetwork network_{};
  std::map<FlowNetwork::Edge, std::vector<Label>> labels_{};
  std::set<FlowNetwork::Edge> shares_{};
  std::set<FlowNetwork::Edge> admitted_{};
  bool depends_on_draws_ = false;
};

// `count` times as much, as far as the network can tell apart.
Interval times(const Interval& each, std::uint64_t count);

}  // namespace netlimits::analysis

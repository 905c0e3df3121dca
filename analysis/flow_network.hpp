// Maximum flow and minimum cut, on a Boost.Graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace netlimits::analysis {

class FlowNetwork {
 public:
  using Node = std::size_t;
  using Edge = std::size_t;
  // Room for all: no sum of the capacities that a scenario can state reaches it.
  static constexpr std::uint64_t unlimited = std::uint64_t{1} << 60U;

  FlowNetwork() : nodes_(2) {}
  static constexpr Node source = 0;
  static constexpr Node sink = 1;

  Node add_node() { return nodes_++; }
  // Capacities above `unlimited` count as unlimited.
  Edge add_edge(Node from, Node to, std::uint64_t capacity);

  std::uint64_t flow() const;  // of solve(), without the cut

  struct Solution {
    std::uint64_t flow = 0;
    std::vector<std::uint64_t> through{};  // by edge
    // The edges of the minimum cut that lies nearest to the source, in the order they were added. Of those that may be
    // taken to have no bound only the ones behind which something has room as far as the sink are part of it.
    std::vector<Edge> cut{};
    // Where such an edge is part of it: those of the minimum cut that lies nearest to the sink which it leads to.
    std::vector<Edge> behind_unbounded{};
  };
  // `unbounded`: edges of the cut that may as well have no bound, where the cut can be had without them; see `cut`.
  Solution solve(const std::set<Edge>& unbounded = {}) const;

 private:
  struct Arc {
    Node from;
    Node to;
    std::uint64_t capacity;
  };
  std::size_t nodes_;
  std::vector<Arc> arcs_{};
};

}  // namespace netlimits::analysis

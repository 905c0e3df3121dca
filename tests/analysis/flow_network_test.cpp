// Flow and cut on small networks and on random ones.
#include "analysis/flow_network.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include "tests/catch.hpp"

using namespace netlimits::analysis;

TEST_CASE("the cut that is reported is the one nearest to the source") {
  FlowNetwork network;
  const auto middle = network.add_node();
  const auto first = network.add_edge(FlowNetwork::source, middle, 5);
  network.add_edge(middle, FlowNetwork::sink, 5);
  const auto solution = network.solve();
  CHECK(solution.flow == 5);
  CHECK(solution.cut == std::vector<FlowNetwork::Edge>{first});
  CHECK(solution.through == std::vector<std::uint64_t>{5, 5});
}

TEST_CASE("a network without a way has an empty flow, and unlimited edges carry what others allow") {
  FlowNetwork network;
  CHECK(network.solve().flow == 0);
  const auto node = network.add_node();
  network.add_edge(FlowNetwork::source, node, FlowNetwork::unlimited);
  network.add_edge(node, FlowNetwork::sink, 3);
  network.add_edge(node, FlowNetwork::sink, ~std::uint64_t{0});
  CHECK(network.solve().flow == FlowNetwork::unlimited);
}

TEST_CASE("in any network the flow is kept at every node and equals the capacity of the cut") {
  CHECK(rc::check([] {
    const auto nodes = *rc::gen::inRange<std::size_t>(2, 8);
    struct Arc {
      std::size_t from, to;
      std::uint64_t capacity;
    };
    const auto arcs = *rc::gen::container<std::vector<Arc>>(
        rc::gen::build<Arc>(rc::gen::set(&Arc::from, rc::gen::inRange<std::size_t>(0, nodes)),
                            rc::gen::set(&Arc::to, rc::gen::inRange<std::size_t>(0, nodes)),
                            rc::gen::set(&Arc::capacity, rc::gen::inRange<std::uint64_t>(0, 20))));
    FlowNetwork network;
    for (std::size_t i = 2; i < nodes; ++i) network.add_node();
    std::vector<Arc> kept;
    for (const Arc& arc : arcs) {
      if (arc.from == arc.to) continue;
      network.add_edge(arc.from, arc.to, arc.capacity);
      kept.push_back(arc);
    }
    const auto solution = network.solve();
    std::vector<std::int64_t> balance(nodes);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      balance[kept[i].from] -= static_cast<std::int64_t>(solution.through[i]);
      balance[kept[i].to] += static_cast<std::int64_t>(solution.through[i]);
    }
    RC_ASSERT(balance[FlowNetwork::sink] == static_cast<std::int64_t>(solution.flow));
    for (std::size_t i = 2; i < nodes; ++i) RC_ASSERT(balance[i] == 0);
    std::uint64_t cut = 0;
    for (const auto edge : solution.cut) cut += kept[edge].capacity;
    RC_ASSERT(cut == solution.flow);
  }));
}

// Tables of tracked connections on the clients' side of a network: what a host begins has its entry before all else.
#pragma once

#include <map>

#include "analysis/client_plan.hpp"
#include "analysis/labelled_network.hpp"

namespace netlimits::analysis {

class TrackedSources {
 public:
  using Node = FlowNetwork::Node;

  // Both outlive it. Unless they bind, tables are ways like others.
  TrackedSources(LabelledNetwork& network, const ClientPlan& plan, bool bind)
      : network_(network), plan_(plan), bind_(bind) {}

  // Where connections of a group's hosts come from: those behind a gateway that has a table share its entries.
  Node source_of(const HostGroup& host);
  // What leads to the node of so many hosts of the group, through their own tables if they have any.
  Node before(const HostGroup& host, Node hosts, std::uint64_t count);

 private:
  void add_entries(Node from, Node to, const TrackedPlace& table, std::uint64_t tables);

  LabelledNetwork& network_;
  const ClientPlan& plan_;
  bool bind_;
  std::map<const TrackedPlace*, Node> behind_{};
};

}  // namespace netlimits::analysis

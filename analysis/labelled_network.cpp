// Keeps beside each edge the limit and the place that it stands for, and looks them up for the edges of the cut.
#include "analysis/labelled_network.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace netlimits::analysis {
namespace {

// Requires: a way out to one endpoint, or a listener.
Place at_endpoint(Place place, const Endpoint& endpoint) {
  if (auto* const out = std::get_if<OutboundPlace>(&place.what)) {
    out->destination = endpoint;
  } else {
    std::get<ListenerPlace>(place.what).endpoint = endpoint;
  }
  return place;
}

}  // namespace

void LabelledNetwork::add_limit(Node from, Node to, const Interval& capacity, Limit limit, const Place& place,
                                bool final, PlacesAlike alike) {
  if (question_->lifted.contains({limit, place}) && !final) return add(from, to);
  depends_on_draws_ = depends_on_draws_ || !capacity.exact();
  const std::uint64_t each = question_->draws == Draws::worst ? capacity.min : capacity.max;
  const std::uint64_t count = alike == nullptr ? 1 : alike->size();
  const auto edge = network_.add_edge(from, to, times(Interval::exactly(each), count).min);
  labels_[edge] = {Label{CutLimit{limit, place, capacity, final}, alike}};
}

void LabelledNetwork::add_joint_limit(Node from, Node to, std::uint64_t capacity, const std::vector<CutLimit>& limits) {
  const bool lifted = std::any_of(limits.begin(), limits.end(), [&](const CutLimit& one) {
    return question_->lifted.contains({one.limit, one.place});
  });
  if (lifted) return add(from, to);
  std::vector<Label>& labels = labels_[network_.add_edge(from, to, capacity)];
  for (const CutLimit& one : limits) labels.push_back({one});
}

LabelledNetwork::Solved LabelledNetwork::solve(Naming naming) const {
  if (naming == Naming::none) return {.flow = network_.flow()};
  const FlowNetwork::Solution solution = network_.solve(admitted_);
  Solved solved{.flow = solution.flow};
  std::map<PlacedLimit, CutLimit> merged;
  const auto merge = [&](const CutLimit& cut) {
    const auto [found, is_new] = merged.try_emplace({cut.limit, cut.place}, cut);
    if (is_new) return;
    found->second.capacity.min += cut.capacity.min;
    found->second.capacity.max += cut.capacity.max;
  };
  std::vector<FlowNetwork::Edge> edges = solution.cut;
  const std::set<FlowNetwork::Edge> nearest(edges.begin(), edges.end());
  for (const FlowNetwork::Edge edge : solution.behind_unbounded)
    if (!nearest.contains(edge)) edges.push_back(edge);
  for (const FlowNetwork::Edge edge : edges) {
    if (shares_.contains(edge)) solved.share_in_cut = true;
    const auto labelled = labels_.find(edge);
    if (labelled == labels_.end()) continue;
    for (const Label& label : labelled->second) {
      if (label.alike == nullptr) {
        merge(label.limit);
        continue;
      }
      for (const Endpoint& endpoint : *label.alike) {
        CutLimit one = label.limit;
        one.place = at_endpoint(one.place, endpoint);
        merge(one);
      }
    }
  }
  for (const auto& [key, cut] : merged) solved.cut.push_back(cut);
  return solved;
}

Interval times(const Interval& each, std::uint64_t count) {
  const auto product = [&](std::uint64_t value) {
    return value != 0 && count > FlowNetwork::unlimited / value ? FlowNetwork::unlimited : value * count;
  };
  return {product(each.min), product(each.max)};
}

}  // namespace netlimits::analysis

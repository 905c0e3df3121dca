// Keeps beside each edge the limit and the place that it stands for, and looks them up for the edges of the cut.
#include "analysis/labelled_network.hpp"

#include <algorithm>
#include <vector>

namespace netlimits::analysis {

void LabelledNetwork::add_limit(Node from, Node to, const Interval& capacity, Limit limit, const Place& place,
                                bool final) {
  if (question_->lifted.contains({limit, place}) && !final) return add(from, to);
  depends_on_draws_ = depends_on_draws_ || !capacity.exact();
  const auto edge = network_.add_edge(from, to, question_->draws == Draws::worst ? capacity.min : capacity.max);
  labels_[edge] = {CutLimit{limit, place, capacity, final}};
}

void LabelledNetwork::add_joint_limit(Node from, Node to, std::uint64_t capacity, const std::vector<CutLimit>& limits) {
  const bool lifted = std::any_of(limits.begin(), limits.end(), [&](const CutLimit& one) {
    return question_->lifted.contains({one.limit, one.place});
  });
  if (lifted) return add(from, to);
  labels_[network_.add_edge(from, to, capacity)] = limits;
}

LabelledNetwork::Solved LabelledNetwork::solve() const {
  const FlowNetwork::Solution solution = network_.solve(admitted_);
  Solved solved{.flow = solution.flow};
  std::map<PlacedLimit, CutLimit> merged;
  std::vector<FlowNetwork::Edge> edges = solution.cut;
  for (const FlowNetwork::Edge edge : solution.behind_unbounded)
    if (std::find(edges.begin(), edges.end(), edge) == edges.end()) edges.push_back(edge);
  for (const FlowNetwork::Edge edge : edges) {
    if (shares_.contains(edge)) solved.share_in_cut = true;
    const auto labelled = labels_.find(edge);
    if (labelled == labels_.end()) continue;
    for (const CutLimit& cut : labelled->second) {
      const auto [found, is_new] = merged.try_emplace({cut.limit, cut.place}, cut);
      if (is_new) continue;
      found->second.capacity.min += cut.capacity.min;
      found->second.capacity.max += cut.capacity.max;
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

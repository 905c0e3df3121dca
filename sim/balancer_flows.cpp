#include "sim/balancer_flows.hpp"

#include <algorithm>

namespace netlimits::sim {

BalancerFlows::BalancerFlows(const Scenario& scenario) {
  for (const auto& [name, balancer] : scenario.balancers) {
    by_endpoint_.emplace(balancer.endpoint, balancers_.size());
    balancers_.push_back(
        {&balancer, RoundRobin(balancer.back_ends.size()), std::vector<BackEndCount>(balancer.back_ends.size())});
    for (const Endpoint& back_end : balancer.back_ends) {
      std::vector<std::size_t>& carriers = carriers_[back_end];
      if (carriers.empty() || carriers.back() != balancers_.size() - 1) carriers.push_back(balancers_.size() - 1);
    }
  }
  if (balancers_.empty()) return;
  // Room for what is known to come, within reason.
  constexpr std::uint64_t most = 1U << 20U;
  std::uint64_t flows = 0;
  for (const auto& [name, workload] : scenario.workloads) flows = std::min(most, flows + workload.connections);
  flows_.reserve(flows);
}

std::optional<std::size_t> BalancerFlows::balancer_at(const Endpoint& endpoint) const {
  const auto found = by_endpoint_.find(endpoint);
  if (found == by_endpoint_.end()) return std::nullopt;
  return found->second;
}

void BalancerFlows::note_end(Flow& flow, const Segment& segment) {
  if (flow.ending || !(segment.fin || segment.rst)) return;
  flow.ending = true;
  if (flow.answered) --balancers_[flow.balancer].counts[flow.back_end].open;
}

std::optional<Segment> BalancerFlows::towards_back_end(std::size_t balancer, const Segment& segment) {
  Running& running = balancers_[balancer];
  auto found = flows_.find(segment.tuple);
  const bool opens = segment.syn && !segment.ack;
  if (opens && (found == flows_.end() || found->second.ending)) {
    const auto chosen = running.rotation.next();
    if (!chosen) return std::nullopt;
    found =
        flows_
            .insert_or_assign(segment.tuple, Flow{static_cast<std::uint32_t>(balancer),
                                                  static_cast<std::uint32_t>(*chosen), false, false, ++flows_begun_})
            .first;
    ++running.counts[*chosen].connections;
  }
  if (found == flows_.end()) return std::nullopt;
  note_end(found->second, segment);
  Segment rewritten = segment;
  rewritten.tuple.remote = running.configuration->back_ends[found->second.back_end];
  return rewritten;
}

BalancerFlows::Flows::const_iterator BalancerFlows::flow_of(const FourTuple& server) const {
  auto latest = flows_.end();
  const auto carriers = carriers_.find(server.local);
  if (carriers == carriers_.end()) return latest;
  for (const std::size_t b : carriers->second) {
    const Balancer& balancer = *balancers_[b].configuration;
    const auto flow = flows_.find(FourTuple{server.remote, balancer.endpoint});
    if (flow == flows_.end() || balancer.back_ends[flow->second.back_end] != server.local) continue;
    if (latest == flows_.end() || flow->second.began > latest->second.began) latest = flow;
  }
  return latest;
}

std::optional<std::pair<std::size_t, Segment>> BalancerFlows::towards_client(const Segment& segment) {
  const auto found = flow_of(segment.tuple);
  if (found == flows_.end()) return std::nullopt;
  Flow& flow = flows_.erase(found, found)->second;  // erases nothing: the same place, open to change
  if (segment.syn && segment.ack && !flow.answered) {
    flow.answered = true;
    ++balancers_[flow.balancer].counts[flow.back_end].open;
  }
  note_end(flow, segment);
  Segment rewritten = segment;
  rewritten.tuple.local = found->first.remote;
  return std::pair<std::size_t, Segment>(flow.balancer, rewritten);
}

FourTuple BalancerFlows::client_view(const FourTuple& server) const {
  const auto found = flow_of(server);
  return found == flows_.end() ? server.reversed() : found->first;
}

void BalancerFlows::set_up(std::size_t balancer, const Endpoint& back_end, bool up) {
  Running& running = balancers_[balancer];
  for (std::size_t i = 0; i < running.configuration->back_ends.size(); ++i) {
    if (running.configuration->back_ends[i] == back_end) running.rotation.set_up(i, up);
  }
}

std::vector<FlowEnds> BalancerFlows::end_flows(std::size_t balancer, const Endpoint& back_end) {
  std::vector<FlowEnds> ended;
  for (const auto& [tuple, flow] : flows_) {
    if (flow.balancer != balancer || flow.ending) continue;
    if (balancers_[balancer].configuration->back_ends[flow.back_end] != back_end) continue;
    ended.push_back({.client = tuple, .server = {back_end, tuple.local}});
  }
  // The table's own order is a hash's: a result may not depend on it.
  std::sort(ended.begin(), ended.end(), [](const FlowEnds& a, const FlowEnds& b) { return a.client < b.client; });
  for (const FlowEnds& ends : ended) {
    Segment reset;
    reset.rst = true;
    note_end(flows_.at(ends.client), reset);
  }
  return ended;
}

}  // namespace netlimits::sim

// Flows of pass-through balancers: where a segment goes on, when a flow is over, and which counts that moves.
#include "model/path/balancer_flows.hpp"

#include <algorithm>
#include <utility>

namespace netlimits {
namespace {

constexpr Duration remembered_when_over = std::chrono::seconds(120);

}  // namespace

BalancerFlows::BalancerFlows(std::vector<BalancedEndpoint> balancers) {
  for (BalancedEndpoint& balancer : balancers) {
    const std::size_t number = balancers_.size();
    by_endpoint_.emplace(balancer.endpoint, number);
    for (const Endpoint& back_end : balancer.back_ends) {
      std::vector<std::size_t>& carriers = carriers_[back_end];
      if (carriers.empty() || carriers.back() != number) carriers.push_back(number);
    }
    const std::size_t back_ends = balancer.back_ends.size();
    balancers_.push_back({std::move(balancer), RoundRobin(back_ends), std::vector<BackEndCount>(back_ends)});
  }
}

std::optional<std::size_t> BalancerFlows::on_the_way(const FourTuple& tuple) const {
  if (const auto found = by_endpoint_.find(tuple.remote); found != by_endpoint_.end()) return found->second;
  const auto flow = flow_of(tuple);
  if (flow == flows_.end()) return std::nullopt;
  return flow->second.balancer;
}

void BalancerFlows::deliver(std::size_t balancer, const Segment& segment, SimTime now, Effects& effects) {
  if (segment.tuple.remote == balancers_[balancer].configuration.endpoint)
    return towards_back_end(balancer, segment, now, effects);
  const auto found = flow_of(segment.tuple);
  if (found != flows_.end()) return towards_client(flows_.find(found->first), segment, now, effects);
  effects.drops.push_back({.limit = Limit::back_end_down, .tuple = segment.tuple});
}

void BalancerFlows::towards_back_end(std::size_t balancer, const Segment& segment, SimTime now, Effects& effects) {
  Running& running = balancers_[balancer];
  const bool opens = segment.syn && !segment.ack;
  auto found = flows_.find(segment.tuple);
  if (opens && (found == flows_.end() || found->second.closing())) {
    forget_what_is_over(now);
    const auto chosen = running.rotation.next();
    if (!chosen) {
      effects.drops.push_back({.limit = Limit::back_end_down, .tuple = segment.tuple, .opening = true});
      return;
    }
    const Flow fresh{.balancer = static_cast<std::uint32_t>(balancer),
                     .back_end = static_cast<std::uint32_t>(*chosen),
                     .began = ++flows_begun_};
    found = flows_.insert_or_assign(segment.tuple, fresh).first;
    ++running.counts[*chosen].connections;
  }
  if (found == flows_.end()) {
    effects.drops.push_back({.limit = Limit::back_end_down, .tuple = segment.tuple});
    return;
  }
  note(found, segment, true, now);
  Segment rewritten = segment;
  rewritten.tuple.remote = running.configuration.back_ends[found->second.back_end];
  effects.segments.push_back(rewritten);
}

void BalancerFlows::towards_client(Flows::iterator found, const Segment& segment, SimTime now, Effects& effects) {
  Flow& flow = found->second;
  if (segment.syn && segment.ack && !flow.answered) {
    flow.answered = true;
    ++balancers_[flow.balancer].counts[flow.back_end].open;
  }
  note(found, segment, false, now);
  Segment rewritten = segment;
  rewritten.tuple.local = found->first.remote;
  effects.segments.push_back(rewritten);
}

void BalancerFlows::note(Flows::iterator found, const Segment& segment, bool from_client, SimTime now) {
  Flow& flow = found->second;
  flow.last_segment = now;
  if (!segment.fin && !segment.rst) return;
  const bool was_closing = flow.closing();
  const bool was_over = flow.over();
  if (segment.rst) flow.reset = true;
  if (segment.fin) (from_client ? flow.client_closed : flow.server_closed) = true;
  if (!was_closing && flow.answered) --balancers_[flow.balancer].counts[flow.back_end].open;
  if (!was_over && flow.over()) over_.push_back({found->first, flow.began, now + remembered_when_over});
}

void BalancerFlows::forget_what_is_over(SimTime now) {
  while (!over_.empty() && over_.front().at < now) {
    const Over next = over_.front();
    over_.pop_front();
    const auto found = flows_.find(next.client);
    if (found == flows_.end() || found->second.began != next.began) continue;
    const SimTime due = found->second.last_segment + remembered_when_over;
    if (due < now) {
      flows_.erase(found);
    } else {
      over_.push_back({next.client, next.began, due});
    }
  }
}

BalancerFlows::Flows::const_iterator BalancerFlows::flow_of(const FourTuple& server) const {
  auto latest = flows_.end();
  const auto carriers = carriers_.find(server.local);
  if (carriers == carriers_.end()) return latest;
  for (const std::size_t b : carriers->second) {
    const BalancedEndpoint& balancer = balancers_[b].configuration;
    const auto flow = flows_.find(FourTuple{server.remote, balancer.endpoint});
    if (flow == flows_.end() || balancer.back_ends[flow->second.back_end] != server.local) continue;
    if (latest == flows_.end() || flow->second.began > latest->second.began) latest = flow;
  }
  return latest;
}

FourTuple BalancerFlows::client_view(const FourTuple& server) const {
  const auto found = flow_of(server);
  return found == flows_.end() ? server.reversed() : found->first;
}

void BalancerFlows::set_up(std::size_t balancer, const Endpoint& back_end, bool up) {
  Running& running = balancers_[balancer];
  for (std::size_t i = 0; i < running.configuration.back_ends.size(); ++i) {
    if (running.configuration.back_ends[i] == back_end) running.rotation.set_up(i, up);
  }
}

void BalancerFlows::end_flows(std::size_t balancer, const Endpoint& back_end, SimTime now, Effects& effects) {
  std::vector<FourTuple> ended;
  for (const auto& [client, flow] : flows_) {
    if (flow.balancer != balancer || flow.closing()) continue;
    if (balancers_[balancer].configuration.back_ends[flow.back_end] == back_end) ended.push_back(client);
  }
  // The table's own order is a hash's: a result may not depend on it.
  std::sort(ended.begin(), ended.end());
  for (const FourTuple& client : ended) {
    Segment reset;
    reset.rst = true;
    reset.ack = true;
    note(flows_.find(client), reset, true, now);
    reset.tuple = client.reversed();
    effects.segments.push_back(reset);
    reset.tuple = {client.local, back_end};
    effects.segments.push_back(reset);
  }
}

}  // namespace netlimits

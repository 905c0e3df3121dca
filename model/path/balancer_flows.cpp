// Flows of pass-through balancers: where a segment goes on, when a flow is over, and which counts that moves.
#include "model/path/balancer_flows.hpp"

#include <algorithm>
#include <utility>

namespace netlimits {
namespace {

constexpr Duration remembered_when_over = std::chrono::seconds(120);

// The part of the port field from which a port is taken in place of another one.
PortRange replacements_of(Port port) {
  if (port.value < 512) return {Port{1}, Port{511}};
  if (port.value < 1024) return {Port{600}, Port{1023}};
  return {Port{1024}, Port{65535}};
}

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
  if (flow == flows_.end() || flow->second.balancer == nobody) return std::nullopt;
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
  if (opens && (found == flows_.end() || begins_anew(found->second, now))) {
    forget_what_is_over(now);
    const auto chosen = running.rotation.next();
    if (!chosen) {
      effects.drops.push_back({.limit = Limit::back_end_down, .tuple = segment.tuple, .opening = true});
      return;
    }
    found = begin(segment.tuple, static_cast<std::uint32_t>(balancer), static_cast<std::uint32_t>(*chosen),
                  running.configuration.back_ends[*chosen]);
    ++running.counts[*chosen].connections;
  }
  if (found == flows_.end()) {
    effects.drops.push_back({.limit = Limit::back_end_down, .tuple = segment.tuple});
    return;
  }
  note(found, segment, true, now);
  Segment rewritten = segment;
  rewritten.tuple = server_view(found->first, found->second).reversed();
  effects.segments.push_back(rewritten);
}

void BalancerFlows::towards_client(Flows::iterator found, const Segment& segment, SimTime now, Effects& effects) {
  Flow& flow = found->second;
  if (segment.syn && segment.ack && !flow.answered) {
    flow.answered = true;
    if (BackEndCount* const count = counted(flow)) ++count->open;
  }
  note(found, segment, false, now);
  Segment rewritten = segment;
  rewritten.tuple = found->first.reversed();
  effects.segments.push_back(rewritten);
}

// ---- straight to a back end

FourTuple BalancerFlows::past(const Segment& segment, SimTime now) {
  if (segment.protocol != Protocol::tcp) return segment.tuple;
  if (const auto known = flow_of(segment.tuple); known != flows_.end()) {
    const auto found = flows_.find(known->first);
    if (segment.syn && segment.ack) found->second.answered = true;
    note(found, segment, false, now);
    return found->first.reversed();
  }
  if (!carriers_.contains(segment.tuple.remote)) return segment.tuple;
  auto found = flows_.find(segment.tuple);
  const bool opens = segment.syn && !segment.ack;
  if (opens && (found == flows_.end() || begins_anew(found->second, now))) {
    forget_what_is_over(now);
    found = begin(segment.tuple, nobody, 0, segment.tuple.remote);
  }
  if (found == flows_.end()) return segment.tuple;
  note(found, segment, true, now);
  return server_view(found->first, found->second).reversed();
}

// ---- the table

bool BalancerFlows::begins_anew(const Flow& flow, SimTime now) {
  return flow.closing() || (!flow.answered && now - flow.last_segment >= unanswered_keeps_its_turn);
}

BalancerFlows::BackEndCount* BalancerFlows::counted(const Flow& flow) {
  return flow.balancer == nobody ? nullptr : &balancers_[flow.balancer].counts[flow.back_end];
}

FourTuple BalancerFlows::server_view(const FourTuple& client, const Flow& flow) const {
  const Endpoint& server =
      flow.balancer == nobody ? client.remote : balancers_[flow.balancer].configuration.back_ends[flow.back_end];
  return {server, {client.local.address, flow.client_port}};
}

BalancerFlows::Flows::iterator BalancerFlows::begin(const FourTuple& client, std::uint32_t balancer,
                                                    std::uint32_t back_end, const Endpoint& server) {
  if (const auto old = flows_.find(client); old != flows_.end()) forget(old);
  const auto taken = [&](Port port) { return flow_of({server, {client.local.address, port}}) != flows_.end(); };
  Port port = client.local.port;
  if (taken(port)) {
    const PortRange others = replacements_of(port);
    const std::uint32_t size = others.size().value;
    // Neighbours begin far from each other: a client that has a row of ports taken would else go along all of it for
    // each. So do the flows that one port begins one after the other: the draw is another one each time. A field
    // without a free port leaves the client's own: the back end then meets it twice.
    constexpr std::uint64_t spread = 30'011;  // primes
    constexpr std::uint64_t next_draw = 40'009;
    const auto start = static_cast<std::uint32_t>((client.local.port.value * spread + flows_begun_ * next_draw) % size);
    for (std::uint32_t tried = 0; tried < size && taken(port); ++tried)
      port = Port{static_cast<std::uint16_t>(others.first.value + (start + tried) % size)};
  }
  const auto found =
      flows_
          .emplace(client,
                   Flow{.balancer = balancer, .back_end = back_end, .client_port = port, .began = ++flows_begun_})
          .first;
  if (port != client.local.port) changed_.insert_or_assign(server_view(client, found->second), client);
  return found;
}

void BalancerFlows::forget(Flows::iterator found) {
  if (found->second.client_port != found->first.local.port) {
    const auto changed = changed_.find(server_view(found->first, found->second));
    if (changed != changed_.end() && changed->second == found->first) changed_.erase(changed);
  }
  flows_.erase(found);
}

void BalancerFlows::note(Flows::iterator found, const Segment& segment, bool from_client, SimTime now) {
  Flow& flow = found->second;
  flow.last_segment = now;
  if (!segment.fin && !segment.rst) return;
  const bool was_closing = flow.closing();
  const bool was_over = flow.over();
  if (segment.rst) flow.reset = true;
  if (segment.fin) (from_client ? flow.client_closed : flow.server_closed) = true;
  BackEndCount* const count = counted(flow);
  if (count != nullptr && !was_closing && flow.answered) --count->open;
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
      forget(found);
    } else {
      over_.push_back({next.client, next.began, due});
    }
  }
}

BalancerFlows::Flows::const_iterator BalancerFlows::flow_of(const FourTuple& server) const {
  if (!changed_.empty()) {
    if (const auto changed = changed_.find(server); changed != changed_.end()) return flows_.find(changed->second);
  }
  const auto carriers = carriers_.find(server.local);
  if (carriers == carriers_.end()) return flows_.end();
  const auto carried = [&](const FourTuple& client) {
    const auto flow = flows_.find(client);
    return flow != flows_.end() && server_view(client, flow->second) == server ? flow : flows_.end();
  };
  for (const std::size_t b : carriers->second) {
    const auto flow = carried({server.remote, balancers_[b].configuration.endpoint});
    if (flow != flows_.end()) return flow;
  }
  return carried(server.reversed());
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
    reset.tuple = server_view(client, flows_.at(client)).reversed();
    effects.segments.push_back(reset);
  }
}

}  // namespace netlimits

// The order of a result's failures, the queue behind one of them, and which limit was met first.
#include "model/scenario/result.hpp"

#include <algorithm>
#include <utility>

#include "model/scenario/places.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits {
namespace {

// Where connections wait that go from there.
std::vector<Place> queues_behind(const Scenario& scenario, const OutboundPlace& from) {
  std::vector<Place> queues;
  const auto* to = std::get_if<Endpoint>(&from.destination);
  if (to == nullptr) return queues;
  const Wiring wiring(scenario);
  const auto add = [&](const Target& target) {
    if (target.reach != Reach::listener) return;
    const Process& process = target.host->processes[target.process];
    queues.push_back(listener_place(*target.host, process, process.listeners[target.listener].endpoint));
  };
  const Target target = wiring.of(from.on.name.view(), *to);
  add(target);
  if (target.reach != Reach::balancer) return queues;
  for (const Endpoint& back_end : target.balancer->back_ends) add(wiring.behind(*target.balancer, back_end));
  return queues;
}

// Where a balancer leads that has back ends which nobody answers at.
PlacedLimit at_back_end(const Scenario& scenario, const PlacedLimit& met, const OutboundPlace& from) {
  const auto* to = std::get_if<Endpoint>(&from.destination);
  if (to == nullptr || scenario.balancers.empty()) return met;
  const Wiring wiring(scenario);
  const Target target = wiring.of(from.on.name.view(), *to);
  if (target.reach != Reach::balancer) return met;
  const Reach wanted = met.limit == Limit::no_route ? Reach::no_route : Reach::no_listener;
  std::optional<Endpoint> first;
  for (const Endpoint& back_end : target.balancer->back_ends) {
    const bool own = wiring.comes_back(from.on.name.view(), back_end);
    if ((own ? Reach::no_route : wiring.behind(*target.balancer, back_end).reach) != wanted) continue;
    if (!first || back_end < *first) first = back_end;
  }
  return first ? PlacedLimit{met.limit, back_end_place(*target.balancer, *first)} : met;
}

// A queue whose program has no descriptor is full because of that.
bool queue_failed_at(const Scenario& scenario, const RunResult& result, const std::string& host) {
  const auto is_there = [&](const Failure& failure) {
    if (failure.limit != Limit::listen_backlog) return false;
    const Place queue = at_full_queue(scenario, {failure.limit, failure.place}, result.limits).place;
    const HostPlace* const there = queue.host();
    return there != nullptr && there->name.view() == host;
  };
  return std::any_of(result.workloads.begin(), result.workloads.end(), [&](const auto& named) {
    return std::any_of(named.second.failures.begin(), named.second.failures.end(), is_there);
  });
}

}  // namespace

PlacedLimit at_full_queue(const Scenario& scenario, const PlacedLimit& met, const std::vector<LimitUse>& limits) {
  const auto* from = std::get_if<OutboundPlace>(&met.place.what);
  if (from != nullptr && (met.limit == Limit::no_route || met.limit == Limit::no_listener))
    return at_back_end(scenario, met, *from);
  if (from == nullptr || (met.limit != Limit::listen_backlog && met.limit != Limit::syn_backlog)) return met;
  const std::vector<Place> queues = queues_behind(scenario, *from);
  const LimitUse* first = nullptr;
  for (const LimitUse& use : limits) {
    if (use.limit != met.limit || !use.first_exhausted_at) continue;
    if (std::find(queues.begin(), queues.end(), use.place) == queues.end()) continue;
    if (first == nullptr || *use.first_exhausted_at < *first->first_exhausted_at) first = &use;
  }
  return first == nullptr ? met : PlacedLimit{met.limit, first->place};
}

std::optional<PlacedLimit> WhatBinds::first(const Scenario& scenario, const RunResult& result, std::uint64_t unserved,
                                            std::uint64_t missing) const {
  Met first = first_failure_;
  const bool believed = missing > unserved;
  for (const SeenRefusedAccept& accept : refused_) {
    if (accept.since && unserved > 0) keep_earlier(first, accept.limit, *accept.since);
    if (believed || queue_failed_at(scenario, result, accept.host)) keep_earlier(first, accept.limit, accept.first_at);
  }
  // Clients that take themselves to be connected to a queue that was full for the last segment of their handshake.
  if (believed && first_overflow_) keep_earlier(first, first_overflow_->first, first_overflow_->second);
  return first ? std::optional(at_full_queue(scenario, first->first, result.limits)) : std::nullopt;
}

void put_in_printed_order(std::vector<Failure>& failures) {
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.error < b.error; });
  put_in_printed_order<Failure>(failures);
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.first_at < b.first_at; });
}

}  // namespace netlimits

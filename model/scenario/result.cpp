// The order of a result's failures, and the queue behind one of them.
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

void put_in_printed_order(std::vector<Failure>& failures) {
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.error < b.error; });
  put_in_printed_order<Failure>(failures);
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.first_at < b.first_at; });
}

}  // namespace netlimits

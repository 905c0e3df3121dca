// The answers of both halves, made one.
#include "analysis/proxies/proxied_capacity.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analysis/churn/rate.hpp"
#include "analysis/proxies/halves.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

// What an answer holds, and what follows when that is lifted, as one sequence.
std::vector<Rung> rungs_of(const Capacity& found) {
  std::vector<Rung> rungs;
  if (!found.binding.empty()) rungs.push_back({found.capacity, found.binding});
  rungs.insert(rungs.end(), found.ladder.begin(), found.ladder.end());
  return rungs;
}

bool comes_first(const Rung& a, const Rung& b) {
  return std::pair(a.capacity.min, a.capacity.max) < std::pair(b.capacity.min, b.capacity.max);
}

// In both sequences the proxies' descriptors are met: named once.
std::vector<Rung> in_one(const std::vector<Rung>& front, const std::vector<Rung>& back) {
  std::vector<Rung> all;
  std::merge(front.begin(), front.end(), back.begin(), back.end(), std::back_inserter(all), comes_first);
  std::vector<Rung> kept;
  std::set<PlacedLimit> known;
  for (Rung& rung : all) {
    std::erase_if(rung.binding, [&](const Binding& one) { return !known.insert({one.limit, one.place}).second; });
    if (!rung.binding.empty()) kept.push_back(std::move(rung));
  }
  return kept;
}

// Do the proxies hold fewer than come to them, for want of what lies behind them?
enum class Narrow : std::uint8_t { no, perhaps, surely };

Interval narrower(const Interval& a, const Interval& b) { return {std::min(a.min, b.min), std::min(a.max, b.max)}; }

// What the proxies' descriptors are called where "worker_connections" stands for them.
void name_connections(const Scenario& scenario, std::vector<Binding>& bindings) {
  for (const auto& [name, proxy] : scenario.proxies) {
    if (!connections_bind_first(scenario, proxy)) continue;
    const HostGroup& host = scenario.hosts.at(proxy.host);
    for (const Process& process : host.processes) {
      if (process.name != proxy.process) continue;
      for (Binding& one : bindings)
        if (one.limit == Limit::fd_per_process && one.place == process_place(host, process))
          one.limit = Limit::proxy_connections;
    }
  }
}

Capacity half(const Scenario& whole, const Scenario& part, ProxyBound bound) {
  Capacity found = capacity(part);
  if (bound == ProxyBound::descriptors) return found;
  name_connections(whole, found.binding);
  name_connections(whole, found.refusing);
  for (Rung& rung : found.ladder) name_connections(whole, rung.binding);
  return found;
}

void add_all(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& one : from)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

bool some_bound_connections(const Scenario& scenario) {
  return std::any_of(scenario.proxies.begin(), scenario.proxies.end(),
                     [&](const auto& named) { return connections_bind_first(scenario, named.second); });
}

}  // namespace

Capacity proxied_capacity(const Scenario& scenario) {
  const bool bounded = some_bound_connections(scenario);
  const ProxyBound first = bounded ? ProxyBound::connections : ProxyBound::descriptors;
  Capacity found = half(scenario, front_half(scenario, first), first);
  const Capacity back = half(scenario, back_half(scenario, first), first);
  std::vector<Rung> rungs = in_one(rungs_of(found), rungs_of(back));
  if (bounded) {
    // Once that is lifted the descriptors behind it bind.
    const Capacity further_front = capacity(front_half(scenario, ProxyBound::descriptors));
    const Capacity further_back = capacity(back_half(scenario, ProxyBound::descriptors));
    rungs = in_one(rungs, in_one(rungs_of(further_front), rungs_of(further_back)));
  }
  const bool breaks = !found.binding.empty() || !back.binding.empty();
  const bool in_front = !found.binding.empty() && found.capacity.max <= back.capacity.min;
  const bool open = in_front || back.binding.empty() ? found.binding_is_open : back.binding_is_open;
  found.binding_is_open = open || (!found.binding.empty() && !back.binding.empty() && !in_front &&
                                   found.capacity.min < back.capacity.max && !found.capacity.exact());
  const Narrow narrow_behind = back.capacity.max < found.capacity.min   ? Narrow::surely
                               : back.capacity.min < found.capacity.min ? Narrow::perhaps
                                                                        : Narrow::no;
  found.capacity = narrower(found.capacity, back.capacity);
  found.held = narrower(found.held, back.held);
  // Whose other half comes to nothing is reset, and does not stay.
  if (narrow_behind == Narrow::surely) found.refusing = back.refusing;
  if (narrow_behind == Narrow::surely) found.established = narrower(found.established, back.established);
  if (narrow_behind == Narrow::perhaps) found.established.min = std::min(found.established.min, back.established.min);
  if (!comes_evenly(scenario) && !back.binding.empty()) {
    found.capacity.min = 0;
    found.held.min = 0;
    found.notes.emplace_back(
        "how many come to each of the proxies is left to chance: at worst one of them has them all");
  }
  found.binding.clear();
  if (breaks && !rungs.empty()) {
    found.binding = rungs.front().binding;
    rungs.erase(rungs.begin());
    const bool let_go = std::any_of(found.binding.begin(), found.binding.end(),
                                    [](const Binding& one) { return one.limit == Limit::proxy_connections; });
    if (let_go) {
      found.established = found.capacity;
      found.refusing = found.binding;
    }
  }
  found.ladder = std::move(rungs);
  for (Rung& rung : found.ladder) {
    rung.capacity = {std::max(rung.capacity.min, found.capacity.min), std::max(rung.capacity.max, found.capacity.max)};
  }
  add_all(found.notes, back.notes);
  add_all(found.left_out, back.left_out);
  // Of each workload the half that sustains less.
  for (SteadyState& state : found.steady_state) {
    const auto behind = std::find_if(back.steady_state.begin(), back.steady_state.end(),
                                     [&](const SteadyState& one) { return one.workload == state.workload; });
    if (behind != back.steady_state.end() && above(state.sustained, behind->sustained)) state = *behind;
  }
  return found;
}

std::optional<Rung> proxied_once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted,
                                        Counted counted) {
  bool connections = some_bound_connections(scenario);
  for (const PlacedLimit& one : lifted) {
    if (one.limit != Limit::proxy_connections) continue;
    connections = false;
  }
  const ProxyBound bound = connections ? ProxyBound::connections : ProxyBound::descriptors;
  auto front = once_lifted(front_half(scenario, bound), lifted, counted);
  auto back = once_lifted(back_half(scenario, bound), lifted, counted);
  if (!front) return back;
  if (!back || front->capacity.min <= back->capacity.min) {
    if (connections) name_connections(scenario, front->binding);
    return front;
  }
  if (connections) name_connections(scenario, back->binding);
  return back;
}

}  // namespace netlimits::analysis

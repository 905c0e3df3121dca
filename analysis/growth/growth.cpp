// Proportions in whole numbers, and the laws of arrivals turned round: not when, but how many by then.
#include "analysis/growth/growth.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <numeric>
#include <utility>

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::analysis {

std::uint64_t sum_of(const Demand& demand) { return std::accumulate(demand.begin(), demand.end(), std::uint64_t{0}); }

Demand between(const Demand& before, const Demand& after, std::uint64_t more) {
  const std::uint64_t all = sum_of(after) - sum_of(before);
  Demand connections;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto share = boost::multiprecision::uint128_t(after[i] - before[i]) * more / std::max<std::uint64_t>(all, 1);
    connections.push_back(before[i] + static_cast<std::uint64_t>(share));
  }
  return connections;
}

Demand with_all_that_servers_end(const Scenario& scenario, Demand demand) {
  std::size_t index = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    if (workload.closer == Closer::server) demand[index] = workload.connections;
    ++index;
  }
  return demand;
}

bool begins_at(const Workload& workload, const Place& place) {
  const auto* const process = std::get_if<ProcessPlace>(&place.what);
  if (process != nullptr && process->process.view() != workload.from_process) return false;
  return place.host() != nullptr && place.host()->name.view() == workload.from_host;
}

std::uint64_t turns_of(const Scenario& scenario, const Workload& workload) {
  const HostGroup& host = scenario.hosts.at(workload.from_host);
  std::uint64_t turns = bounded_product(host.count, std::max<std::uint64_t>(1, workload.to.size()));
  turns = bounded_product(turns, std::max<std::uint64_t>(1, workload.sources.size()));
  const Process* const process = process_named(host, workload.from_process);
  return bounded_product(turns, process == nullptr ? 1 : process->count);
}

Growth::Growth(const Scenario& scenario, Demand base)
    : scenario_(&scenario), base_(std::move(base)), asked_(sum_of(base_)) {}

Demand Growth::to(std::uint64_t total) const {
  Demand connections;
  for (const std::uint64_t one : base_) {
    connections.push_back(static_cast<std::uint64_t>(boost::multiprecision::uint128_t(one) * total / asked_));
  }
  return connections;
}

std::uint64_t Growth::a_little_above(std::uint64_t total) const {
  std::uint64_t more = 1;
  for (const auto& [name, workload] : scenario_->workloads) {
    if (workload.connections == 0) continue;
    const std::uint64_t things = turns_of(*scenario_, workload);
    more = std::max(more, bounded_product(things, asked_ / workload.connections + 1));
  }
  return total + 1 + std::min(more, total / 16);
}

bool Growth::of_one() const {
  return std::count_if(base_.begin(), base_.end(), [](std::uint64_t one) { return one > 0; }) == 1;
}

bool Growth::order_is_known() const {
  std::size_t index = 0;
  return std::all_of(scenario_->workloads.begin(), scenario_->workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    const bool all_stay = std::holds_alternative<HoldForever>(workload.hold) && !workload.retry.reconnect &&
                          workload.retry.attempts == 0 && base_[index++] == workload.connections;
    return all_stay && last_arrival_by_law(workload).has_value();
  });
}

Demand Growth::begun_by(SimTime moment) const {
  Demand begun;
  for (const auto& [name, workload] : scenario_->workloads) begun.push_back(begun_by_law(workload, moment));
  return begun;
}

SimTime Growth::first() const {
  SimTime earliest = end_of_time;
  for (const auto& [name, workload] : scenario_->workloads) earliest = std::min(earliest, workload.start);
  return earliest;
}

SimTime Growth::last() const {
  SimTime latest = first();
  for (const auto& [name, workload] : scenario_->workloads) latest = std::max(latest, *last_arrival_by_law(workload));
  return latest;
}

}  // namespace netlimits::analysis

// From the search's bound on a probability to a number of ports, in whole numbers.
#include "analysis/pools/gateway_pool.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <map>
#include <utility>

#include "model/net/bounded_time.hpp"
#include "model/path/nat_port_search.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::uint64_t chance_is_one_in = 1'000'000;

// The most ports that may be taken while it is beyond chance that one of `connections` finds none in `searches` rounds:
// the largest t with connections * (t / size) ^ searches <= 1 / chance_is_one_in.
std::uint64_t surely_found(std::uint64_t size, std::uint64_t searches, std::uint64_t connections) {
  const auto exponent = static_cast<unsigned>(std::min<std::uint64_t>(searches, 1000));
  const cpp_int whole = boost::multiprecision::pow(cpp_int(size), exponent);
  const cpp_int chances = cpp_int(chance_is_one_in) * std::max<std::uint64_t>(connections, 1);
  std::uint64_t low = 0;
  std::uint64_t high = size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (chances * boost::multiprecision::pow(cpp_int(middle), exponent) <= whole) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

bool goes_through(const PlannedWorkload& workload, const Gateway& gateway, const Endpoint& destination) {
  for (std::size_t d = 0; d < workload.targets.size(); ++d) {
    if (workload.targets[d].gateway == &gateway && workload.workload->to[d] == destination) return true;
  }
  return false;
}

}  // namespace

Interval gateway_ports(const ClientPlan& plan, const Gateway& gateway, const Endpoint& destination,
                       const std::vector<std::uint64_t>& connections) {
  const NatSettings& nat = gateway.nat;
  if (nat.block != 0) return Interval::exactly(nat.block);
  const auto addresses = std::count_if(gateway.addresses.begin(), gateway.addresses.end(), [&](const IpAddress& own) {
    return own.family() == destination.address.family();
  });
  const std::uint64_t all = nat.of_one_address() * static_cast<std::uint64_t>(addresses);
  const std::uint32_t rounds = nat_search_rounds(nat.ports.size().value);
  if (nat.port_choice == NatPortChoice::any_free || rounds == 1) return Interval::exactly(all);
  std::uint64_t asked = 0;
  std::uint64_t syns = std::numeric_limits<std::uint64_t>::max();
  for (const PlannedWorkload& workload : plan.workloads) {
    if (!goes_through(workload, gateway, destination)) continue;
    asked = bounded_sum(asked, connections[workload.index]);
    syns =
        std::min<std::uint64_t>(syns, 1 + syn_retransmissions(workload.host->settings, workload.host->profile->rules));
  }
  return {surely_found(all, bounded_product(syns, rounds), asked), all};
}

bool gateways_may_run_short_after_close(const Scenario& scenario) {
  if (scenario.gateways.empty()) return false;
  const Wiring wiring(scenario);
  const ClientPlan plan(scenario, wiring);
  std::map<std::pair<const Gateway*, Endpoint>, std::pair<std::uint64_t, bool>> through;  // connections; do any end?
  std::vector<std::uint64_t> connections;
  for (const PlannedWorkload& planned : plan.workloads) {
    const Workload& workload = *planned.workload;
    connections.push_back(workload.connections);
    const bool ends =
        !std::holds_alternative<HoldForever>(workload.hold) || workload.retry.reconnect || workload.retry.attempts > 0;
    const std::uint64_t most = workload.retry.reconnect
                                   ? std::numeric_limits<std::uint64_t>::max()
                                   : bounded_product(workload.connections, std::uint64_t{workload.retry.attempts} + 1);
    for (std::size_t d = 0; d < planned.targets.size(); ++d) {
      if (planned.targets[d].gateway == nullptr) continue;
      auto& [count, any_ends] = through[{planned.targets[d].gateway, workload.to[d]}];
      count = bounded_sum(count, most);
      any_ends = any_ends || ends;
    }
  }
  return std::any_of(through.begin(), through.end(), [&](const auto& one) {
    const auto& [gateway, destination] = one.first;
    return one.second.second && one.second.first > gateway_ports(plan, *gateway, destination, connections).min;
  });
}

}  // namespace netlimits::analysis

// What the closed forms say refuses first, beside the first failure of a run; and what they say is held, beside the
// four-tuples that there are.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "model/net/port_set.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::fuzz {
namespace {

// A queue, a gateway or a table without room makes its clients wait, and a way that leads nowhere as well: when they
// are told, others have failed.
bool tells_late(Limit limit) {
  return limit == Limit::listen_backlog || limit == Limit::syn_backlog || limit == Limit::no_route ||
         limit == Limit::back_end_down || limit == Limit::nat_ports || limit == Limit::nat_block ||
         limit == Limit::conntrack_entries;
}

// What all destinations share is met on the way to one of them.
bool is_at(const Place& met, const Place& claimed) {
  const auto* one = std::get_if<OutboundPlace>(&met.what);
  const auto* all = std::get_if<OutboundPlace>(&claimed.what);
  if (one == nullptr || all == nullptr || !std::holds_alternative<All>(all->destination)) return met == claimed;
  OutboundPlace widened = *one;
  widened.destination = All{};
  return widened == *all;
}

std::string words_of(Limit limit, const Place& place) { return fmt::format("{} ({})", name_of(limit), place.text()); }

const Failure* first_failure_at(const RunResult& result, const PlacedLimit& limit) {
  const Failure* first = nullptr;
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (failure.limit != limit.limit || failure.place != limit.place) continue;
      if (first == nullptr || failure.first_at < first->first_at) first = &failure;
    }
  }
  return first;
}

// The ports that a workload may get from there to there, now or once everything that ends is gone.
void add_ports(const HostGroup& host, const Workload& workload, const IpAddress& local, const Endpoint& to,
               PortSet& ports) {
  const auto kind = pool_kind(host.profile->rules, workload.bind, local);
  if (!kind) {
    for (const Port port : named_ports(workload.bind)) ports.insert(port.value);
    return;
  }
  const PortRange all = host.settings.local_port_range;
  const PortSet withheld = withheld_ports(host.settings, host, *kind, to, Duration::max());
  for (std::uint32_t port = all.first.value; port <= all.last.value; ++port) {
    const auto value = static_cast<std::uint16_t>(port);
    if (!withheld.contains(value)) ports.insert(value);
  }
}

constexpr std::size_t most_ways = 64;  // from one host: more are not worth their counting

// Nothing: too many to count, or the hosts of a group do not all go out from their own address.
std::optional<std::uint64_t> four_tuples_of(const Scenario& scenario) {
  std::map<std::tuple<std::string, IpAddress, Endpoint>, PortSet> ways;
  for (const auto& [name, workload] : scenario.workloads) {
    const HostGroup& host = scenario.hosts.at(workload.from_host);
    if (host.count > 1 && host.addresses.size() > 1) return std::nullopt;
    const bool named = !workload.sources.empty() && !std::holds_alternative<PlainConnect>(workload.bind);
    const SourceChoice choice(host, 0);
    for (const Endpoint& to : workload.to) {
      std::vector<IpAddress> sources = workload.sources;
      if (!named) sources = {choice.towards(to.address).value_or(IpAddress::any(to.address.family()))};
      for (const IpAddress& local : sources)
        add_ports(host, workload, local, to, ways[{workload.from_host, local, to}]);
      if (ways.size() > most_ways) return std::nullopt;
    }
  }
  constexpr std::uint32_t last = 65535;
  std::uint64_t sum = 0;
  for (const auto& [way, ports] : ways) {
    const std::uint64_t there = last - ports.count_outside({Port{1}, Port{last}}).value;
    sum += there * scenario.hosts.at(std::get<0>(way)).count;
  }
  return sum;
}

}  // namespace

std::vector<BrokenLaw> broken_first_refusal(const RunResult& result, const CapacityClaim& claim) {
  std::vector<BrokenLaw> broken;
  const bool late = std::any_of(claim.first.begin(), claim.first.end(),
                                [](const ClaimedLimit& one) { return tells_late(one.limit); });
  if (claim.first.empty() || claim.first_is_open || late) return broken;
  const std::string claimed = words_of(claim.first.front().limit, claim.first.front().place) +
                              (claim.first.size() > 1 ? fmt::format(" or {} others", claim.first.size() - 1) : "");
  if (!result.binding) return {{"first-to-refuse", "nobody is refused, " + claimed + " claimed"}};
  const auto met = std::find_if(claim.first.begin(), claim.first.end(), [&](const ClaimedLimit& one) {
    return one.limit == result.binding->limit && is_at(result.binding->place, one.place);
  });
  if (met == claim.first.end())
    return {{"first-to-refuse", words_of(result.binding->limit, result.binding->place) + ", " + claimed + " claimed"}};
  const Failure* told = first_failure_at(result, *result.binding);
  if (told != nullptr && met->error && told->error != *met->error)
    broken.push_back(
        {"first-error", fmt::format("{} at {}, {} claimed", name_of(told->error), claimed, name_of(*met->error))});
  return broken;
}

std::vector<BrokenLaw> broken_four_tuples(const Scenario& scenario, const CapacityClaim& claim) {
  const auto there = four_tuples_of(scenario);
  const std::uint64_t most = std::max(claim.accepted_most, claim.established_most);
  if (!there || most <= *there) return {};
  return {{"held-within-four-tuples", fmt::format("{} claimed, {} four-tuples", most, *there)}};
}

}  // namespace netlimits::fuzz

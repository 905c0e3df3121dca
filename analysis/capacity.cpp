// The moments at which most is open, each with its ladder, and which of them counts. Then: short connections, and what
// is left out of the answer, as notes.
#include "analysis/capacity.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <optional>
#include <utility>

#include "analysis/capacity_network.hpp"
#include "analysis/churn/gateway_rates.hpp"
#include "analysis/churn/short_connections.hpp"
#include "analysis/growth/ladder.hpp"
#include "analysis/left_out.hpp"
#include "analysis/occupancy/open_at_once.hpp"
#include "analysis/occupancy/peaks.hpp"
#include "analysis/proxies/proxied_capacity.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {
namespace {

// Without those that begin after the scenario's end; where chance decides that, with all of a workload that may begin.
// Nothing: that is the whole.
std::optional<Scenario> until_the_end(const Scenario& whole) {
  if (!whole.end) return std::nullopt;
  std::optional<Scenario> cut;
  for (const auto& [name, workload] : whole.workloads) {
    const auto last = last_arrival_by_law(workload);
    if (last.value_or(workload.start) <= *whole.end) continue;
    if (!cut) cut = whole;
    const std::uint64_t begun = last ? begun_by_law(workload, *whole.end) : 0;
    if (begun == 0) {
      cut->workloads.erase(name);
    } else {
      cut->workloads.at(name).connections = begun;
    }
  }
  return cut;
}

// At each moment that can be the one that counts.
struct Ladders {
  Ladders(const Scenario& scenario, const Wiring& wiring) : network(scenario, wiring) {
    Peaks found = peaks_of(scenario, wiring);
    for (Peak& peak : found.peaks) at_peaks.emplace_back(scenario, wiring, network, std::move(peak.open));
    if (!found.all) at_most.emplace(scenario, wiring, network, open_at_once(scenario, wiring));
  }

  CapacityNetwork network;
  std::vector<Ladder> at_peaks{};
  std::optional<Ladder> at_most{};  // nothing: the peaks are all that there is
};

// Where nothing breaks: which of two would break sooner, were more asked for?
bool is_closer(const Capacity& a, const Capacity& b) {
  if (a.ladder.empty() || b.ladder.empty()) return !a.ladder.empty();
  using boost::multiprecision::uint128_t;
  return uint128_t(a.ladder.front().capacity.min) * b.asked < uint128_t(b.ladder.front().capacity.min) * a.asked;
}

// Does it break sooner, or more certainly? What is in time before comes first.
bool counts_more(const Capacity& a, const Capacity& b) {
  if (a.binding.empty() && b.binding.empty()) return is_closer(a, b);
  if (a.binding.empty() || b.binding.empty()) return b.binding.empty();
  return !a.binding_is_open && b.binding_is_open;
}

struct Climbed {
  Capacity found{};
  Ladder* on = nullptr;
};

// Does it break by those alone whose times chance has no part in?
bool breaks_without_chance(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network) {
  const Peaks certain = peaks_of(scenario, wiring, Drawn::left_out);
  return std::any_of(certain.peaks.begin(), certain.peaks.end(), [&](const Peak& peak) {
    return network.ask({.connections = peak.open, .draws = Draws::best}, Naming::none).held < sum_of(peak.open);
  });
}

Climbed climb(Ladders& ladders, Answered answered) {
  Climbed chosen;
  Capacity most;
  for (Ladder& ladder : ladders.at_peaks) {
    Capacity here = ladder.climb(answered);
    most.asked = std::max(most.asked, here.asked);
    for (const auto figure : {&Capacity::capacity, &Capacity::established}) {
      (most.*figure).min = std::max((most.*figure).min, (here.*figure).min);
      (most.*figure).max = std::max((most.*figure).max, (here.*figure).max);
    }
    if (chosen.on == nullptr || counts_more(here, chosen.found)) chosen = {std::move(here), &ladder};
  }
  if (ladders.at_most) {
    Capacity bound = ladders.at_most->climb(answered);
    most.capacity.max = std::max(most.capacity.max, bound.capacity.max);
    most.established.max = std::max(most.established.max, bound.established.max);
    if (chosen.found.binding.empty() && !bound.binding.empty()) {
      bound.binding_is_open = true;
      bound.refusing_is_open = true;
      chosen = {std::move(bound), &*ladders.at_most};
    }
  }
  chosen.found.asked = most.asked;
  chosen.found.capacity = most.capacity;
  chosen.found.established = most.established;
  Interval held = most.capacity;
  for (Rung& rung : chosen.found.ladder) {
    rung.capacity = {std::max(rung.capacity.min, held.min), std::max(rung.capacity.max, held.max)};
    held = rung.capacity;
  }
  return chosen;
}

bool tries_again(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const auto& named) { return named.second.retry.attempts > 0 || named.second.retry.reconnect; });
}

Scenario without_retries(Scenario scenario) {
  for (auto& [name, workload] : scenario.workloads) workload.retry = {};
  return scenario;
}

Capacity capacity_as_written(const Scenario& whole, Answered answered) {
  const std::optional<Scenario> cut = until_the_end(whole);
  const Scenario& scenario = cut ? *cut : whole;
  const Wiring wiring(scenario);
  Ladders ladders(scenario, wiring);
  auto [found, on] = climb(ladders, answered);
  if (answered == Answered::all) found.without = on->losses();
  const bool certain = breaks_without_chance(scenario, wiring, ladders.network);
  const std::size_t bind_already = found.binding.size();
  add_short_connections(found, scenario, wiring, ladders.network, certain);
  if (found.binding.size() != bind_already) put_in_printed_order(found.binding);
  put_those_that_wait_last(scenario, found.binding);
  const auto keep_to = [](Interval& figure, const std::optional<Interval>& most) {
    if (most) figure = {std::min(figure.min, most->min), std::min(figure.max, most->max)};
  };
  const std::optional<Interval> at_both_ends = reached_by_the_end(scenario, wiring, 3);
  keep_to(found.capacity, at_both_ends);
  keep_to(found.held, at_both_ends);
  keep_to(found.established, reached_by_the_end(scenario, wiring, 2));
  note_what_is_left_out(scenario, found.notes);
  found.left_out = left_out_of(scenario);
  // Anybody may come while all ports or entries are kept.
  const auto leaves_out = [&left = found.left_out](const char* what) {
    return std::find(left.begin(), left.end(), what) != left.end();
  };
  if (leaves_out(ports_kept_by_gateways) || leaves_out(entries_kept_by_tables))
    found.capacity.min = found.held.min = found.established.min = 0;
  if (rates_tell_of_accepts(scenario, found)) std::erase(found.left_out, "accept rates");
  if (rates_tell_of_gateways(scenario, wiring, found)) {
    std::erase(found.left_out, ports_kept_by_gateways);
  } else if (leaves_out(ports_kept_by_gateways)) {
    found.notes.emplace_back(
        "how long a gateway keeps the port of a connection that is over is not looked at: as many as it keeps are "
        "missing, and a run tells");
  }
  if (rates_tell_of_tables(scenario, wiring, found)) {
    std::erase(found.left_out, entries_kept_by_tables);
  } else if (leaves_out(entries_kept_by_tables)) {
    found.notes.emplace_back(
        "how long connection tracking keeps the entry of a connection that is over is not looked at: as many as it "
        "keeps are missing, and a run tells");
  }
  return found;
}

}  // namespace

Capacity capacity(const Scenario& whole, Answered answered) {
  if (!whole.proxies.empty()) return proxied_capacity(whole);
  if (!tries_again(whole)) return capacity_as_written(whole, answered);
  // Where nobody is refused nobody tries again.
  Capacity once = capacity_as_written(without_retries(whole), answered);
  if (once.binding.empty() && once.refusing.empty()) return once;
  Capacity found = capacity_as_written(whole, answered);
  found.held.min = std::min(found.held.min, once.held.min);
  return found;
}

std::optional<Rung> once_lifted(const Scenario& whole, const std::set<PlacedLimit>& lifted, Counted counted) {
  if (!whole.proxies.empty()) return proxied_once_lifted(whole, lifted, counted);
  const std::optional<Scenario> cut = until_the_end(whole);
  const Scenario& scenario = cut ? *cut : whole;
  const Wiring wiring(scenario);
  Ladders ladders(scenario, wiring);
  std::optional<Rung> closest;
  for (Ladder& ladder : ladders.at_peaks) {
    auto rung = ladder.once_lifted(lifted, counted);
    if (rung && (!closest || rung->capacity.min < closest->capacity.min)) closest = std::move(rung);
  }
  return closest;
}

}  // namespace netlimits::analysis

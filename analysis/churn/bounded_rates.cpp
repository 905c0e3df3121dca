// How many can be open at once is the network's answer; Little's law makes a rate of it.
#include "analysis/churn/bounded_rates.hpp"

#include <algorithm>
#include <iterator>

#include "analysis/growth/growth.hpp"
#include "analysis/occupancy/open_at_once.hpp"
#include "analysis/open_files.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::analysis {
namespace {

// Connections of a workload that does not end before all that it can fill is full.
constexpr std::uint64_t goes_on_for = std::uint64_t{1} << 24U;

bool has_places(Limit limit) {
  return limit == Limit::fd_per_process || limit == Limit::fd_per_host || limit == Limit::listen_backlog;
}

bool is_of_ports(Limit limit) {
  return limit == Limit::ephemeral_ports || limit == Limit::port_in_use || limit == Limit::four_tuple;
}

// What waits in an accept queue goes on as its client sees it, and leaves the queue once a place is free; but not where
// the server closes first, or never accepts.
bool counts_queues(const Scenario& scenario, const Workload& workload) {
  if (workload.closer == Closer::server) return false;
  return std::none_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& named) {
    const HostGroup& host = named.second;
    return std::any_of(host.processes.begin(), host.processes.end(), [](const Process& process) {
      return std::any_of(process.listeners.begin(), process.listeners.end(), [](const Listener& listener) {
        return !std::holds_alternative<AcceptImmediately>(listener.accept);
      });
    });
  });
}

// Who has what binds: a client's descriptor is open for a round trip more than a server's.
Duration kept(const SteadyState& state, const HostGroup& host, const Workload& workload, const NetworkAnswer& answer) {
  const Process* process = process_named(host, workload.from_process);
  const bool at_client = std::any_of(answer.cut.begin(), answer.cut.end(), [&](const CutLimit& cut) {
    return cut.place == host_place(host) || (process != nullptr && cut.place == process_place(host, *process));
  });
  return at_client ? kept_by_client(workload, state.hold, state.round_trip) : state.hold;
}

// Of several ways that connections take in turn, one ends where there are fewer places than come: all others get
// through, and none fails up to a rate at which that one is not too narrow.
struct NarrowWay {
  SustainedRate sure{};
  SustainedRate carried{};
  PlacedLimit limit{};
};

std::optional<NarrowWay> narrowest_way(const SteadyState& state, const Scenario& scenario, const Wiring& wiring,
                                       const std::vector<CutLimit>& cut) {
  const Workload& workload = scenario.workloads.at(state.workload);
  const auto rate = asked_rate(workload);
  if (!rate || state.hold <= Duration::zero()) return std::nullopt;
  std::optional<NarrowWay> narrowest;
  for (const CutLimit& one : cut) {
    const HostPlace* const host = one.place.host();
    const bool has_descriptors = one.limit == Limit::fd_per_process || one.limit == Limit::fd_per_host;
    if (!has_descriptors || host == nullptr || host->count > 1 || begins_at(workload, one.place)) continue;
    const WaysThere ways = ways_ending_at(wiring, workload, one.place);
    if (ways.there == 0 || ways.there == ways.of) continue;
    SharedPlaces shared;
    shared.add(*rate, ways.there, ways.of, state.hold);
    if (!shared.more_than_places(one.capacity.min)) continue;
    NarrowWay here{shared.served(one.capacity.min), shared.carried_most(one.capacity.max),
                   PlacedLimit{one.limit, one.place}};
    if (!narrowest || above(narrowest->sure, here.sure)) {
      if (narrowest && above(here.carried, narrowest->carried)) here.carried = narrowest->carried;
      narrowest = here;
    }
  }
  return narrowest;
}

void bound_rate(SteadyState& state, const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network,
                NetworkQuestion question, std::uint64_t asked) {
  const Workload& workload = scenario.workloads.at(state.workload);
  question.accept_queues = counts_queues(scenario, workload);
  const NetworkAnswer worst = network.ask(question);
  if (worst.held >= asked) return;
  const auto place =
      std::find_if(worst.cut.begin(), worst.cut.end(), [](const CutLimit& cut) { return has_places(cut.limit); });
  // Where some go nowhere, the others are too few to tell what binds.
  const bool nowhere = std::any_of(worst.cut.begin(), worst.cut.end(), [](const CutLimit& cut) {
    return !has_places(cut.limit) && !is_of_ports(cut.limit);
  });
  if (place == worst.cut.end() || nowhere) return;
  if (const auto narrow = narrowest_way(state, scenario, wiring, worst.cut)) {
    if (state.sustained_open || above(state.sustained, narrow->sure)) {
      state.sustained = narrow->sure;
      state.sustained_at_most = narrow->carried;
      state.sustained_open = false;
      state.sure_up_to.reset();
      state.bound_by = narrow->limit;
    }
    return;
  }
  const Duration each = kept(state, scenario.hosts.at(workload.from_host), workload, worst);
  if (each <= Duration::zero()) return;
  const auto per = static_cast<std::uint64_t>(each.count());
  const SustainedRate least{worst.held, per};
  if (!above(state.sustained, least)) return;
  question.draws = Draws::best;
  const SustainedRate most{std::max(worst.held, network.ask(question).held), per};
  const SustainedRate ports = state.sustained_at_most.value_or(state.sustained);
  const SustainedRate upper = !state.sustained_open && above(most, ports) ? ports : most;
  state.sustained = least;
  state.sustained_at_most = above(upper, least) ? std::optional(upper) : std::nullopt;
  state.sustained_open = false;
  state.sure_up_to.reset();
  state.bound_by = PlacedLimit{place->limit, place->place};
}

// What a program, or a host, has for connections of both kinds. Of one that has both ends the cut knows the share of
// each only.
std::uint64_t places_of_both_ends(const Scenario& scenario, const CutLimit& cut) {
  const HostGroup& host = scenario.hosts.at(std::string(cut.place.host()->name.view()));
  const auto* const place = std::get_if<ProcessPlace>(&cut.place.what);
  if (place == nullptr) return bounded_product(free_files(host), host.count);
  const Process* const process = process_named(host, std::string(place->process.view()));
  return bounded_product(free_descriptors(*process), bounded_product(process->count, host.count));
}

// Workloads that share what is full: those that never end keep what they have of it, the others share the rest.
void share_place(std::vector<SteadyState>& states, const Scenario& scenario, const Wiring& wiring,
                 const CutLimit& cut) {
  const PlacedLimit limit{cut.limit, cut.place};
  if (cut.place.host() == nullptr) return;
  SharedPlaces shared;
  std::uint64_t gone = 0;
  SimTime last_to_stay = time_zero;  // when it begins
  SimTime first_to_end = end_of_time;
  std::vector<std::string> names;
  std::size_t users = 0;
  bool some_come_in = false;
  bool some_go_out = false;
  bool some_wait = false;  // and are short of nothing but time
  for (const auto& [name, workload] : scenario.workloads) {
    if (!uses_place(wiring, workload, limit)) continue;
    ++users;
    if (std::holds_alternative<HoldForever>(workload.hold)) {
      gone = bounded_sum(gone, workload.connections);
      last_to_stay = std::max(last_to_stay, last_arrival_by_law(workload).value_or(end_of_time));
      continue;
    }
    first_to_end = std::min(first_to_end, workload.start);
    const auto state = std::find_if(states.begin(), states.end(),
                                    [&, &is = name](const SteadyState& one) { return one.workload == is; });
    const auto rate = asked_rate(workload);
    // Of what goes to several places nobody knows here how much comes to this one.
    const bool all_here = workload.to.size() == 1 || begins_at(workload, cut.place);
    if (state == states.end() || !rate || !all_here) return;
    const bool out = begins_at(workload, cut.place);
    (out ? some_go_out : some_come_in) = true;
    some_wait = some_wait || (!out && counts_queues(scenario, workload));
    const Duration each = out ? kept_by_client(workload, state->hold, state->round_trip) : state->hold;
    if (each <= Duration::zero()) continue;
    shared.add(*rate, 1, 1, each);
    names.push_back(name);
  }
  if (users < 2 || !shared.asked()) return;
  const bool both_ends = some_come_in && some_go_out;
  const std::uint64_t all = both_ends ? places_of_both_ends(scenario, cut) : cut.capacity.min;
  const std::uint64_t places = all - std::min(all, gone);
  const SustainedRate served = shared.served(places);
  const bool stay_first = gone == 0 || last_to_stay < first_to_end || (last_to_stay == first_to_end && gone < all);
  for (SteadyState& state : states) {
    if (std::find(names.begin(), names.end(), state.workload) == names.end() || !state.offered) continue;
    if (!smaller_part(served, shared.offered(), state.sustained, *state.offered)) continue;
    state.sustained = served;
    state.sustained_at_most.reset();
    // Those who wait are served as they came; of those who are refused those that stay longer may have the places.
    if (some_go_out && shared.more_than_places(places)) write_bounds(state, shared, places);
    // Who waits for a descriptor has it for a shorter time, as its client's time runs meanwhile: more may get through.
    if (both_ends && some_wait) state.sustained_at_most = shared.offered();
    // Of those that would stay some may be refused, as the others have the places by then.
    if (!stay_first && shared.more_than_places(places)) state.sustained_at_most = shared.offered();
    state.sustained_open = false;
    state.offered = shared.offered();
    state.together = names.size() > 1 ? names : std::vector<std::string>{};
    state.sure_up_to = shared.surely_served(places, names.size());
    state.bound_by = limit;
  }
}

}  // namespace

void write_bounds(SteadyState& state, const SharedPlaces& shared, std::uint64_t places) {
  const SustainedRate least = shared.served_least(places);
  const SustainedRate most = shared.carried_most(places);
  if (!above(most, least)) return;
  state.sustained = least;
  state.sustained_at_most = most;
}

void bound_rates(std::vector<SteadyState>& states, const Scenario& scenario, const Wiring& wiring,
                 const CapacityNetwork& network) {
  if (states.empty()) return;
  // What binds a rate does so in the long run, however few come.
  Scenario gone_on = scenario;
  for (auto& [name, workload] : gone_on.workloads) {
    if (scenario.end || std::holds_alternative<HoldForever>(workload.hold) || !asked_rate(workload)) continue;
    workload.connections = std::max(workload.connections, goes_on_for);
  }
  const std::vector<std::uint64_t> open = open_at_once(gone_on, Wiring(gone_on));
  for (SteadyState& state : states) {
    const auto named = scenario.workloads.find(state.workload);
    const auto index = static_cast<std::size_t>(std::distance(scenario.workloads.begin(), named));
    NetworkQuestion question;
    question.connections.resize(open.size());
    question.connections[index] = open[index];
    bound_rate(state, scenario, wiring, network, std::move(question), open[index]);
  }
  NetworkQuestion all;
  all.connections = open;
  all.accept_queues = std::all_of(scenario.workloads.begin(), scenario.workloads.end(),
                                  [&](const auto& named) { return counts_queues(scenario, named.second); });
  for (const CutLimit& cut : network.ask(all).cut) {
    if (cut.limit == Limit::fd_per_process || cut.limit == Limit::fd_per_host)
      share_place(states, scenario, wiring, cut);
  }
}

}  // namespace netlimits::analysis

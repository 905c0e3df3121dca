// Ladder asks the flow network again and again: first for what the scenario wants, then with each limit that binds
// lifted. Below it: what is left out of the answer, as notes.
#include "analysis/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <numeric>
#include <utility>

#include "analysis/capacity_network.hpp"
#include "analysis/churn/open_at_once.hpp"
#include "analysis/churn/short_connections.hpp"
#include "analysis/left_out.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::size_t most_rungs = 8;
// Far above every port field that a scenario can name: whoever asks for more has no limit left.
constexpr std::uint64_t most_asked = std::uint64_t{1} << 50U;

std::vector<Binding> binding_of(const std::vector<CutLimit>& bound) {
  std::vector<Binding> binding;
  for (const CutLimit& cut : bound) binding.push_back({cut.limit, cut.place, cut.capacity});
  put_in_printed_order(binding);
  return binding;
}

class Ladder {
 public:
  Ladder(const Scenario& scenario, const Wiring& wiring)
      : scenario_(scenario), wiring_(wiring), network_(scenario, wiring), base_(open_at_once(scenario, wiring)) {
    luckiest_ = base_;
    asked_ = std::accumulate(base_.begin(), base_.end(), std::uint64_t{0});
    if (at_base().held.min < asked_ || somebody_waits()) count_those_that_nobody_ends();
    count_the_lucky();
  }

  Capacity climb() {
    Capacity found;
    found.asked = asked_;
    const Step now = at_base();
    found.capacity = now.held;
    const NetworkAnswer seen_by_clients = ask(base_, Draws::worst, true);
    found.established = {seen_by_clients.held, most_held(seen_by_clients, true)};
    if (found.established.min < asked_) found.refusing = binding_of(seen_by_clients.cut);
    found.refusing_is_open = luck_decides_who_refuses(seen_by_clients, found.established, true);
    if (found.established.max < asked_ && last_segments_may_be_dropped())
      found.established.max = std::max(found.established.max, std::min(asked_, with_believed().held));
    found.binding_is_open = luck_decides_who_refuses(now.answer, now.held, false);
    std::vector<CutLimit> bound = now.answer.cut;
    if (std::vector<CutLimit> sooner = lost_turns(now.answer); !sooner.empty()) {
      bound = std::move(sooner);
      found.binding_is_open = false;
    }
    found.binding = binding_of(bound);
    lift(bound);
    while (found.ladder.size() < most_rungs && asked_ > 0) {
      if (!bound.empty() && std::all_of(bound.begin(), bound.end(), [](const CutLimit& cut) { return cut.final; }))
        break;
      Step step = next();
      if (step.answer.cut.empty()) break;
      const Interval before = found.ladder.empty() ? found.capacity : found.ladder.back().capacity;
      step.held.min = std::max(step.held.min, before.min);
      step.held.max = std::max({step.held.max, before.max, step.held.min});
      found.ladder.push_back({step.held, binding_of(step.answer.cut)});
      bound = std::move(step.answer.cut);
      lift(bound);
    }
    found.notes = network_.notes();
    if (loosened_) {
      found.notes.emplace_back(
          "several processes of a host share ports across destinations: the figures are upper bounds");
    }
    return found;
  }

  std::optional<Rung> once_lifted(const std::set<PlacedLimit>& lifted) {
    if (asked_ == 0) return std::nullopt;
    lifted_ = lifted;
    const Step step = next();
    if (step.answer.cut.empty()) return std::nullopt;
    return Rung{step.held, binding_of(step.answer.cut)};
  }

  std::vector<WithoutBackEnd> losses() {
    lifted_.clear();
    std::vector<WithoutBackEnd> found;
    for (const auto& [name, balancer] : scenario_.balancers) {
      // A host takes all of its back ends with it; an address that nobody has stands for itself.
      std::vector<std::pair<std::string, std::vector<Endpoint>>> hosts;
      for (const Endpoint& back_end : balancer.back_ends) {
        const auto owner = wiring_.topology().owner_of(back_end.address);
        std::string host;
        if (owner) {
          host = owner->group;
          if (scenario_.hosts.at(host).count > 1) host += fmt::format("[{}]", owner->instance);
        }
        const auto known = std::find_if(hosts.begin(), hosts.end(),
                                        [&](const auto& one) { return !host.empty() && one.first == host; });
        if (known == hosts.end()) {
          hosts.push_back({host, {back_end}});
        } else {
          known->second.push_back(back_end);
        }
      }
      if (hosts.size() < 2 || hosts.size() > most_losses) continue;
      for (const auto& [host, back_ends] : hosts) {
        down_ = {back_ends.begin(), back_ends.end()};
        const Step step = at_base();
        std::string endpoints;
        for (const Endpoint& back_end : back_ends) {
          if (!endpoints.empty()) endpoints += ", ";
          endpoints += back_end.text();
        }
        found.push_back({name, endpoints, host, step.held, binding_of(step.answer.cut)});
      }
      down_.clear();
    }
    return found;
  }

  const CapacityNetwork& network() const { return network_; }

 private:
  static constexpr std::size_t most_losses = 64;

  // Does a workload whose server closes first reach one that lets its connections wait?
  bool somebody_waits() const {
    return std::any_of(scenario_.workloads.begin(), scenario_.workloads.end(), [&](const auto& named) {
      const Workload& workload = named.second;
      return workload.closer == Closer::server &&
             std::any_of(workload.to.begin(), workload.to.end(),
                         [&](const Endpoint& to) { return lets_wait(wiring_.of(workload.from_host, to)); });
    });
  }

  bool lets_wait(const Target& target) const {
    if (target.reach == Reach::held_listener) return true;
    if (target.reach == Reach::listener) {
      const Listener& listener = target.host->processes[target.process].listeners[target.listener];
      return !std::holds_alternative<AcceptImmediately>(listener.accept);
    }
    if (target.reach != Reach::balancer) return false;
    const std::vector<Endpoint>& back_ends = target.balancer->back_ends;
    return std::any_of(back_ends.begin(), back_ends.end(),
                       [&](const Endpoint& back_end) { return lets_wait(wiring_.behind(*target.balancer, back_end)); });
  }

  // A server that closes first ends what it has accepted. What waits for it is there for good, and gathers.
  void count_those_that_nobody_ends() {
    std::size_t index = 0;
    for (const auto& [name, workload] : scenario_.workloads) {
      if (workload.closer == Closer::server) base_[index] = workload.connections;
      ++index;
    }
    asked_ = std::accumulate(base_.begin(), base_.end(), std::uint64_t{0});
  }

  struct Step {
    Interval held{};
    NetworkAnswer answer{};  // with the worst draws
  };

  NetworkAnswer with_believed() const {
    return network_.ask({.connections = luckiest_,
                         .draws = Draws::best,
                         .accept_queues = true,
                         .believed = true,
                         .lifted = lifted_,
                         .down = down_});
  }

  NetworkAnswer ask(const std::vector<std::uint64_t>& connections, Draws draws, bool accept_queues = false) {
    NetworkAnswer answer = network_.ask(
        {.connections = connections, .draws = draws, .accept_queues = accept_queues, .lifted = lifted_, .down = down_});
    loosened_ = loosened_ || answer.loosened;
    return answer;
  }

  Step at_base() {
    Step step;
    step.answer = ask(base_, Draws::worst);
    step.held.min = step.answer.held;
    step.held.max = most_held(step.answer, false);
    return step;
  }

  // Grown where all that is asked for is held, and where luck may let it be.
  Step next() {
    Step step = at_base();
    if (step.answer.cut.empty()) return grown();
    if (step.held.min < step.held.max && step.held.max >= asked_)
      step.held.max = std::max(step.held.max, unrefused().max);
    return step;
  }

  // It does not where the same limits, and nothing beside them, bound what is held with any luck.
  bool luck_decides_who_refuses(const NetworkAnswer& worst, const Interval& held, bool accept_queues) {
    if (held.exact() || worst.cut.empty()) return false;
    const NetworkAnswer best = ask(luckiest_, Draws::best, accept_queues);
    Interval through;
    for (const CutLimit& cut : worst.cut) through.min += cut.capacity.min;
    for (const CutLimit& cut : best.cut) through.max += cut.capacity.max;
    if (through.min != worst.held || through.max != best.held) return true;
    return !std::equal(best.cut.begin(), best.cut.end(), worst.cut.begin(), worst.cut.end(),
                       [](const CutLimit& a, const CutLimit& b) { return a.limit == b.limit && a.place == b.place; });
  }

  // How many there can be of which none is refused, with the least luck and with the most.
  Interval unrefused() {
    const std::uint64_t least = most_held_below(asked_, Draws::worst);
    const std::uint64_t most = holds_all(asked_, Draws::best) ? largest_held(Draws::best) : asked_;
    return {in_whole(least), most >= most_asked ? asked_ : in_whole(most)};
  }

  // Named ports are used in turn, and a turn that meets its port in use is lost: that can come long before anything of
  // the cut is full. Certain is only what not even luck avoids.
  std::vector<CutLimit> lost_turns(const NetworkAnswer& now) {
    const bool named = std::any_of(scenario_.workloads.begin(), scenario_.workloads.end(), [](const auto& one) {
      return std::holds_alternative<BindExplicit>(one.second.bind);
    });
    if (!named || now.cut.empty() || holds_all(asked_, Draws::best)) return {};
    std::vector<CutLimit> first = ask(grown_to(most_held_below(asked_, Draws::best) + 1), Draws::best).cut;
    std::erase_if(first, [&](const CutLimit& one) {
      const bool in_cut = std::any_of(now.cut.begin(), now.cut.end(), [&](const CutLimit& other) {
        return one.limit == other.limit && one.place == other.place;
      });
      return in_cut || one.final || (one.limit != Limit::port_in_use && one.limit != Limit::four_tuple);
    });
    return first;
  }

  std::uint64_t most_held(const NetworkAnswer& worst, bool accept_queues) {
    if (worst.depends_on_draws || luckiest_ != base_)
      return std::max(worst.held, std::min(asked_, ask(luckiest_, Draws::best, accept_queues).held));
    return worst.held;
  }

  // Those that are open at the same time may all be of the kind that gets through, where the others come to nothing.
  void count_the_lucky() {
    luckiest_ = base_;
    std::size_t index = 0;
    for (const auto& [name, its] : scenario_.workloads) {
      const Workload& workload = its;
      const auto leads_nowhere = [&](const Endpoint& to) {
        const Target target = wiring_.of(workload.from_host, to);
        if (target.reach != Reach::balancer) return target.host == nullptr || target.reach == Reach::no_listener;
        const auto& back_ends = target.balancer->back_ends;
        return std::any_of(back_ends.begin(), back_ends.end(),
                           [&](const Endpoint& one) { return wiring_.comes_back(workload.from_host, one); });
      };
      const bool names_ports = std::holds_alternative<BindExplicit>(workload.bind);
      if (names_ports || std::any_of(workload.to.begin(), workload.to.end(), leads_nowhere))
        luckiest_[index] = workload.connections;
      ++index;
    }
  }

  // Handshakes that are under way together are all answered before the first is over: the last segment of those that
  // then find the accept queue full is dropped, and their clients take themselves to be connected.
  bool last_segments_may_be_dropped() const {
    return std::any_of(scenario_.workloads.begin(), scenario_.workloads.end(), [&](const auto& named) {
      const Workload& workload = named.second;
      const auto* constant = std::get_if<ConstantRate>(&workload.arrivals);
      return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Target target = wiring_.of(workload.from_host, to);
        const auto round_trip = wiring_.round_trip(workload.from_host, target);
        if (!round_trip || *round_trip <= Duration::zero()) return false;
        return scenario_.workloads.size() > 1 || constant == nullptr || constant->interval < *round_trip;
      });
    });
  }

  void lift(const std::vector<CutLimit>& bound) {
    for (const CutLimit& cut : bound) lifted_.insert({cut.limit, cut.place});
  }

  // All workloads grown in proportion until `total` is asked for, rounded down one by one.
  std::vector<std::uint64_t> grown_to(std::uint64_t total) const {
    std::vector<std::uint64_t> connections;
    for (const std::uint64_t one : base_) {
      connections.push_back(static_cast<std::uint64_t>(boost::multiprecision::uint128_t(one) * total / asked_));
    }
    return connections;
  }

  bool holds_all(std::uint64_t total, Draws draws) {
    const std::vector<std::uint64_t> connections = grown_to(total);
    return ask(connections, draws).held == std::accumulate(connections.begin(), connections.end(), std::uint64_t{0});
  }

  // The largest total of which none is refused. Requires: what is asked for now is held.
  std::uint64_t largest_held(Draws draws) {
    std::uint64_t held = asked_;
    std::uint64_t refused = asked_;
    do {
      held = refused;
      refused *= 2;
      if (refused > most_asked) return most_asked;
    } while (holds_all(refused, draws));
    return most_held_between(held, refused, draws);
  }

  std::uint64_t most_held_below(std::uint64_t refused, Draws draws) { return most_held_between(0, refused, draws); }

  std::uint64_t most_held_between(std::uint64_t held, std::uint64_t refused, Draws draws) {
    while (refused - held > 1) {
      const std::uint64_t middle = held + (refused - held) / 2;
      (holds_all(middle, draws) ? held : refused) = middle;
    }
    return held;
  }

  std::uint64_t in_whole(std::uint64_t total) const {
    const std::vector<std::uint64_t> connections = grown_to(total);
    return std::accumulate(connections.begin(), connections.end(), std::uint64_t{0});
  }

  // One connection more for each different thing, so that limits which fill up together are found together; but at most
  // a sixteenth more, so that those which fill up later are not.
  std::uint64_t a_little_above(std::uint64_t total) const {
    std::uint64_t more = 1;
    for (const auto& [name, workload] : scenario_.workloads) {
      if (workload.connections == 0) continue;
      const HostGroup& host = scenario_.hosts.at(workload.from_host);
      std::uint64_t things = host.count * workload.to.size() * std::max<std::uint64_t>(1, workload.sources.size());
      for (const Process& process : host.processes) {
        if (process.name == workload.from_process) things *= process.count;
      }
      more = std::max(more, things * (asked_ / workload.connections + 1));
    }
    return total + 1 + std::min(more, total / 16);
  }

  Step grown() {
    Step step;
    const std::uint64_t worst = largest_held(Draws::worst);
    if (worst >= most_asked) return step;
    step.answer = ask(grown_to(a_little_above(worst)), Draws::worst);
    if (step.answer.cut.empty()) step.answer = ask(grown_to(worst + 1), Draws::worst);
    step.held = Interval::exactly(in_whole(worst));
    if (step.answer.depends_on_draws) step.held.max = in_whole(largest_held(Draws::best));
    return step;
  }

  const Scenario& scenario_;
  const Wiring& wiring_;
  CapacityNetwork network_;
  std::vector<std::uint64_t> base_;
  std::vector<std::uint64_t> luckiest_{};
  std::uint64_t asked_ = 0;
  std::set<PlacedLimit> lifted_{};
  std::set<Endpoint> down_{};
  bool loosened_ = false;
};

}  // namespace

Capacity capacity(const Scenario& scenario) {
  const Wiring wiring(scenario);
  Ladder ladder(scenario, wiring);
  Capacity found = ladder.climb();
  found.without = ladder.losses();
  add_short_connections(found, scenario, wiring, ladder.network());
  put_in_printed_order(found.binding);
  note_what_is_left_out(scenario, found.notes);
  found.left_out = left_out_of(scenario);
  if (rates_tell_of_accepts(scenario, found)) std::erase(found.left_out, "accept rates");
  return found;
}

std::optional<Rung> once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted) {
  const Wiring wiring(scenario);
  return Ladder(scenario, wiring).once_lifted(lifted);
}

}  // namespace netlimits::analysis

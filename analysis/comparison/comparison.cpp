// The order of all checks. Here the binding limit and the balancers; workload_comparison.cpp, host_comparison.cpp and
// limit_comparison.cpp have the rest.
#include "analysis/comparison/comparison.hpp"

#include <algorithm>
#include <optional>

#include "analysis/comparison/compared_sides.hpp"

namespace netlimits::analysis {

std::uint64_t ComparedSides::gather_in(Duration turn) const {
  std::uint64_t most = 0;
  for (const auto& [name, workload] : scenario.workloads) most += most_arrivals_in(workload, turn);
  return most;
}

bool ComparedSides::connections_end() const {
  return std::any_of(variation.workloads.begin(), variation.workloads.end(),
                     [](const auto& each) { return each.second.holds_end; });
}

std::uint64_t ComparedSides::spread() const {
  std::uint64_t sum = 0;
  for (const auto& [name, one] : variation.workloads) sum += one.spread;
  return sum;
}

bool ComparedSides::queue_may_fill(const std::string& host) const {
  const std::uint64_t together = gather_in(tolerances.turn);
  return std::any_of(predicted.limits.begin(), predicted.limits.end(), [&](const LimitUse& use) {
    const HostPlace* const place = use.place.host();
    return use.limit == Limit::listen_backlog && place != nullptr && place->name.view() == host &&
           use.peak + together >= use.capacity;
  });
}

bool ComparedSides::queue_filled_for_a_moment() const {
  return std::any_of(observed.hosts.begin(), observed.hosts.end(), [&](const auto& seen) {
    const auto host = predicted.hosts.find(seen.first);
    return seen.second.listen_overflows > 0 && host != predicted.hosts.end() && host->second.listen_overflows == 0 &&
           queue_may_fill(seen.first);
  });
}

namespace {

std::string words_of(const std::optional<PlacedLimit>& binding) {
  return binding ? std::string(name_of(binding->limit)) + " (" + binding->place.text() + ")" : std::string("none");
}

class Comparison {
 public:
  explicit Comparison(const ComparedSides& sides) : sides_(sides) {}

  std::vector<Check> checks() {
    compare_binding();
    for (const auto& [name, balancer] : sides_.predicted.balancers) compare_balancer(name, balancer);
    for (const auto& [name, host] : sides_.predicted.hosts) compare_host(sides_, name, host, checks_);
    compare_limits(sides_, checks_);
    for (const auto& [name, workload] : sides_.predicted.workloads) compare_workload(sides_, name, workload, checks_);
    return checks_.take();
  }

 private:
  void compare_binding() {
    const auto& predicted = sides_.predicted.binding;
    const auto& observed = sides_.observed.binding;
    if (sides_.variation.hashed) return compare_drawn_binding();
    const std::string why = why_another_may_bind(predicted, observed);
    const auto otherwise = why.empty() ? CheckVerdict::differs : CheckVerdict::not_determined;
    if (!predicted || !observed) {
      const bool both_none = !predicted && !observed;
      return checks_.add("/binding_limit", words_of(predicted), words_of(observed),
                         both_none ? CheckVerdict::agrees : otherwise, both_none ? "" : why);
    }
    const bool same_limit = predicted->limit == observed->limit;
    checks_.add("/binding_limit/limit", std::string(name_of(predicted->limit)), std::string(name_of(observed->limit)),
                same_limit ? CheckVerdict::agrees : otherwise, same_limit ? "" : why);
    if (!same_limit) return;
    // Of several places that fill up together, a real machine may meet another one first.
    const bool same = predicted->place == observed->place;
    const auto& limits = sides_.predicted.limits;
    const bool full_too = std::any_of(limits.begin(), limits.end(), [&](const LimitUse& use) {
      return use.limit == observed->limit && use.place == observed->place && use.exhausted;
    });
    checks_.add("/binding_limit/place", predicted->place, observed->place,
                same || full_too ? CheckVerdict::agrees : CheckVerdict::not_determined,
                same ? "" : "which of several full places refuses first depends on who is served first");
  }

  // Why a real machine may meet another limit first than the model does; empty: it may not.
  std::string why_another_may_bind(const std::optional<PlacedLimit>& predicted,
                                   const std::optional<PlacedLimit>& observed) const {
    if (full_while_others_have_room(observed)) return by_draw;
    if (sides_.predicted.untold)
      return "nobody was told before the end, so that a machine does not say what dropped it";
    if (sides_.variation.repeated_syns) return by_repeated_syns;
    if (sides_.queue_filled_for_a_moment()) return by_moments;
    const auto first = predicted ? first_refusal_at(*predicted) : std::nullopt;
    const auto other = observed ? first_refusal_at(*observed) : std::nullopt;
    if (first && other && *other - *first <= sides_.tolerances.late)
      return "both limits are met within moments, and how long a machine takes for each call decides which is first";
    return {};
  }

  // When the prediction meets a limit at a place for the first time, whether a call fails there or not.
  std::optional<SimTime> first_refusal_at(const PlacedLimit& limit) const {
    std::optional<SimTime> first;
    const auto note = [&](SimTime at) { first = first ? std::min(*first, at) : at; };
    for (const LimitUse& use : sides_.predicted.limits) {
      if (use.limit == limit.limit && use.place == limit.place && use.first_exhausted_at) note(*use.first_exhausted_at);
    }
    for (const auto& [name, workload] : sides_.predicted.workloads) {
      for (const Failure& failure : workload.failures) {
        if (failure.limit == limit.limit && failure.place == limit.place) note(failure.first_at);
      }
    }
    return first;
  }

  // Several processes accept from one queue: a kernel wakes whom it likes, and one that has no descriptor left is
  // refused while the next one has some.
  bool full_while_others_have_room(const std::optional<PlacedLimit>& limit) const {
    if (!limit || limit->limit != Limit::fd_per_process) return false;
    const auto* place = std::get_if<ProcessPlace>(&limit->place.what);
    if (place == nullptr) return false;
    const auto host = sides_.scenario.hosts.find(std::string(place->on.name.view()));
    return host != sides_.scenario.hosts.end() &&
           std::any_of(host->second.processes.begin(), host->second.processes.end(), [&](const Process& process) {
             return process.name == place->process.view() && process.count > 1 && !process.listeners.empty();
           });
  }

  // Where the draw decides whether anybody is refused, it decides what binds.
  void compare_drawn_binding() {
    const auto& predicted = sides_.predicted.binding;
    const auto& observed = sides_.observed.binding;
    const auto& dealt = sides_.variation.dealt;
    if (predicted == observed)
      return checks_.add("/binding_limit", words_of(predicted), words_of(observed), CheckVerdict::agrees);
    if (!dealt) {
      return checks_.add("/binding_limit", words_of(predicted), words_of(observed), CheckVerdict::not_determined,
                         sides_.variation.hashed_why);
    }
    const bool may_be_none = dealt->accepted.max == dealt->connections;
    const bool may_be_some = dealt->accepted.min < dealt->connections;
    const PlacedLimit full = predicted.value_or(PlacedLimit{Limit::fd_per_process, dealt->place});
    const bool possible = observed ? *observed == full && may_be_some : may_be_none;
    checks_.add("/binding_limit", words_of(full) + (may_be_none ? ", or none" : ""), words_of(observed),
                possible ? CheckVerdict::agrees : CheckVerdict::differs, sides_.variation.hashed_why);
  }

  void compare_balancer(const std::string& name, const std::vector<BackEndResult>& balancer) {
    const std::string at = "/balancers/" + pointer_part(name);
    const auto found = sides_.observed.balancers.find(name);
    for (std::size_t i = 0; i < balancer.size(); ++i) {
      checks_.about(balancer[i].endpoint);
      const std::string metric = at + "/" + std::to_string(i);
      if (!sides_.tolerances.sees_balancers || found == sides_.observed.balancers.end() || i >= found->second.size()) {
        checks_.unseen(metric + "/connections", balancer[i].connections,
                       "what a balancer gave to whom was not observed");
        continue;
      }
      compare_back_end(metric, balancer[i], found->second[i]);
    }
    checks_.about({});
  }

  void compare_back_end(const std::string& metric, const BackEndResult& predicted, const BackEndResult& seen) {
    const std::string connections = metric + "/connections";
    const std::string open = metric + "/open_at_end";
    const Variation& variation = sides_.variation;
    if (variation.retries) {
      checks_.near_or_open(connections, predicted.connections, seen.connections, by_repetition);
    } else if (variation.repeated_syns) {
      checks_.near_or_open(connections, predicted.connections, seen.connections, by_repeated_syns);
    } else if (variation.timed) {
      checks_.near(connections, predicted.connections, seen.connections, by_clock);
    } else {
      checks_.exact(connections, predicted.connections, seen.connections);
    }
    if (variation.repeated_syns) {
      checks_.near_or_open(open, predicted.open_at_end, seen.open_at_end, by_repeated_syns);
    } else if (variation.retries || variation.timed) {
      checks_.near_or_open(open, predicted.open_at_end, seen.open_at_end, variation.retries ? by_repetition : by_clock);
    } else if (sides_.queue_filled_for_a_moment()) {
      // The last ACK of a handshake that met the full queue comes again a second later, perhaps after the end.
      checks_.equal_or_open(open, predicted.open_at_end, seen.open_at_end, by_moments);
    } else {
      checks_.exact(open, predicted.open_at_end, seen.open_at_end);
    }
  }

  const ComparedSides& sides_;
  CheckList checks_;
};

}  // namespace

std::vector<Check> compare(const Scenario& scenario, const RunResult& predicted, const RunResult& observed,
                           const Tolerances& tolerances) {
  const Variation variation = variation_of(scenario, predicted);
  const ComparedSides sides{scenario, predicted, observed, tolerances, variation};
  return Comparison(sides).checks();
}

CheckVerdict overall(const std::vector<Check>& checks) {
  bool agrees = false;
  for (const Check& check : checks) {
    if (check.verdict == CheckVerdict::differs) return CheckVerdict::differs;
    agrees = agrees || check.verdict == CheckVerdict::agrees;
  }
  return agrees ? CheckVerdict::agrees : CheckVerdict::not_determined;
}

}  // namespace netlimits::analysis

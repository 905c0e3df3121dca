// The list of relations, and how each kind of bond is judged.
#include "fuzz/scenarios/scenario_relations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>

#include "fuzz/scenarios/result_figures.hpp"

namespace netlimits::fuzz {
namespace {

template <std::optional<Relative> (*make)(const Scenario&)>
std::optional<Relative> of(const Scenario& scenario, const ScenarioEngines&) {
  return make(scenario);
}

std::optional<Relative> read_backwards(const Scenario& scenario, const ScenarioEngines& engines) {
  if (!engines.read_backwards) return std::nullopt;
  auto read = engines.read_backwards(scenario);
  if (!read) return std::nullopt;
  return Relative{*std::move(read), Bond::same, Bond::same};
}

constexpr std::array relations{
    Relation{"keys-reordered", read_backwards},
    Relation{"hosts-renamed", of<with_hosts_renamed>},
    Relation{"one-more-port", of<with_more_ports>},
    Relation{"unused-host-added", of<with_unused_host>},
    Relation{"group-split", of<with_groups_split>},
    Relation{"balancers-renamed", of<with_balancers_renamed>},
    Relation{"one-more-descriptor", of<with_one_more_descriptor>},
    Relation{"mirrored-to-ipv6", of<mirrored_to_ipv6>},
    Relation{"processes-renamed", of<with_processes_renamed>},
    Relation{"another-seed", of<with_another_seed>},
    Relation{"one-more-place", of<with_one_more_place>},
    Relation{"paths-turned", of<with_paths_turned>},
    Relation{"workloads-renamed", of<with_workloads_renamed>},
};

class Comparison {
 public:
  Comparison(const JudgedScenario& judged, const Relation& relation, const Relative& relative,
             const ScenarioEngines& engines)
      : judged_(judged), relation_(relation), relative_(relative), engines_(engines) {}

  std::vector<BrokenLaw> broken() {
    const Scenario& there = relative_.scenario;
    RunResult result;
    try {
      result = engines_.run(there);
    } catch (const std::exception& error) {
      must_not(fmt::format("the relative cannot be run: {}", error.what()));
      return std::move(broken_);
    }
    const CapacityClaim claim = engines_.capacity(there);
    for (const BrokenLaw& one : broken_laws(there, result))
      must_not(fmt::format("the relative breaks {}: {}", one.law, one.what));
    for (const BrokenLaw& one : broken_claims(there, result, claim))
      must_not(fmt::format("the relative breaks {}: {}", one.law, one.what));
    judge_run(result);
    judge_claim(claim);
    return std::move(broken_);
  }

 private:
  void must_not(std::string what) { broken_.push_back({std::string(relation_.name), std::move(what)}); }
  void must_not(const char* whose, const std::optional<std::string>& difference) {
    if (difference) must_not(fmt::format("{} {}", whose, *difference));
  }

  Figures all_here(const RunResult& result) const { return figures_of(result); }
  Figures all_there(const RunResult& result) const { return renamed(figures_of(result), relative_.rename); }

  template <class Here, class There>
  std::optional<std::string> beyond_chance(const RunResult& result, const Here& here, const There& there) const {
    const std::uint64_t first_seed = judged_.scenario.seed;
    const auto with_seed = [](Scenario scenario, std::uint64_t seed) {
      scenario.seed = seed;
      return scenario;
    };
    return difference_beyond_chance(
        [&](std::uint64_t seed) {
          if (seed == first_seed) return here(judged_.result);
          return here(engines_.run(with_seed(judged_.scenario, seed)));
        },
        [&](std::uint64_t seed) {
          if (seed == first_seed) return there(result);
          return there(engines_.run(with_seed(relative_.scenario, seed)));
        },
        first_seed);
  }

  void judge_run(const RunResult& result) {
    const auto here = [this](const RunResult& one) { return all_here(one); };
    const auto there = [this](const RunResult& one) { return all_there(one); };
    switch (relative_.of_run) {
      case Bond::none:
        return;
      case Bond::same:
        return must_not("run:", first_difference(here(judged_.result), there(result)));
      case Bond::same_but_for_chance:
        return must_not("run:", beyond_chance(result, here, there));
      case Bond::same_in_sum:
        return must_not("run:", beyond_chance(result, sums_of, sums_of));
      case Bond::not_fewer:
        return judge_not_fewer(result);
    }
  }

  // Where moments or turns decide who gets in, one more of anything moves them.
  void judge_not_fewer(const RunResult& result) {
    const auto by_room_alone = [](const Scenario& scenario, const RunResult& of) {
      return is_gentle(scenario, of) && !some_wait_in_vain(scenario, of);
    };
    if (!by_room_alone(judged_.scenario, judged_.result) || !by_room_alone(relative_.scenario, result)) return;
    const auto held = [](const RunResult& of) {
      Figures sums = sums_of(of);
      return sums["accepted"] + sums["queued_at_end"];
    };
    const std::uint64_t here = held(judged_.result);
    const std::uint64_t there = held(result);
    if (there < here) must_not(fmt::format("run: {} accepted or waiting, with more room {}", here, there));
  }

  void judge_claim(const CapacityClaim& claim) {
    const CapacityClaim& here = judged_.claim;
    switch (relative_.of_claim) {
      case Bond::none:
        return;
      case Bond::same:
      case Bond::same_but_for_chance:
        return must_not("capacity:", first_difference(figures_of(here), renamed(figures_of(claim), relative_.rename)));
      case Bond::same_in_sum:
        must_meet("held", here.accepted_least, here.accepted_most, claim.accepted_least, claim.accepted_most);
        return must_meet("established", here.established_least, here.established_most, claim.established_least,
                         claim.established_most);
      case Bond::not_fewer:
        if (claim.established_most < here.established_most)
          must_not(fmt::format("capacity: at most {} established, with more room {}", here.established_most,
                               claim.established_most));
        return;
    }
  }

  // Two intervals for one figure may be of different width and must have something in common.
  void must_meet(const char* figure, std::uint64_t least, std::uint64_t most, std::uint64_t least_there,
                 std::uint64_t most_there) {
    if (least_there > most || most_there < least)
      must_not(fmt::format("capacity: {} to {} {}, there {} to {}", least, most, figure, least_there, most_there));
  }

  const JudgedScenario& judged_;
  const Relation& relation_;
  const Relative& relative_;
  const ScenarioEngines& engines_;
  std::vector<BrokenLaw> broken_{};
};

}  // namespace

std::span<const Relation> all_relations() { return relations; }

std::vector<Relation> relations_in_turn(const Scenario& scenario, const ScenarioEngines& engines, std::uint64_t number,
                                        std::size_t how_many) {
  std::vector<Relation> chosen;
  for (std::size_t i = 0; i < relations.size() && chosen.size() < how_many; ++i) {
    const Relation& next = relations[(number + i) % relations.size()];
    if (next.relative(scenario, engines)) chosen.push_back(next);
  }
  return chosen;
}

std::vector<BrokenLaw> broken_relation(const JudgedScenario& judged, const Relation& relation,
                                       const ScenarioEngines& engines) {
  const auto relative = relation.relative(judged.scenario, engines);
  if (!relative) return {};
  return Comparison(judged, relation, *relative, engines).broken();
}

}  // namespace netlimits::fuzz

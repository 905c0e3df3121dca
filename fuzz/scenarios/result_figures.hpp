// What a run found and what the closed forms claim as lists of figures with names, so that two of them can be held
// against each other figure by figure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "model/scenario/result.hpp"

namespace netlimits::fuzz {

// By name: "workloads/load/established", "limits/fd_per_process at server/web/peak". One that is not there is 0.
using Figures = std::map<std::string, std::uint64_t>;

// Every figure of the result but its seed. Times are nanoseconds, those of what happened only once something did.
Figures figures_of(const RunResult& result);
// Without the shares of the places that bind in a rung of the ladder: of a process at both ends of connections that is
// one of several right ones, and which one follows the order of the hosts.
Figures figures_of(const CapacityClaim& claim);

// Over all workloads, and over all hosts: what does not depend on who is who.
Figures sums_of(const RunResult& result);

// The same figures under names that `rename` makes of theirs. Those that become one are added up, those that get no
// name are left out. Without `rename`: the figures.
Figures renamed(const Figures& figures, const std::function<std::string(const std::string&)>& rename);

// The first figure, by name, that is not the same in both, in words.
std::optional<std::string> first_difference(const Figures& one, const Figures& other);

// The same for figures that chance has a part in. `one` and `other` give them for a seed. A figure differs if all that
// it is in one for as many as twenty seeds is below, or above, all that it is in the other: of two that chance decides
// alike that happens once in 10^11. Most often the first seed tells.
std::optional<std::string> difference_beyond_chance(const std::function<Figures(std::uint64_t seed)>& one,
                                                    const std::function<Figures(std::uint64_t seed)>& other,
                                                    std::uint64_t first_seed);

}  // namespace netlimits::fuzz

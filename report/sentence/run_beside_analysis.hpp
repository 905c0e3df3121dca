// An analysis knows neither what events change nor what chance has given: what a run itself has shown goes before it.
#pragma once

#include <optional>
#include <string>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

// The failure that a client saw of the limit that broke first; nothing: no client was told.
const Failure* told_of(const Scenario& scenario, const RunResult& result, const PlacedLimit& binding);

// Without the rates whose first failure should have come before connections that this run let through; where there is
// one, without what is said of other counts, too: it rests on the same ports.
analysis::Capacity not_refuted(const Scenario& scenario, const RunResult& result, analysis::Capacity capacity);

// More were held than such a limit would let through.
bool held_more_than(const RunResult& result, const analysis::Interval& count);

// The descriptors of a server that were used up first though nobody came to nothing: others waited for them.
std::optional<PlacedLimit> used_up(const RunResult& result);

// "after 5 connections, at 2 s", as the run met the limit that bounds the rate; empty: it did not.
std::string when_met(const RunResult& result, const analysis::SteadyState& steady);

}  // namespace netlimits::report

// The words of a first line for connections that end by themselves: what counts is how many a second.
#pragma once

#include <optional>
#include <string>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

// Of several workloads the one that a sentence is about: what fails first, as far as that is known; then what would,
// did it go on. Nothing: what is asked for is sustained, and none fails.
const analysis::SteadyState* leading(const analysis::Capacity& capacity);
// Of a run: that of the workload which met first what binds.
const analysis::SteadyState* leading(const Scenario& scenario, const RunResult& result,
                                     const analysis::Capacity& capacity);

// "sustains 470.533 of 1000.000 a second, holds 2 connections"; without a state, or where all is sustained, only what
// is held.
std::string lead(const std::string& held, const analysis::SteadyState* steady);

// "first above 470.533 a second (100.000 asked for)": nothing fails up to it. "1.046 to 1.162": where several streams
// meet, it depends on how. "about": they come or go by chance. Requires: what is asked for is a rate.
std::string above_rate(const Scenario& scenario, const analysis::SteadyState& steady);

// "after 28,232 connections, at 28.232 s"
std::string after_so_many(const analysis::Interval& connections, const std::optional<SimTime>& at);

// What bounds the rate: the ports, or what is scarcer than they are.
PlacedLimit narrowest(const analysis::SteadyState& steady);

// Where nothing fails, would more connections a second fail before more at once do? Then the rate.
const analysis::SteadyState* rate_that_binds(const analysis::Capacity& capacity, std::uint64_t held);

// A rate that a program's pace bounds, which no cut has. Null: there is none.
const analysis::SteadyState* slow_to_accept(const analysis::Capacity& capacity);

// "; 85.0 % failed", where any failed of those that end by themselves; "of the attempts" where one connection has
// several.
std::string share_that_failed(const Scenario& scenario, const RunResult& result);

// "after 20 connections, at 3.2 s": of all workloads that share the limit that binds.
std::string when_it_broke(const Scenario& scenario, const RunResult& result);

}  // namespace netlimits::report

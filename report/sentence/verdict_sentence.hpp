// The answer in one sentence that a person can paste into a review (contract, section 6):
//   holds 28,232 connections; breaks first at ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443, EADDRNOTAVAIL);
//   next at 30,001: fd_per_process (proxy/worker-2)
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"
#include "report/sentence/limit_error.hpp"

namespace netlimits::report {

// Of a run. "holds N": connections that both ends have, at one moment at most. "breaks first": the first failure in
// time. What a run lost is in it. With a capacity: what it sustains of connections that end, and what would break next.
std::string verdict_sentence(const Scenario& scenario, const RunResult& result, const analysis::Capacity* capacity);
// Of an analysis, whose answer is a cut: "breaks first" is what refuses first as demand grows. Where those that are not
// accepted wait, nothing breaks. What it leaves out is in it.
std::string verdict_sentence(const Scenario& scenario, const analysis::Capacity& capacity);
// Its second half alone: "breaks first at ...; next at ...", or "nothing breaks; first at ...".
std::string what_breaks(const Scenario& scenario, const analysis::Capacity& capacity);

// What of an analysis that half says breaks first: one of these limits. Empty: nothing breaks.
struct FirstToBreak {
  std::vector<analysis::Binding> limits{};
  bool open = false;  // "may break"
};
FirstToBreak first_to_break(const analysis::Capacity& capacity);

}  // namespace netlimits::report

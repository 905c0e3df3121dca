// Inside report/plan: the words that its forms share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/plan/plan.hpp"
#include "report/forms/table.hpp"
#include "report/plan/plan_report.hpp"
#include "scenarios/knowledge/remedies.hpp"

namespace netlimits::report {

// "1,000,000 connections at once", "500.000 new connections a second of load, with any one host behind a balancer down"
std::string goal_words(const analysis::PlanGoal& goal);

// "carries 1,000,000 connections at once with 3 changes: port_range 32768-60999 -> 1024-65535 (client), ..."
std::string plan_sentence(const PlanReport& report);

// "port_range 32768-60999 -> 1024-65535 (client)"
std::string change_words(const analysis::Change& change);
// As a reader sees a value: figures grouped, other words as they are.
std::string value_words(const std::string& value);

// "ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443) lets 28,232 through"; or why nothing is left.
std::string in_the_way_words(const analysis::Reached& reached);

// Whose commands they are: "linux", "aws-nat-gateway"; empty: nobody's that is known.
std::string system_of(const analysis::PlanAnswer& answer, const analysis::Change& change);
// The settings and commands that make the change, one a line.
std::vector<std::string> commands_of(const analysis::PlanAnswer& answer, const analysis::Plan& plan,
                                     const analysis::Change& change);

std::string proof_words(const analysis::Proof& proof);
std::string kernel_words(const KernelProof& proof);

Table changes_table(const analysis::Plan& plan);

// The knobs of all plans, by name, each once.
std::vector<const scenarios::Remedy*> remedies_of(const analysis::PlanAnswer& answer);

}  // namespace netlimits::report

// The planted faults: each row of the rule book that says what one would believe without it, and a few figures.
#include "fuzz/planted_faults.hpp"

#include <vector>

#include "model/systems/rule_book.hpp"

namespace netlimits::fuzz {
namespace {

// Can random scripts on Linux tell whether a model lacks the rule?
bool can_be_planted(const RuleFacts& row, const Rules& right) {
  const bool shows = row.reach == RuleReach::random || row.reach == RuleReach::several_users;
  return !row.believes.empty() && shows && right.has(row.rule);
}

template <class Value>
PlantedFault with(const Rules& right, Value Rules::*figure, Value value, std::string_view name,
                  std::string_view believes) {
  PlantedFault fault{name, believes, right, false};
  fault.rules.*figure = value;
  return fault;
}

}  // namespace

std::vector<PlantedFault> planted_faults(const Rules& right) {
  std::vector<PlantedFault> faults;
  for (const RuleFacts& row : rule_book())
    if (can_be_planted(row, right))
      faults.push_back({row.name, row.believes, without(row.rule, right), row.reach == RuleReach::several_users});

  faults.push_back(with(right, &Rules::connect_sharing, PortSharing::local_addr_port, "connect.shares-by-four-tuple",
                        "connect() needs a port that is free on its address"));
  faults.push_back(with(right, &Rules::accept_queue, AcceptQueueRule::backlog, "accept-queue.backlog-plus-one",
                        "the accept queue holds the backlog"));
  PlantedFault refuses{"accept-queue.full-is-silent", "a full accept queue refuses", right, false};
  refuses.rules.set(Rule::accept_queue_refuses, true);
  faults.push_back(refuses);
  return faults;
}

}  // namespace netlimits::fuzz

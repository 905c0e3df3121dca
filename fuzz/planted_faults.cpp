// The planted faults: each row of the rule book that says what one would believe without it, and a few figures.
#include "fuzz/planted_faults.hpp"

#include <vector>

#include "model/systems/rule_book.hpp"

namespace netlimits::fuzz {
namespace {

// Can random scripts on Linux tell whether a model lacks the rule?
bool can_be_planted(const RuleFacts& row) {
  const bool shows = row.reach == RuleReach::random || row.reach == RuleReach::several_users;
  return !row.believes.empty() && shows && newest_rules_of_linux().has(row.rule);
}

template <class Value>
PlantedFault with(Value Rules::*figure, Value value, std::string_view name, std::string_view believes) {
  PlantedFault fault{name, believes, {}, false};
  fault.rules.*figure = value;
  return fault;
}

std::vector<PlantedFault> all_faults() {
  std::vector<PlantedFault> faults;
  for (const RuleFacts& row : rule_book())
    if (can_be_planted(row))
      faults.push_back({row.name, row.believes, without(row.rule), row.reach == RuleReach::several_users});

  faults.push_back(with(&Rules::connect_sharing, PortSharing::local_addr_port, "connect.shares-by-four-tuple",
                        "connect() needs a port that is free on its address"));
  faults.push_back(with(&Rules::accept_queue, AcceptQueueRule::backlog, "accept-queue.backlog-plus-one",
                        "the accept queue holds the backlog"));
  PlantedFault refuses{"accept-queue.full-is-silent", "a full accept queue refuses", {}, false};
  refuses.rules.set(Rule::accept_queue_refuses, true);
  faults.push_back(refuses);
  return faults;
}

}  // namespace

std::span<const PlantedFault> planted_faults() {
  static const std::vector<PlantedFault> faults = all_faults();
  return faults;
}

}  // namespace netlimits::fuzz

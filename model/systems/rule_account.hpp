// Which rules are in force on a host, and which of them have decided something there so far.
//
// Whoever applies a rule asks the account whether it is in force and marks what decided. The marks are for reports and
// for the fuzzer: no rule looks at them. A question that decides nothing ("what could be chosen?") takes an account of
// its own along, and drops it.
#pragma once

#include "model/systems/os_profile.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

class RuleAccount {
 public:
  explicit RuleAccount(const Rules& rules) : rules_(&rules) {}  // which outlive the account

  const Rules& rules() const { return *rules_; }
  void mark(Rule rule) { reached_.mark(rule); }
  void mark_if(bool decided, Rule rule) {
    if (decided) mark(rule);
  }
  const RuleSet& reached() const { return reached_; }

 private:
  const Rules* rules_;
  RuleSet reached_;
};

}  // namespace netlimits

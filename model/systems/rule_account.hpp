// Which rules are in force on a host, and which of them have decided something there so far.
//
// Whoever applies a rule asks the account one question, whether it decides here, which marks it too. The marks are for
// reports and for the fuzzer: no rule looks at them. A question that decides nothing ("what could be chosen?") takes an
// account of its own along, and drops it.
#pragma once

#include "model/systems/rule.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

class RuleAccount {
 public:
  explicit RuleAccount(const Rules& rules) : rules_(&rules) {}  // which outlive the account

  const Rules& rules() const { return *rules_; }
  // Does the rule decide: the system has it, and this is a case of it? Then it is marked.
  bool decides(Rule rule, bool is_a_case) {
    if (!is_a_case || !rules_->has(rule)) return false;
    reached_.mark(rule);
    return true;
  }
  // For what the rules of the book come to where their function has said already which one it was.
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

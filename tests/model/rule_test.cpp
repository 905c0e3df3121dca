// The closed list of rules.
#include "model/systems/rule.hpp"

#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("every rule has a name of its own, says what it is, and is found by its name") {
  std::set<std::string> names;
  std::set<std::string> claims;
  for (std::size_t number = 1; number < rule_count; ++number) {
    const RuleFacts& facts = facts_of(static_cast<Rule>(number));
    CAPTURE(number, facts.name);
    CHECK(facts.name.find('.') != std::string_view::npos);
    CHECK(names.emplace(facts.name).second);
    CHECK_FALSE(facts.says.empty());
    CHECK(rule_named(facts.name) == facts.rule);
  }
  CHECK_FALSE(rule_named(""));
  CHECK_FALSE(rule_named("bind.no-such-rule"));
}

TEST_CASE("a set of rules holds what was marked in it or in a set added to it") {
  RuleSet some;
  some.mark(Rule::bind_conflict);
  RuleSet others;
  others.mark(Rule::datagram_nobody);
  some |= others;
  CHECK(some.has(Rule::bind_conflict));
  CHECK(some.has(Rule::datagram_nobody));
  CHECK_FALSE(some.has(Rule::bind_address));
}

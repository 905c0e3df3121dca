// A rule that decides what a socket call gives, as a number: what refusals, accounts and systems hold.
//
// The names of the rules and all that is known of them are in model/systems/rule_book.hpp, which only those include who
// name a rule: a new rule, or a new name for one, must not compile the whole program anew.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace netlimits {

enum class Rule : std::uint8_t;

inline constexpr Rule no_rule{};                // Rule::none: a success that needed none
inline constexpr std::size_t most_rules = 256;  // that the type can number

// Some of the rules, each once.
class RuleSet {
 public:
  void mark(Rule rule) { marks_.set(static_cast<std::size_t>(rule)); }
  void set(Rule rule, bool in) { marks_.set(static_cast<std::size_t>(rule), in); }
  bool has(Rule rule) const { return marks_[static_cast<std::size_t>(rule)]; }
  RuleSet& operator|=(const RuleSet& other) {
    marks_ |= other.marks_;
    return *this;
  }
  bool operator==(const RuleSet&) const = default;

 private:
  std::bitset<most_rules> marks_;
};

}  // namespace netlimits

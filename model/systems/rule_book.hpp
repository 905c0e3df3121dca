// The rule book: every rule that decides what a socket call gives, a row each (model/systems/rules/*.inc).
//
// A host marks a rule when the rule decides something: a refusal, or a success that would be another without it. Rules
// that only repeat what a call is for (a bind to a free port) are not in the book.
//
// A row says what the rule is, what a model without it would believe (such a model is planted, to see whether whoever
// compares it with a kernel notices: fuzz/planted_faults.hpp), where it is written down, and which systems have it
// since and until when. So the row alone tells which systems' rules change (rules_of), and a rule that came with a
// version is a row, its file and its test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/systems/kernel_version.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

enum class Rule : std::uint8_t {
#define NETLIMITS_RULE(rule, ...) rule,
#include "model/systems/rules/book.inc"
#undef NETLIMITS_RULE
};

// Which systems a rule is one of.
enum class Systems : std::uint8_t {
  linux_only = 1,
  windows_only = 2,
  macos_only = 4,
  freebsd_only = 8,
  not_windows = 13,
  everywhere = 15,
};

// What it takes to see the rule decide.
enum class RuleReach : std::uint8_t {
  random,         // a short random script
  minute,         // a wait of a minute: few random scripts have one
  several_users,  // processes of different users: an ordinary user's sandbox cannot have them
  host_wide,      // a setting of the whole machine, which no sandbox may change
  lost_packet,    // a packet that gets lost, which no script can bring about
  unanswered,  // seconds of waiting for a peer that does not answer: scripts of their own have them, random ones do not
  no_script,   // nothing that a script could ask for
};

// The kernel of Linux from which a rule holds, or with which it ended, and how that is known (docs/profiles.md).
struct RuleChange {
  KernelVersion version{};
  std::string_view source{};
  std::string_view confidence{};
};

struct RuleFacts {
  Rule rule{};
  std::string_view name{};      // "bind.conflict": stable, for reports
  std::string_view says{};      // the rule in one line
  std::string_view believes{};  // what a model without it takes to be so; empty: no fault is planted
  std::string_view source{};    // kernel file and function, RFC, vendor's page
  Systems systems = Systems::everywhere;
  RuleChange since{};  // version 0.0: as long as there are profiles
  RuleChange until{};  // the first version without it; 0.0: none
  RuleReach reach = RuleReach::random;
  bool marked = true;         // false: it decides the order or the measure of others, and no call's result names it
  std::string_view figure{};  // the key by which a profile's file can say that its system has it, or not

  constexpr bool differs_by_version() const {
    return since.version != KernelVersion{} || until.version != KernelVersion{};
  }
  constexpr bool of(Systems system) const {
    return (static_cast<unsigned>(systems) & static_cast<unsigned>(system)) != 0;
  }
};

// All rows, in the order of their numbers; the first is Rule::none.
std::span<const RuleFacts> rule_book();
const RuleFacts& facts_of(Rule rule);
inline std::string_view name_of(Rule rule) { return facts_of(rule).name; }
std::optional<Rule> rule_named(std::string_view name);

// "linux", "windows", "macos", "freebsd".
std::optional<Systems> system_named(std::string_view name);
// The rules of a system by the book. `version`: of Linux' kernel; other systems' rows do not differ by version.
RuleSet rules_of(Systems system, KernelVersion version);
inline constexpr KernelVersion newest_kernel{~0U, ~0U};

}  // namespace netlimits

// The rows of the rule book as a table, and what follows from its columns.
#include "model/systems/rule_book.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "model/systems/rules.hpp"

namespace netlimits {
namespace {

using enum Systems;

constexpr auto book = [] {
  using enum RuleReach;
  return std::to_array<RuleFacts>({
#define NETLIMITS_RULE(id, id_name, sentence, ...) {.rule = Rule::id, .name = id_name, .says = sentence, __VA_ARGS__},
#include "model/systems/rules/book.inc"
#undef NETLIMITS_RULE
  });
}();

static_assert(std::size(book) <= most_rules);

constexpr bool in_order() {
  for (std::size_t at = 0; at < std::size(book); ++at)
    if (book[at].rule != static_cast<Rule>(at)) return false;
  return true;
}
static_assert(in_order() && Rule::none == no_rule, "facts_of() finds a rule by its number");

constexpr bool holds(const RuleFacts& row, Systems system, KernelVersion version) {
  if (!row.of(system)) return false;
  if (system != linux_only) return true;
  return version >= row.since.version && (row.until.version == KernelVersion{} || version < row.until.version);
}

}  // namespace

std::span<const RuleFacts> rule_book() { return book; }

const RuleFacts& facts_of(Rule rule) { return book[static_cast<std::size_t>(rule)]; }

std::optional<Rule> rule_named(std::string_view name) {
  const auto found =
      std::find_if(std::begin(book), std::end(book), [&](const RuleFacts& one) { return one.name == name; });
  if (found == std::end(book) || name.empty()) return std::nullopt;
  return found->rule;
}

std::optional<Systems> system_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Systems>, 4> systems{
      {{"linux", linux_only}, {"windows", windows_only}, {"macos", macos_only}, {"freebsd", freebsd_only}}};
  const auto* const found =
      std::find_if(systems.begin(), systems.end(), [&](const auto& one) { return one.first == name; });
  if (found == systems.end()) return std::nullopt;
  return found->second;
}

RuleSet rules_of(Systems system, KernelVersion version) {
  RuleSet rules;
  for (const RuleFacts& row : book) rules.set(row.rule, holds(row, system, version));
  return rules;
}

const RuleSet& newest_rules_of_linux() {
  static const RuleSet rules = rules_of(linux_only, newest_kernel);
  return rules;
}

}  // namespace netlimits

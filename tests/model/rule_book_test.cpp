// The rule book: its columns, and the page that shows it.
#include "model/systems/rule_book.hpp"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "model/systems/rules.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

std::string version_text(KernelVersion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::string who_has_it(const RuleFacts& row) {
  std::string text;
  if (row.systems != Systems::everywhere) {
    for (const char* system : {"linux", "windows", "macos", "freebsd"})
      if (row.of(*system_named(system))) text += (text.empty() ? "" : ", ") + std::string(system);
  }
  if (row.since.version != KernelVersion{}) text += " since " + version_text(row.since.version);
  if (row.until.version != KernelVersion{}) text += " until " + version_text(row.until.version);
  return text;
}

std::string figure_text(const RuleFacts& row) {
  std::string text;
  if (!row.figure.empty()) text.append("`").append(row.figure).append("`");
  return text;
}

// docs/rules.md, as the rule book has it.
std::string page() {
  std::string text =
      "# The rule book\n\n"
      "Every rule that decides what a socket call gives. `netlimits fuzz` counts in how many cases each decided "
      "something, a\n"
      "script's report names the one that decided, and `netlimits fuzz --planted-faults` leaves out those that say "
      "what a model\n"
      "without them would believe. The rows are in `model/systems/rules/`; this page is checked against them.\n\n"
      "Systems: empty is all of them; a version is Linux' own. A profile's file may say the figure of a rule otherwise "
      "than the\n"
      "book (`docs/profiles.md`).\n\n"
      "| rule | what it says | without it one believes | source | systems | figure |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const RuleFacts& row : rule_book()) {
    if (row.rule == Rule::none) continue;
    for (const std::string& cell : {std::string(row.name), std::string(row.says), std::string(row.believes),
                                    std::string(row.source), who_has_it(row), figure_text(row)})
      text += "| " + cell + (cell.empty() ? "" : " ");
    text += "|\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every rule has a name of its own, says what it is and where that stands, and is found by its name") {
  std::set<std::string> names;
  std::set<std::string> figures;
  std::set<std::string> beliefs;
  for (const RuleFacts& row : rule_book()) {
    if (row.rule == Rule::none) continue;
    CAPTURE(row.name);
    CHECK(row.name.find('.') != std::string_view::npos);
    CHECK(names.emplace(row.name).second);
    CHECK_FALSE(row.says.empty());
    CHECK_FALSE(row.source.empty());
    CHECK((row.believes.empty() || beliefs.emplace(row.believes).second));
    CHECK((row.figure.empty() || figures.emplace(row.figure).second));
    CHECK(rule_named(row.name) == row.rule);
    CHECK(&facts_of(row.rule) == &row);
  }
  CHECK(names.size() + 1 == rule_book().size());
  CHECK_FALSE(rule_named(""));
  CHECK_FALSE(rule_named("bind.no-such-rule"));
}

TEST_CASE("a rule that came or went with a version says how that is known, and is one of Linux") {
  std::size_t changes = 0;
  for (const RuleFacts& row : rule_book()) {
    for (const RuleChange& change : {row.since, row.until}) {
      if (change.version == KernelVersion{}) continue;
      CAPTURE(row.name);
      ++changes;
      CHECK(row.of(Systems::linux_only));
      CHECK_FALSE(change.source.empty());
      CHECK_FALSE(change.confidence.empty());
      // A profile of another version shows it under a key of its own.
      CHECK_FALSE(row.figure.empty());
    }
  }
  CHECK(changes >= 9);
}

TEST_CASE("the rules of a version of Linux are those that came before it") {
  const auto has = [](Rule rule, KernelVersion version) { return rules_of(Systems::linux_only, version).has(rule); };
  struct Row {
    Rule rule;
    KernelVersion before;
    KernelVersion from;
  };
  for (const Row& row :
       {Row{Rule::connect_first_parity, {4, 1}, {4, 2}}, Row{Rule::bind_first_parity, {4, 1}, {4, 2}},
        Row{Rule::option_bind_no_port, {4, 1}, {4, 2}}, Row{Rule::socket_range_narrows, {6, 0}, {6, 1}},
        Row{Rule::connect_repeated_together, {4, 7}, {4, 8}}, Row{Rule::connect_linear_syn_timeouts, {6, 4}, {6, 5}},
        Row{Rule::socket_range_every_port, {6, 7}, {6, 8}}, Row{Rule::connect_time_wait_delay_set, {6, 13}, {6, 14}},
        Row{Rule::syn_queue_one_more, {6, 0}, {6, 1}}, Row{Rule::connect_revived_port, {6, 17}, {6, 18}},
        Row{Rule::datagram_filed, {6, 12}, {6, 13}}}) {
    CAPTURE(name_of(row.rule));
    CHECK_FALSE(has(row.rule, row.before));
    CHECK(has(row.rule, row.from));
    CHECK(has(row.rule, newest_kernel));
  }
  for (const Row& row :
       {Row{Rule::bind_reuse_address_memory, {6, 7}, {6, 8}}, Row{Rule::bind_reuse_port_memory_any, {6, 7}, {6, 8}},
        Row{Rule::bind_orphan_of_nobody, {6, 17}, {6, 18}}, Row{Rule::syn_queue_rounded, {4, 3}, {4, 4}}}) {
    CAPTURE(name_of(row.rule));
    CHECK(has(row.rule, row.before));
    CHECK_FALSE(has(row.rule, row.from));
    CHECK_FALSE(has(row.rule, newest_kernel));
  }
  CHECK(Rules{}.in_force == rules_of(Systems::linux_only, newest_kernel));
  CHECK_FALSE(rules_of(Systems::windows_only, newest_kernel).has(Rule::connect_first_parity));
  CHECK(rules_of(Systems::windows_only, newest_kernel).has(Rule::accept_queue_refuses));
  CHECK_FALSE(Rules{}.has(Rule::accept_queue_refuses));
  CHECK_FALSE(system_named("plan9").has_value());
}

TEST_CASE("rules but for one differ in that one alone") {
  const Rules wrong = without(Rule::bind_conflict);
  for (const RuleFacts& row : rule_book()) {
    CAPTURE(row.name);
    CHECK(wrong.has(row.rule) == (Rules{}.has(row.rule) && row.rule != Rule::bind_conflict));
  }
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

TEST_CASE("the page about rules is the rule book") {
  const std::string path = std::string(NETLIMITS_SOURCE_DIR) + "/docs/rules.md";
  if (std::getenv("NETLIMITS_WRITE_GOLDEN") != nullptr) std::ofstream(path) << page();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == page());
}

// Random scripts first: rules reached and not reached, disagreements, the sentence above them. Sequences last.
#include "report/fuzz/fuzz_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "model/systems/rule_book.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "scenarios/script_writer.hpp"

namespace netlimits::report {
namespace {

template <class Visit>
void for_each_rule(Visit&& visit) {
  for (const RuleFacts& row : rule_book())
    if (row.marked) visit(row);
}

std::uint64_t cases_of(const fuzz::FuzzResult& result, const RuleFacts& rule) {
  return result.rules[static_cast<std::size_t>(rule.rule)];
}

std::string_view what_it_takes(RuleReach reach) {
  switch (reach) {
    case RuleReach::random:
      return "";
    case RuleReach::minute:
      return " (takes a minute: few cases wait so long)";
    case RuleReach::several_users:
      return " (takes processes of different users: --several-users)";
    case RuleReach::lost_packet:
      return " (takes a lost packet: no script can lose one)";
    case RuleReach::unanswered:
      return " (takes seconds without an answer: tests/scripts/patience.json has them)";
    case RuleReach::no_script:
      return " (nothing that a script could ask for)";
    case RuleReach::host_wide:
      return " (a setting of the whole machine: no sandbox can show it)";
  }
  return "";
}

std::string script_of(const fuzz::Disagreement& disagreement) {
  return scenarios::script_file(
      "found",
      fmt::format("case {}: step {}: the kernel says {}, the model says {} ({})", disagreement.number,
                  disagreement.step, disagreement.kernel, disagreement.model, disagreement.rule),
      std::span(&disagreement.script, 1));
}

std::string verdict(const fuzz::FuzzResult& result) {
  if (result.cases > 0 && result.not_run >= result.cases) return "nothing was compared";
  const std::size_t found = result.disagreements.size() + result.never_taken.size();
  return found == 0 ? std::string("the model and the kernel agree on all") : counted(found, "disagreements");
}

std::string what_was_left(const fuzz::FuzzResult& result) {
  std::string text;
  if (result.not_run > 0) {
    text += fmt::format("{} not run: {}\n", counted(result.not_run, "cases"), text_line(result.why_not_run));
  }
  if (!result.unsteady.empty()) {
    constexpr std::size_t most_named = 20;
    const std::size_t named = std::min(most_named, result.unsteady.size());
    text += fmt::format(
        "{} differed once and not again, a matter of moments: {}{}\n", counted(result.unsteady.size(), "cases"),
        fmt::join(std::span(result.unsteady).first(named), ", "), named < result.unsteady.size() ? ", ..." : "");
  }
  return text;
}

std::string what_was_found(const fuzz::FuzzResult& result) {
  std::string text;
  for (const fuzz::Disagreement& disagreement : result.disagreements) {
    text += fmt::format("\ncase {}, step {}: the kernel says {}, the model says {} ({})\n{}", disagreement.number,
                        disagreement.step, text_line(disagreement.kernel), text_line(disagreement.model),
                        disagreement.rule.empty() ? "no rule" : disagreement.rule, script_of(disagreement));
  }
  for (const fuzz::NeverTakenPort& never : result.never_taken) {
    text += fmt::format("\n{}: the model says any of {}, the kernel took {} in none of {} choices (as in case {})\n",
                        never.rule, fmt::join(never.candidates, ", "), never.port, grouped(never.choices),
                        never.first_case);
  }
  std::string errors;
  std::size_t error_count = 0;
  for (const auto& [name, count] : result.results) {
    if (!name.starts_with("E")) continue;
    errors += (error_count++ == 0 ? "" : ", ") + name;
  }
  std::string reached;
  std::string missed;
  std::size_t reached_count = 0;
  std::size_t rule_count = 0;
  for_each_rule([&](const RuleFacts& rule) {
    ++rule_count;
    if (const std::uint64_t cases = cases_of(result, rule); cases > 0) {
      ++reached_count;
      reached += fmt::format("  {:<40} {:>10}  {}\n", rule.name, grouped(cases), rule.says);
    } else {
      missed += fmt::format("  {:<40} {}{}\n", rule.name, rule.says, what_it_takes(rule.reach));
    }
  });
  text += fmt::format("\n{} of {} rules and {} errors reached\nerrors: {}\n", reached_count, rule_count, error_count,
                      errors);
  if (!missed.empty()) text += "\nrules not reached:\n" + missed;
  return text + "\nrules reached, and in how many cases:\n" + reached;
}

nlohmann::json json_of_result(const fuzz::FuzzResult& result) {
  nlohmann::json made{{"cases", result.cases},
                      {"calls", result.calls},
                      {"not_run", result.not_run},
                      {"unsteady", result.unsteady},
                      {"rules", nlohmann::json::object()},
                      {"rules_not_reached", nlohmann::json::array()},
                      {"results", result.results},
                      {"disagreements", nlohmann::json::array()},
                      {"never_taken", nlohmann::json::array()}};
  for_each_rule([&](const RuleFacts& rule) {
    if (const std::uint64_t cases = cases_of(result, rule); cases > 0) {
      made["rules"][std::string(rule.name)] = cases;
    } else {
      made["rules_not_reached"].push_back(rule.name);
    }
  });
  for (const fuzz::NeverTakenPort& never : result.never_taken) {
    made["never_taken"].push_back({{"rule", never.rule},
                                   {"candidates", never.candidates},
                                   {"port", never.port},
                                   {"choices", never.choices},
                                   {"first_case", never.first_case}});
  }
  for (const fuzz::Disagreement& disagreement : result.disagreements) {
    made["disagreements"].push_back({{"case", disagreement.number},
                                     {"step", disagreement.step},
                                     {"kernel", disagreement.kernel},
                                     {"model", disagreement.model},
                                     {"rule", disagreement.rule},
                                     {"script", nlohmann::json::parse(script_of(disagreement))}});
  }
  return made;
}

}  // namespace

std::string fuzz_text(const fuzz::FuzzResult& result) {
  return fmt::format("seed {}: {}, {}: {}\n", result.seed, counted(result.cases, "cases"),
                     counted(result.calls, "calls"), verdict(result)) +
         what_was_left(result) + what_was_found(result);
}

std::string fuzz_json(const fuzz::FuzzResult& result, const KernelBasis& basis) {
  nlohmann::json made = json_of_result(result);
  add_basis(made, basis);
  made["format"] = "netlimits.fuzz/1";
  made["seed"] = result.seed;
  return json_bytes(made);
}

std::string sequence_text(const fuzz::SequenceResult& result, Duration took) {
  std::string text = fmt::format("all sequences of up to {} calls: {} sequences, {} calls in {} s: {}\n", result.length,
                                 grouped(result.found.cases), grouped(result.found.calls),
                                 std::chrono::duration_cast<std::chrono::seconds>(took).count(), verdict(result.found));
  if (result.ended_early) text += "ended before all were run\n";
  text += what_was_left(result.found);
  Table table({{"small world", Align::left},
               {"beginning with", Align::left},
               {"calls", Align::right},
               {"sequences", Align::right},
               {"alike", Align::right}});
  for (const fuzz::SequencePart& part : result.parts)
    table.add({part.world, part.beginning, std::to_string(part.length), grouped(part.sequences), grouped(part.alike)});
  return text + "\n" + table.text({}) + what_was_found(result.found);
}

std::string sequence_json(const fuzz::SequenceResult& result, Duration took, const KernelBasis& basis) {
  nlohmann::json made = json_of_result(result.found);
  add_basis(made, basis);
  made["format"] = "netlimits.sequences/1";
  made["length"] = result.length;
  made["ended_early"] = result.ended_early;
  made["took_ns"] = took.count();
  made["parts"] = nlohmann::json::array();
  for (const fuzz::SequencePart& part : result.parts) {
    made["parts"].push_back({{"world", part.world},
                             {"beginning", part.beginning},
                             {"length", part.length},
                             {"sequences", part.sequences},
                             {"alike", part.alike}});
  }
  return json_bytes(made);
}

}  // namespace netlimits::report

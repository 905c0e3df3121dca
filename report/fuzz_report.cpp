#include "report/fuzz_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "report/number_text.hpp"
#include "report/script_file.hpp"

namespace netlimits::report {
namespace {

std::string script_of(const Disagreement& disagreement) {
  return script_file("found",
                     fmt::format("case {}: step {}: the kernel says {}, the model says {} ({})", disagreement.number,
                                 disagreement.step, disagreement.kernel, disagreement.model, disagreement.rule),
                     std::span(&disagreement.script, 1));
}

}  // namespace

std::string fuzz_text(const FuzzResult& result) {
  std::string text = fmt::format(
      "seed {}: {} cases, {} calls: {}\n", result.seed, grouped(result.cases), grouped(result.calls),
      result.disagreements.empty()
          ? std::string("the model and the kernel agree on all")
          : fmt::format("{} disagreement{}", result.disagreements.size(), result.disagreements.size() == 1 ? "" : "s"));
  if (result.not_run > 0) {
    text += fmt::format("{} cases not run: {}\n", grouped(result.not_run), result.why_not_run);
  }
  if (result.unsteady > 0) {
    text += fmt::format("{} cases differed once and not again: a busy machine\n", grouped(result.unsteady));
  }
  for (const Disagreement& disagreement : result.disagreements) {
    text += fmt::format("\ncase {}, step {}: the kernel says {}, the model says {} ({})\n{}", disagreement.number,
                        disagreement.step, disagreement.kernel, disagreement.model,
                        disagreement.rule.empty() ? "no rule" : disagreement.rule, script_of(disagreement));
  }
  std::string errors;
  std::size_t error_count = 0;
  for (const auto& [name, count] : result.results) {
    if (!name.starts_with("E")) continue;
    errors += (error_count++ == 0 ? "" : ", ") + name;
  }
  text += fmt::format("\n{} rules and {} errors reached\nerrors: {}\n", result.rules.size(), error_count, errors);
  for (const auto& [rule, count] : result.rules) text += fmt::format("  {:<44} {:>12}\n", rule, grouped(count));
  return text;
}

std::string fuzz_json(const FuzzResult& result) {
  nlohmann::json json{
      {"format", "netlimits.fuzz/1"}, {"seed", result.seed},       {"cases", result.cases},
      {"calls", result.calls},        {"not_run", result.not_run}, {"unsteady", result.unsteady},
      {"rules", result.rules},        {"results", result.results}, {"disagreements", nlohmann::json::array()}};
  for (const Disagreement& disagreement : result.disagreements) {
    json["disagreements"].push_back({{"case", disagreement.number},
                                     {"step", disagreement.step},
                                     {"kernel", disagreement.kernel},
                                     {"model", disagreement.model},
                                     {"rule", disagreement.rule},
                                     {"script", nlohmann::json::parse(script_of(disagreement))}});
  }
  return json.dump(2) + "\n";
}

}  // namespace netlimits::report

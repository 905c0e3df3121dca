// JSON, text and Markdown of plans.
#include "report/plan/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/plan/plan_words.hpp"

namespace netlimits::report {
namespace {

using analysis::Change;
using analysis::Plan;
using analysis::ProofVerdict;
using nlohmann::json;

const char* verdict_name(ProofVerdict verdict) {
  switch (verdict) {
    case ProofVerdict::holds:
      return "holds";
    case ProofVerdict::fails:
      return "fails";
    case ProofVerdict::not_run:
      return "not_run";
  }
  return "not_run";
}

const char* verdict_name(analysis::CheckVerdict verdict) {
  switch (verdict) {
    case analysis::CheckVerdict::agrees:
      return "agrees";
    case analysis::CheckVerdict::differs:
      return "differs";
    case analysis::CheckVerdict::not_determined:
      return "not_determined";
  }
  return "not_determined";
}

json json_of_goal(const analysis::PlanGoal& goal) {
  json made{
      {"connections", nullptr}, {"rate_per_second", nullptr}, {"survive", goal.survive ? 1 : 0}, {"workload", nullptr}};
  if (goal.held) made["connections"] = *goal.held;
  if (goal.rate) made["rate_per_second"] = goal.rate->nearest_text();
  if (!goal.workload.empty()) made["workload"] = goal.workload;
  return made;
}

json json_of_reached(const analysis::Reached& reached) {
  json made{{"asked", reached.asked}, {"held", json_of(reached.held)}, {"in_the_way", json_of(reached.in_the_way)}};
  if (!reached.why.empty()) made["why"] = reached.why;
  if (!reached.meanwhile.empty()) made["while_down"] = reached.meanwhile;
  return made;
}

json json_of_change(const Change& change) {
  json made{{"knob", change.knob->name},         {"place", change.place.text()}, {"unit", change.knob->unit},
            {"before", change.before},           {"after", change.after},        {"value_before", change.value_before},
            {"value_after", change.value_after}, {"cost", change.cost}};
  for (const auto& [name, value] : change.settings) made["settings"][name] = value;
  return made;
}

json json_of_proof(const PlanProof& proof) {
  const analysis::Proof& run = proof.simulation;
  json made{{"simulation", {{"verdict", verdict_name(run.verdict)}}}};
  if (run.verdict != ProofVerdict::not_run) {
    made["simulation"]["established"] = run.established;
    made["simulation"]["held_at_most"] = run.peak_open;
    made["simulation"]["runs"] = run.runs;
  }
  if (!run.why.empty()) made["simulation"]["why"] = run.why;
  if (!proof.kernel.asked) return made;
  json& kernel = made["kernel"] = {
      {"kernel", nullptr}, {"verdict", verdict_name(proof.kernel.verdict)}, {"size", proof.kernel.size}};
  if (!proof.kernel.kernel.empty()) kernel["kernel"] = proof.kernel.kernel;
  if (!proof.kernel.why.empty()) kernel["why"] = proof.kernel.why;
  return made;
}

json json_of_plan(const PlanReport& report, std::size_t number) {
  const Plan& plan = report.answer.plans[number];
  json made{{"number", number + 1},
            {"cost", plan.cost},
            {"changes", json::array()},
            {"proof", json_of_proof(report.proofs[number])},
            {"not_looked_at", plan.left_out}};
  for (const Change& change : plan.changes) {
    json one = json_of_change(change);
    const std::string system = system_of(report.answer, change);
    one["system"] = nullptr;
    if (!system.empty()) one["system"] = system;
    one["commands"] = commands_of(report.answer, plan, change);
    made["changes"].push_back(std::move(one));
  }
  return made;
}

std::string heading_of(const PlanReport& report, std::size_t number) {
  return fmt::format("plan {}, cost {}", number + 1, report.answer.plans[number].cost);
}

std::string left_out_words(const Plan& plan) {
  std::string words;
  for (const std::string& one : plan.left_out) words += fmt::format("{}{}", words.empty() ? "" : ", ", one);
  return words.empty() ? words : fmt::format("{} are not looked at by the analysis", words);
}

std::string now_words(const PlanReport& report) {
  const analysis::Reached& now = report.answer.now;
  // How many are there at once says nothing of how many a second are carried.
  if (report.goal.rate && !now.all)
    return fmt::format("as it is, {} a second are too many: {}", report.goal.rate->nearest_text(),
                       in_the_way_words(now));
  return now.all ? fmt::format("holds {} of {} asked for", grouped(now.held), grouped(now.asked))
                 : fmt::format("asked for {}, it holds {} as it is: {}", grouped(now.asked), grouped(now.held),
                               in_the_way_words(now));
}

constexpr const char* others_words = "other plans cost more: --plans shows them";

void add_plan_text(const PlanReport& report, std::size_t number, const TextStyle& style, std::string& text) {
  const Plan& plan = report.answer.plans[number];
  const PlanProof& proof = report.proofs[number];
  const std::string run = text_line(proof_words(proof.simulation));
  const bool refuted = proof.simulation.verdict == ProofVerdict::fails;
  text += fmt::format("\n{}: {}\n", strong(heading_of(report, number), style),
                      refuted                                           ? bad(run, style)
                      : proof.simulation.verdict == ProofVerdict::holds ? good(run, style)
                                                                        : run);
  if (proof.kernel.asked) text += fmt::format("{}\n", text_line(kernel_words(proof.kernel)));
  if (!plan.left_out.empty()) text += fmt::format("{}\n", text_line(left_out_words(plan)));
  text += changes_table(plan).text(style);
  for (const Change& change : plan.changes) {
    for (const std::string& command : commands_of(report.answer, plan, change))
      text += fmt::format("  {}: {}\n", change.knob->name, text_line(command));
  }
}

}  // namespace

PlanReport make_plan_report(const Scenario& scenario, const analysis::PlanGoal& goal, analysis::PlanAnswer answer,
                            std::vector<PlanProof> proofs) {
  PlanReport report{.on = rests_on(scenario), .goal = goal, .answer = std::move(answer), .proofs = std::move(proofs)};
  report.summary = plan_sentence(report);
  return report;
}

bool is_reached(const PlanReport& report) {
  return report.answer.now.all || std::any_of(report.proofs.begin(), report.proofs.end(), [](const PlanProof& proof) {
           return proof.simulation.verdict != ProofVerdict::fails;
         });
}

std::string plan_json(const PlanReport& report) {
  json made{{"format", "netlimits.plan/1"},
            {"summary", report.summary},
            {"goal", json_of_goal(report.goal)},
            {"reached", is_reached(report)},
            {"now", json_of_reached(report.answer.now)},
            {"plans", json::array()},
            {"more_plans", report.answer.more},
            {"not_reached", nullptr},
            {"knobs", json::object()}};
  put_basis(made, report.on);
  for (std::size_t i = 0; i < report.answer.plans.size(); ++i) made["plans"].push_back(json_of_plan(report, i));
  if (!report.answer.now.all && report.answer.plans.empty()) {
    json& not_reached = made["not_reached"] = json_of_reached(report.answer.furthest);
    not_reached["turned"] = json::array();
    for (const Change& change : report.answer.turned) not_reached["turned"].push_back(json_of_change(change));
  }
  for (const scenarios::Remedy* remedy : remedies_of(report.answer)) {
    made["knobs"][remedy->name] = {{"what", remedy->what},
                                   {"effects", remedy->effects},
                                   {"risks", remedy->risks},
                                   {"source", remedy->source},
                                   {"confidence", remedy->confidence}};
  }
  return json_bytes(made);
}

std::string plan_text(const PlanReport& report, const TextStyle& style) {
  std::string text = fmt::format("{}\n", strong(text_line(report.summary), style));
  text += fmt::format("{}: {}\n", text_line(report.on.scenario_name), text_line(now_words(report)));
  for (std::size_t i = 0; i < report.answer.plans.size(); ++i) add_plan_text(report, i, style, text);
  if (report.answer.more) text += fmt::format("\n{}\n", others_words);
  for (const scenarios::Remedy* remedy : remedies_of(report.answer)) {
    text += fmt::format("\n{}: {}\n", strong(remedy->name, style), text_line(remedy->what));
    for (const std::string& effect : remedy->effects) text += fmt::format("  effect: {}\n", text_line(effect));
    for (const std::string& risk : remedy->risks) text += fmt::format("  risk: {}\n", text_line(risk));
    text += fmt::format("  source: {} ({})\n", text_line(remedy->source), remedy->confidence);
  }
  return text + fmt::format("\n{}\n", text_line(basis_line(report.on, Hashes::cut)));
}

std::string plan_markdown(const PlanReport& report) {
  std::string text = fmt::format("### {}\n\n{}: {}\n", markdown_text(report.summary),
                                 markdown_text(report.on.scenario_name), markdown_text(now_words(report)));
  for (std::size_t i = 0; i < report.answer.plans.size(); ++i) {
    const Plan& plan = report.answer.plans[i];
    const PlanProof& proof = report.proofs[i];
    text += fmt::format("\n#### {}\n\n{}\n", heading_of(report, i), markdown_text(proof_words(proof.simulation)));
    if (proof.kernel.asked) text += fmt::format("\n{}\n", markdown_text(kernel_words(proof.kernel)));
    if (!plan.left_out.empty()) text += fmt::format("\n{}\n", markdown_text(left_out_words(plan)));
    text += fmt::format("\n{}\n", changes_table(plan).markdown());
    for (const Change& change : plan.changes) {
      for (const std::string& command : commands_of(report.answer, plan, change))
        text += fmt::format("- {}: {}\n", markdown_text(change.knob->name), markdown_text(command));
    }
  }
  if (report.answer.more) text += fmt::format("\n{}\n", others_words);
  for (const scenarios::Remedy* remedy : remedies_of(report.answer)) {
    text += fmt::format("\n**{}**: {}\n\n", markdown_text(remedy->name), markdown_text(remedy->what));
    for (const std::string& effect : remedy->effects) text += fmt::format("- effect: {}\n", markdown_text(effect));
    for (const std::string& risk : remedy->risks) text += fmt::format("- risk: {}\n", markdown_text(risk));
    text += fmt::format("- source: {} ({})\n", markdown_text(remedy->source), remedy->confidence);
  }
  return text + fmt::format("\n{}\n", markdown_text(basis_line(report.on, Hashes::cut)));
}

}  // namespace netlimits::report

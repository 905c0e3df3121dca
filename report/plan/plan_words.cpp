// Sentences of goals, changes, obstacles and proofs; commands with their words filled in.
#include "report/plan/plan_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/systems/limit.hpp"
#include "model/systems/os_profile.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

using analysis::Change;
using analysis::Plan;
using analysis::PlanAnswer;
using analysis::ProofVerdict;

// "10.0.0.6 to 10.0.0.20, 10.0.1.1": runs of addresses that follow each other.
std::string runs_of(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> runs;
  for (std::size_t i = 0; i < addresses.size();) {
    std::size_t last = i;
    while (last + 1 < addresses.size() && addresses[last].plus(1) == addresses[last + 1]) ++last;
    runs.push_back(i == last ? addresses[i].text()
                             : fmt::format("{} to {}", addresses[i].text(), addresses[last].text()));
    i = last + 1;
  }
  constexpr std::size_t most_runs = 4;
  if (runs.size() > most_runs) {
    runs.resize(most_runs);
    runs.emplace_back("...");
  }
  return fmt::format("{}", fmt::join(runs, ", "));
}

std::string new_addresses(const Scenario& before, const Scenario& after, const std::string& host) {
  std::set<IpAddress> known;
  for (const AddressBlock& block : before.hosts.at(host).addresses) known.insert(block.address);
  std::vector<IpAddress> added;
  for (const AddressBlock& block : after.hosts.at(host).addresses) {
    if (!known.contains(block.address)) added.push_back(block.address);
  }
  return added.empty() ? "those that it has already" : runs_of(added);
}

std::set<std::uint16_t> ports_of(const Scenario& scenario, const analysis::DialPlace& place) {
  std::set<std::uint16_t> ports;
  for (const Process& process : scenario.hosts.at(place.host).processes) {
    if (process.name != place.process) continue;
    for (const Listener& listener : process.listeners) ports.insert(listener.endpoint.port.value);
  }
  return ports;
}

std::string new_ports(const Scenario& before, const Scenario& after, const analysis::DialPlace& place) {
  const auto known = ports_of(before, place);
  std::vector<PortRange> ranges;
  for (const std::uint16_t port : ports_of(after, place)) {
    if (known.contains(port)) continue;
    if (!ranges.empty() && ranges.back().last.value + 1 == port) {
      ranges.back().last = Port{port};
    } else {
      ranges.push_back({Port{port}, Port{port}});
    }
  }
  std::vector<std::string> texts;
  for (const PortRange& range : ranges) {
    texts.push_back(range.first == range.last ? fmt::format("{}", range.first.value)
                                              : fmt::format("{}-{}", range.first.value, range.last.value));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

scenarios::RemedyWords words_of(const PlanAnswer& answer, const Plan& plan, const Change& change) {
  scenarios::RemedyWords words{{"value", change.settings.empty() ? change.value_after : change.settings.front().second},
                               {"before", change.value_before},
                               {"more", fmt::format("{}", change.after - change.before)},
                               {"host", change.host},
                               {"process", change.place.process},
                               {"workload", change.place.workload},
                               {"gateway", change.place.gateway}};
  if (!change.place.host.empty()) words["addresses"] = new_addresses(answer.asked, plan.scenario, change.place.host);
  if (!change.place.process.empty()) words["ports"] = new_ports(answer.asked, plan.scenario, change.place);
  return words;
}

}  // namespace

std::string goal_words(const analysis::PlanGoal& goal) {
  std::string words;
  if (goal.held) words = fmt::format("{} connections at once", grouped(*goal.held));
  if (goal.rate) {
    words += fmt::format("{}{} new connections a second", words.empty() ? "" : " and ", goal.rate->nearest_text());
  }
  if (!words.empty() && !goal.workload.empty()) words += fmt::format(" of {}", goal.workload);
  if (words.empty()) words = "what it asks for";
  if (goal.survive) words += ", with any one host behind a balancer down";
  return words;
}

std::string value_words(const std::string& value) {
  const bool figure = !value.empty() && value.size() < 19 && value.find_first_not_of("0123456789") == std::string::npos;
  return figure ? grouped(std::stoull(value)) : value;
}

std::string change_words(const Change& change) {
  return fmt::format("{} {} -> {} ({})", change.knob->name, value_words(change.value_before),
                     value_words(change.value_after), change.place.text());
}

std::string in_the_way_words(const analysis::Reached& reached) {
  std::string words = reached.why;
  if (!reached.in_the_way.empty()) {
    const analysis::Binding& first = reached.in_the_way.front();
    words = fmt::format("{} ({}) lets {} through", name_of(first.limit), first.place.text(), grouped(first.capacity));
    if (const std::size_t more = reached.in_the_way.size() - 1; more > 0)
      words += fmt::format(", and {} more", counted(more, "places"));
  }
  if (!reached.meanwhile.empty()) words = fmt::format("while {} is down, {}", reached.meanwhile, words);
  return words;
}

std::string plan_sentence(const PlanReport& report) {
  const PlanAnswer& answer = report.answer;
  const std::string goal = goal_words(report.goal);
  if (answer.now.all) return fmt::format("carries {} already: nothing has to change", goal);
  if (answer.plans.empty()) {
    std::string turned;
    if (!answer.turned.empty()) {
      std::vector<std::string> changes;
      for (const Change& change : answer.turned) changes.push_back(change_words(change));
      turned = fmt::format(" with {}", fmt::join(changes, ", "));
    }
    const bool knobs = !answer.furthest.in_the_way.empty();
    return fmt::format("no plan reaches {}: {}{}{}", goal, in_the_way_words(answer.furthest), turned,
                       knobs ? ", and nothing that a plan may change is left against it" : "");
  }
  // The first one that no run has refuted.
  std::size_t best = 0;
  while (best + 1 < answer.plans.size() && report.proofs[best].simulation.verdict == ProofVerdict::fails) ++best;
  if (report.proofs[best].simulation.verdict == ProofVerdict::fails)
    return fmt::format("no plan is proven for {}: {}", goal, report.proofs.front().simulation.why);
  std::vector<std::string> changes;
  for (const Change& change : answer.plans[best].changes) changes.push_back(change_words(change));
  std::string sentence =
      fmt::format("carries {} with {}: {}", goal, counted(changes.size(), "changes"), fmt::join(changes, ", "));
  if (answer.plans.size() > 1) sentence += fmt::format("; {} more", counted(answer.plans.size() - 1, "plans"));
  return sentence;
}

std::string system_of(const PlanAnswer& answer, const Change& change) {
  if (!change.place.gateway.empty()) {
    const std::string& kind = answer.asked.gateways.at(change.place.gateway).kind;
    return kind == "linux-masquerade" ? "linux" : kind;
  }
  const auto host = answer.asked.hosts.find(change.host);
  return host == answer.asked.hosts.end() ? "" : host->second.profile->system;
}

std::vector<std::string> commands_of(const PlanAnswer& answer, const Plan& plan, const Change& change) {
  std::vector<std::string> commands;
  const std::string system = system_of(answer, change);
  const scenarios::Remedy* const remedy = scenarios::remedy_named(change.knob->name);
  const auto words = words_of(answer, plan, change);
  if (remedy != nullptr && remedy->changes.contains(system)) {
    for (const std::string& line : remedy->changes.at(system)) commands.push_back(scenarios::filled_in(line, words));
    return commands;
  }
  for (const auto& [name, value] : change.settings) {
    for (std::string& line : scenarios::lines_that_set(system, name, value)) commands.push_back(std::move(line));
  }
  return commands;
}

std::string proof_words(const analysis::Proof& proof) {
  switch (proof.verdict) {
    case ProofVerdict::not_run:
      return fmt::format("not run: {}", proof.why);
    case ProofVerdict::fails:
      return fmt::format("REFUTED by simulation: {}", proof.why);
    case ProofVerdict::holds:
      break;
  }
  const std::string runs =
      proof.runs > 1 ? fmt::format(", and in {} with one host down", counted(proof.runs - 1, "runs")) : "";
  return fmt::format("proven by simulation: {} established, none failed, {} held at most{}", grouped(proof.established),
                     grouped(proof.peak_open), runs);
}

std::string kernel_words(const KernelProof& proof) {
  if (proof.kernel.empty()) return fmt::format("no kernel was asked: {}", proof.why);
  const char* const verdict = proof.verdict == analysis::CheckVerdict::agrees    ? "agrees"
                              : proof.verdict == analysis::CheckVerdict::differs ? "DIFFERS"
                                                                                 : "does not determine it";
  const std::string size = proof.size > 1 ? fmt::format(", at a size of 1/{}", grouped(proof.size)) : "";
  const std::string why = proof.why.empty() ? "" : fmt::format(": {}", proof.why);
  return fmt::format("Linux {} {}{}{}", proof.kernel, verdict, size, why);
}

Table changes_table(const Plan& plan) {
  Table table({{"change"},
               {"place"},
               {"before", Align::right},
               {"after", Align::right},
               {"", Align::left},
               {"cost", Align::right}});
  for (const Change& change : plan.changes) {
    table.add({std::string(change.knob->name), change.place.text(), value_words(change.value_before),
               value_words(change.value_after), std::string(change.knob->unit), fmt::format("{}", change.cost)});
  }
  return table;
}

std::vector<const scenarios::Remedy*> remedies_of(const PlanAnswer& answer) {
  std::map<std::string_view, const scenarios::Remedy*> known;
  for (const Plan& plan : answer.plans) {
    for (const Change& change : plan.changes) {
      if (const auto* const remedy = scenarios::remedy_named(change.knob->name)) known[remedy->name] = remedy;
    }
  }
  std::vector<const scenarios::Remedy*> all;
  for (const auto& [name, remedy] : known) all.push_back(remedy);
  return all;
}

}  // namespace netlimits::report

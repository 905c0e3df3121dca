// The JSON of the answer and its parts; then the rows of the ladder, and the text around them.
#include "report/capacity_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/capacity_claims.hpp"
#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "report/sentence/verdict_sentence.hpp"

namespace netlimits::report {

using nlohmann::json;

json json_of(const std::vector<analysis::Binding>& binding) {
  json made = json::array();
  for (const analysis::Binding& one : binding) {
    made.push_back({{"limit", name_of(one.limit)}, {"capacity", json_of(one.capacity)}});
    put_place(made.back(), one.place);
  }
  return made;
}

namespace {

json json_of_steady(const analysis::SteadyState& steady) {
  json made{{"workload", steady.workload},
            {"pools", steady.pools},
            {"ports", json_of(steady.ports)},
            {"round_trip_ns", json_of(steady.round_trip)},
            {"port_held_ns", json_of(steady.port_held)},
            {"time_wait_ns", json_of(steady.time_wait)},
            {"sustained_per_second", steady.sustained.text()},
            {"offered_per_second", nullptr},
            {"first_failure_after", nullptr},
            {"first_failure_at_ns", nullptr}};
  put_place(made, steady.place);
  if (steady.limit != Limit::ephemeral_ports) made["limit"] = name_of(steady.limit);
  if (steady.sustained_at_most) made["sustained_at_most_per_second"] = steady.sustained_at_most->text();
  if (steady.offered) made["offered_per_second"] = steady.offered->nearest_text();
  if (!steady.together.empty()) made["together"] = steady.together;
  if (steady.bound_by) {
    made["bound_by"] = {{"limit", name_of(steady.bound_by->limit)}};
    put_place(made["bound_by"], steady.bound_by->place);
  }
  if (steady.first_failure_after) made["first_failure_after"] = json_of(*steady.first_failure_after);
  if (steady.first_failure_at) made["first_failure_at_ns"] = json_of(*steady.first_failure_at);
  return made;
}

json json_of_without(const analysis::WithoutBackEnd& without) {
  return {{"balancer", without.balancer},
          {"back_end", without.back_end},
          {"host", without.host},
          {"capacity", json_of(without.capacity)},
          {"binding", json_of(without.binding)}};
}

constexpr std::size_t most_places = 6;  // of one rung in text; JSON has them all

void add_rung(Table& table, const char* step, const analysis::Interval& held,
              const std::vector<analysis::Binding>& binding) {
  if (binding.empty()) {
    table.add({step, grouped(held), "nothing", "", ""});
    return;
  }
  for (std::size_t i = 0; i < binding.size(); ++i) {
    const bool first = i == 0;
    if (i == most_places && binding.size() > most_places + 1) {
      table.add({"", "", fmt::format("and {} more", binding.size() - i), "", ""});
      return;
    }
    table.add({first ? step : "", first ? grouped(held) : "", std::string(name_of(binding[i].limit)),
               binding[i].place.text(), grouped(binding[i].capacity)});
  }
}

}  // namespace

CapacityReport make_capacity_report(const Scenario& scenario, analysis::Capacity capacity,
                                    const analysis::CapacityClaims& claims, std::string file) {
  CapacityReport report{
      .file = std::move(file), .on = rests_on(scenario), .capacity = std::move(capacity), .claims = claims};
  report.summary = verdict_sentence(scenario, report.capacity);
  std::vector<PlacedLimit> binding;
  for (const analysis::Binding& one : report.capacity.binding) binding.push_back({one.limit, one.place});
  report.ways = way_picture(scenario, nullptr, binding);
  report.judged = analysis::judged(report.capacity, claims);
  for (const Expectation& expectation : scenario.expect) {
    if (!expectation.claim) continue;
    for (analysis::JudgedClaim& one : analysis::judged(report.capacity, *expectation.claim, expectation.name))
      report.judged.push_back(std::move(one));
  }
  return report;
}

bool holds(const CapacityReport& report) {
  return std::all_of(report.judged.begin(), report.judged.end(), [](const auto& claim) { return claim.holds; });
}

std::string capacity_json(const CapacityReport& report) {
  const analysis::Capacity& capacity = report.capacity;
  json made{{"format", "netlimits.capacity/1"},
            {"summary", report.summary},
            {"capacity", json_of(capacity.held)},
            {"established", json_of(capacity.established)},
            {"asked", capacity.asked},
            {"binding", json_of(capacity.binding)},
            {"ladder", json::array()},
            {"steady_state", json::array()},
            {"without_back_end", json::array()},
            {"notes", capacity.notes}};
  put_basis(made, report.on);
  for (const analysis::Rung& rung : capacity.ladder) {
    made["ladder"].push_back({{"capacity", json_of(rung.capacity)}, {"binding", json_of(rung.binding)}});
  }
  for (const analysis::SteadyState& steady : capacity.steady_state)
    made["steady_state"].push_back(json_of_steady(steady));
  for (const analysis::WithoutBackEnd& without : capacity.without)
    made["without_back_end"].push_back(json_of_without(without));
  if (report.claims.any() || !report.judged.empty()) {
    json& claimed = made["claims"] = json::array();
    for (const analysis::JudgedClaim& claim : report.judged)
      claimed.push_back({{"name", claim_words(claim)}, {"holds", claim.holds}, {"why", claim_figures(claim)}});
    made["verdict"] = report.judged.empty() ? "unchecked" : holds(report) ? "holds" : "fails";
  }
  return json_bytes(made);
}

std::vector<Table> capacity_tables(const CapacityReport& report) {
  const analysis::Capacity& capacity = report.capacity;
  Table ladder({{"step"}, {"holds", Align::right}, {"then binds"}, {"place"}, {"capacity", Align::right}});
  add_rung(ladder, "as it is", capacity.held, capacity.binding);
  bool first = true;
  for (const analysis::Rung& rung : capacity.ladder) {
    const bool only_grows = first && capacity.binding.empty();
    add_rung(ladder, only_grows ? "as it is, asked for more" : "that lifted", rung.capacity, rung.binding);
    first = false;
  }

  Table steady({{"workload"},
                {"port held", Align::right},
                {"ports", Align::right},
                {"sustains", Align::right},
                {"offered", Align::right},
                {"first failure"}});
  for (const analysis::SteadyState& one : capacity.steady_state) {
    std::string failure = one.offered ? "never" : "-";
    if (one.first_failure_after) failure = fmt::format("after {}", grouped(*one.first_failure_after));
    if (!one.first_failure_after && one.overflows)
      failure = fmt::format("{}{}", one.bound_fails == analysis::BoundFails::surely ? "" : "perhaps ",
                            name_of(one.overflows->limit));
    if (one.first_failure_at) failure += fmt::format(", at {}", seconds_text(one.first_failure_at->time_since_epoch()));
    steady.add({one.workload, seconds_text(one.port_held), grouped(one.ports), one.sustained_text() + "/s",
                one.offered ? one.offered->nearest_text() + "/s" : "-", failure});
  }

  Table without({{"without"}, {"of balancer"}, {"holds", Align::right}, {"then binds"}});
  for (const analysis::WithoutBackEnd& one : capacity.without) {
    const std::string name = one.host.empty() ? one.back_end : one.host + " " + one.back_end;
    without.add({name, one.balancer, grouped(one.capacity),
                 one.binding.empty()
                     ? "nothing"
                     : fmt::format("{} ({})", name_of(one.binding.front().limit), one.binding.front().place.text())});
  }
  std::vector<Table> tables;
  for (Table* table : {&ladder, &steady, &without}) {
    if (!table->empty()) tables.push_back(std::move(*table));
  }
  return tables;
}

std::string capacity_text(const CapacityReport& report, const TextStyle& style) {
  const analysis::Capacity& capacity = report.capacity;
  std::string text = fmt::format("{}\n", strong(text_line(report.summary), style));
  text += fmt::format("{}: asked for {}, established as the clients see it {}\n", text_line(report.on.scenario_name),
                      grouped(capacity.asked), grouped(capacity.established));
  if (!report.judged.empty()) text += "\n";
  for (const analysis::JudgedClaim& claim : report.judged)
    text += fmt::format("{}{}: {}\n", claim.holds ? good("holds  ", style) : bad("FAILS  ", style),
                        text_line(claim_words(claim)), text_line(claim_figures(claim)));
  for (const Table& table : capacity_tables(report)) text.append("\n").append(table.text(style));
  for (const std::string& note : capacity.notes) text += "\nnote: " + text_line(note);
  if (!capacity.notes.empty()) text += "\n";
  return text + fmt::format("\n{}\n", text_line(basis_line(report.on, Hashes::cut)));
}

}  // namespace netlimits::report

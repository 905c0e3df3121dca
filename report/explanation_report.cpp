// The parts of an explanation, and each form of them.
#include "report/explanation_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/table.hpp"
#include "scenarios/json/plain_text.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;
using scenarios::BySystem;
using scenarios::Explanation;
using scenarios::Known;
using scenarios::KnownKind;
using scenarios::ProfileValue;

using Labelled = std::vector<std::pair<std::string, std::string>>;

// What is said in a line each.
Labelled facts_about(const Known& known) {
  Labelled facts;
  const auto add = [&](const char* label, const std::string& text) {
    if (!text.empty()) facts.emplace_back(label, text);
  };
  add(known.kind == KnownKind::rule ? "whose" : "formula", known.formula);
  add(known.kind == KnownKind::error ? "calls" : "error", known.told);
  add("systems", fmt::format("{}", fmt::join(known.systems, ", ")));
  add("messages", fmt::format("{}", fmt::join(known.messages, "; ")));
  add("limits", fmt::format("{}", fmt::join(known.limits, ", ")));
  add("settings", fmt::format("{}", fmt::join(known.settings, ", ")));
  add("source", fmt::format("{} ({})", known.source, known.confidence));
  return facts;
}

Table values_table(const Explanation& explanation) {
  Table table({{"figure"}, {"value"}, {"profiles"}, {"how sure"}, {"source"}});
  for (const ProfileValue& value : explanation.values) {
    const std::string note = value.note.empty() ? "" : fmt::format(" ({})", value.note);
    table.add({value.figure, value.value, fmt::format("{}", fmt::join(value.profiles, " ")), value.confidence,
               value.source + note});
  }
  return table;
}

Table commands_table(const char* title, const BySystem& commands) {
  Table table({{"system"}, {title}});
  for (const auto& [system, lines] : commands) {
    bool first = true;
    for (const std::string& line : lines) {
      table.add({first ? system : "", line});
      first = false;
    }
  }
  return table;
}

Table folklore_table(const Known& known) {
  Table table({{"what people believe"}, {"what is so"}, {"scenario"}});
  for (const scenarios::Folklore& one : known.folklore)
    table.add({one.belief, one.truth, one.scenario.empty() ? "" : fmt::format("scenarios/{}.json", one.scenario)});
  return table;
}

std::vector<Table> tables_of(const Explanation& explanation) {
  return {values_table(explanation), commands_table("what shows it", explanation.known.shows),
          commands_table("what changes it", explanation.known.changes), folklore_table(explanation.known)};
}

json json_of(const BySystem& commands) {
  json made = json::object();
  for (const auto& [system, lines] : commands) made[system] = lines;
  return made;
}

json json_of(const Known& known) {
  json made{{"kind", name_of(known.kind)},
            {"name", known.name},
            {"what", known.what},
            {"shows", json_of(known.shows)},
            {"changes", json_of(known.changes)},
            {"folklore", json::array()},
            {"source", known.source},
            {"confidence", known.confidence}};
  const auto put = [&](const char* key, const auto& value) {
    if (!value.empty()) made[key] = value;
  };
  put(known.kind == KnownKind::rule ? "whose" : "formula", known.formula);
  put(known.kind == KnownKind::error ? "calls" : "error", known.told);
  put("systems", known.systems);
  put("messages", known.messages);
  put("limits", known.limits);
  put("settings", known.settings);
  for (const scenarios::Folklore& one : known.folklore) {
    json& written = made["folklore"].emplace_back(json{{"belief", one.belief}, {"truth", one.truth}});
    if (!one.scenario.empty()) written["scenario"] = one.scenario;
  }
  return made;
}

json json_of(const Explanation& explanation) {
  json made = json_of(explanation.known);
  json& values = made["values"] = json::array();
  for (const ProfileValue& value : explanation.values) {
    values.push_back({{"figure", value.figure},
                      {"value", value.value},
                      {"profiles", value.profiles},
                      {"confidence", value.confidence},
                      {"source", value.source}});
    if (!value.note.empty()) values.back()["note"] = value.note;
  }
  return made;
}

template <class All>
std::string explain_json(const All& all) {
  json made{{"format", "netlimits.explain/1"}, {"explanations", json::array()}};
  for (const auto& one : all) made["explanations"].push_back(json_of(one));
  return json_bytes(made);
}

std::string headed(const Known& known) {
  return fmt::format("{} ({}): {}", known.name, name_of(known.kind), known.what);
}

// "rules": the heading of a list.
std::string plural(KnownKind kind) { return fmt::format("{}s", name_of(kind)); }

}  // namespace

std::string explainable_text(std::span<const Known> all, const TextStyle& style) {
  std::size_t width = 0;
  for (const Known& known : all) width = std::max(width, scenarios::character_count(known.name));
  std::string text;
  const Known* last = nullptr;
  for (const Known& known : all) {
    if (last == nullptr || last->kind != known.kind)
      text += fmt::format("{}{}\n", last == nullptr ? "" : "\n", strong(plural(known.kind), style));
    // A sentence is enough to choose by.
    const std::string first = known.what.substr(0, known.what.find(". "));
    text += fmt::format("  {:<{}}  {}\n", text_line(known.name), width, text_line(first));
    last = &known;
  }
  return text;
}

std::string explainable_markdown(std::span<const Known> all) {
  std::string text;
  for (const KnownKind kind : {KnownKind::limit, KnownKind::setting, KnownKind::error, KnownKind::rule}) {
    Table table({{std::string(name_of(kind))}, {"what it is"}});
    for (const Known& known : all) {
      if (known.kind == kind) table.add({known.name, known.what});
    }
    if (!table.empty()) text += fmt::format("{}### {}\n\n{}", text.empty() ? "" : "\n", plural(kind), table.markdown());
  }
  return text;
}

std::string explainable_json(std::span<const Known> all) { return explain_json(all); }

std::string explanations_text(std::span<const Explanation> explanations, const TextStyle& style) {
  std::string text;
  for (const Explanation& explanation : explanations) {
    if (!text.empty()) text += "\n\n";
    text += fmt::format("{}\n\n", strong(text_line(headed(explanation.known)), style));
    for (const auto& [label, fact] : facts_about(explanation.known))
      text += fmt::format("{:<8}  {}\n", label, text_line(fact));
    for (const Table& table : tables_of(explanation)) {
      if (!table.empty()) text.append("\n").append(table.text(style));
    }
  }
  return text;
}

std::string explanations_markdown(std::span<const Explanation> explanations) {
  std::string text;
  for (const Explanation& explanation : explanations) {
    const Known& known = explanation.known;
    if (!text.empty()) text += "\n";
    text +=
        fmt::format("### {} ({})\n\n{}\n\n", markdown_text(known.name), name_of(known.kind), markdown_text(known.what));
    for (const auto& [label, fact] : facts_about(known)) text += fmt::format("- {}: {}\n", label, markdown_text(fact));
    for (const Table& table : tables_of(explanation)) {
      if (!table.empty()) text.append("\n").append(table.markdown());
    }
  }
  return text;
}

std::string explanations_json(std::span<const Explanation> explanations) { return explain_json(explanations); }

}  // namespace netlimits::report

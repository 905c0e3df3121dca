// The parts of a diagnosis, and each form of them.
#include "report/diagnosis_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/systems/limit.hpp"
#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;
using scenarios::Cause;
using scenarios::Complaint;
using scenarios::During;
using scenarios::Evidence;
using scenarios::Explained;
using scenarios::ToldCount;
using scenarios::WhatTells;

constexpr std::size_t told_in_full = 3;
constexpr std::uint64_t worth_a_row = 10;  // per mille
constexpr std::uint64_t worth_a_page = 50;

std::string_view word_of(During during) {
  switch (during) {
    case During::either:
      return "";
    case During::load:
      return "load";
    case During::idle:
      return "idle";
  }
  return "";
}

std::string number_of(const ToldCount& count) {
  if (count.told) return grouped(*count.told);
  return fmt::format("about {} to {}", grouped(count.least), grouped(count.most));
}

// "28,232 connections, EADDRNOTAVAIL, on linux, under load".
std::string asked_of(const Complaint& asked) {
  std::vector<std::string> parts;
  if (asked.count) parts.push_back(fmt::format("{} connections", number_of(*asked.count)));
  if (asked.rate) parts.push_back(fmt::format("{} connections a second", number_of(*asked.rate)));
  if (asked.error) parts.push_back(asked.error->text);
  if (!asked.os.empty()) parts.push_back(fmt::format("on {}", asked.os));
  if (asked.during != During::either) parts.push_back(asked.during == During::load ? "under load" : "when idle");
  return parts.empty() ? std::string("this machine") : fmt::format("{}", fmt::join(parts, ", "));
}

std::string name_of_limit(const Cause& cause) {
  return cause.limit ? std::string(name_of(*cause.limit)) : std::string("no limit");
}

// Whole per cents; what is less than one is said to be so.
std::string share_text(std::uint64_t per_mille) {
  return per_mille < 10 ? std::string("< 1 %") : fmt::format("{} %", (per_mille + 5) / 10);
}

std::string headline(const DiagnosisReport& report) {
  const std::string asked = asked_of(report.asked);
  if (report.causes.empty()) return fmt::format("{}: nothing that is known here explains it", asked);
  const Explained& first = report.causes.front();
  // Several causes may be of one limit: what is likely is the limit.
  std::uint64_t share = 0;
  for (const Explained& one : report.causes)
    share += one.cause->limit == first.cause->limit && (first.cause->limit || &one == &first) ? one.share : 0;
  const char* how = first.fits ? (share >= 500 ? "most likely" : "likeliest") : "nothing fits well; at best";
  return fmt::format("{}: {} {} {}", asked, how, name_of_limit(*first.cause), first.cause->where);
}

// What was typed and nobody knows.
std::string not_understood(const Complaint& asked) {
  if (!asked.error || asked.error->understood()) return {};
  return fmt::format("No system, program or cloud that is known here says \"{}\": it counts for nothing.",
                     asked.error->text);
}

std::string said(const Evidence& evidence) {
  if (!evidence.figure) return evidence.says;
  return fmt::format("{}: {}", evidence.says, evidence.formula);
}

std::string use_text(const scenarios::SeenUse& use) {
  return fmt::format("{}: {} of {} in use", use.place, grouped(use.used), grouped(use.capacity));
}

// The best of what speaks for it, or what it is.
std::string short_reason(const Explained& one) {
  for (const Evidence& evidence : one.evidence) {
    if (evidence.figure) return said(evidence);
  }
  if (!one.evidence.empty()) return one.evidence.front().says;
  return one.use ? use_text(*one.use) : std::string("possible whatever the number");
}

Table causes_table(const DiagnosisReport& report) {
  Table table({{"likely", Align::right}, {"cause"}, {"limit"}, {"where"}, {"why"}});
  for (std::size_t i = 0; i < report.causes.size(); ++i) {
    const Explained& one = report.causes[i];
    if (i >= told_in_full && one.share < worth_a_row) break;
    table.add({share_text(one.share), one.cause->name, name_of_limit(*one.cause), one.cause->where, short_reason(one)});
  }
  return table;
}

Table tell_table(const Explained& one) {
  Table table({{"look here"}, {"it is this if"}});
  for (const WhatTells& tells : one.tell) table.add({tells.run, tells.look});
  return table;
}

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines lines_about(const Explained& one) {
  Lines lines{{"what", one.cause->what}};
  for (const Evidence& evidence : one.evidence) lines.emplace_back("why", said(evidence));
  if (one.use) lines.emplace_back("here", use_text(*one.use));
  for (const std::string& remedy : one.remedy) lines.emplace_back("remedy", remedy);
  lines.emplace_back("source", fmt::format("{} ({})", one.cause->source, one.cause->confidence));
  return lines;
}

// The first, and of those behind it the likely ones.
std::span<const Explained> in_full(const DiagnosisReport& report) {
  std::size_t count = std::min<std::size_t>(1, report.causes.size());
  while (count < std::min(told_in_full, report.causes.size()) && report.causes[count].share >= worth_a_page) ++count;
  return {report.causes.data(), count};
}

json json_of(const ToldCount& count) {
  json made{{"text", count.text}, {"min", count.least}, {"max", count.most}};
  return made;
}

json json_of_asked(const Complaint& asked) {
  json made = json::object();
  if (asked.count) made["count"] = json_of(*asked.count);
  if (asked.rate) made["rate"] = json_of(*asked.rate);
  if (asked.error)
    made["error"] = {{"text", asked.error->text},
                     {"errors", asked.error->errors},
                     {"symptoms", asked.error->symptoms},
                     {"understood", asked.error->understood()}};
  if (!asked.os.empty()) made["os"] = asked.os;
  if (asked.during != During::either) made["during"] = word_of(asked.during);
  return made;
}

json json_of(const Explained& one) {
  json made{
      {"cause", one.cause->name},      {"limit", one.cause->limit ? json(name_of(*one.cause->limit)) : json(nullptr)},
      {"where", one.cause->where},     {"what", one.cause->what},
      {"likely_per_mille", one.share}, {"fits", one.fits},
      {"profile", one.profile},        {"why", json::array()},
      {"tell", json::array()},         {"remedy", one.remedy},
      {"source", one.cause->source},   {"confidence", one.cause->confidence}};
  for (const Evidence& evidence : one.evidence) {
    json& why = made["why"].emplace_back(json{{"says", evidence.says}});
    if (evidence.figure) {
      why["figure"] = *evidence.figure;
      why["formula"] = evidence.formula;
    }
  }
  for (const WhatTells& tells : one.tell) made["tell"].push_back({{"run", tells.run}, {"look", tells.look}});
  if (one.use) made["use"] = {{"place", one.use->place}, {"capacity", one.use->capacity}, {"used", one.use->used}};
  return made;
}

}  // namespace

std::string diagnosis_text(const DiagnosisReport& report, const TextStyle& style) {
  std::string text = fmt::format("{}\n", strong(text_line(headline(report)), style));
  if (const std::string note = not_understood(report.asked); !note.empty())
    text += fmt::format("{}\n", doubtful(text_line(note), style));
  const Table table = causes_table(report);
  if (!table.empty()) text.append("\n").append(table.text(style));
  for (const Explained& one : in_full(report)) {
    text += fmt::format("\n{}\n\n", strong(fmt::format("{} ({})", one.cause->name, share_text(one.share)), style));
    for (const auto& [label, line] : lines_about(one)) text += fmt::format("{:<6}  {}\n", label, text_line(line));
    if (const Table tell = tell_table(one); !tell.empty()) text.append("\n").append(tell.text(style));
  }
  return text;
}

std::string diagnosis_markdown(const DiagnosisReport& report) {
  std::string text = fmt::format("### {}\n", markdown_text(headline(report)));
  if (const std::string note = not_understood(report.asked); !note.empty())
    text += fmt::format("\n{}\n", markdown_text(note));
  const Table table = causes_table(report);
  if (!table.empty()) text.append("\n").append(table.markdown());
  for (const Explained& one : in_full(report)) {
    text += fmt::format("\n#### {} ({})\n\n", markdown_text(one.cause->name), share_text(one.share));
    for (const auto& [label, line] : lines_about(one)) text += fmt::format("- {}: {}\n", label, markdown_text(line));
    if (const Table tell = tell_table(one); !tell.empty()) text.append("\n").append(tell.markdown());
  }
  return text;
}

std::string diagnosis_json(const DiagnosisReport& report) {
  json made{{"format", "netlimits.diagnose/1"}, {"asked", json_of_asked(report.asked)}, {"causes", json::array()}};
  for (const Explained& one : report.causes) made["causes"].push_back(json_of(one));
  return json_bytes(made);
}

}  // namespace netlimits::report

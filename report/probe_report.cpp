// The summary, the sections as tables, the remarks; then the three forms that they are printed in.
#include "report/probe_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"
#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "report/sentence/verdict_sentence.hpp"
#include "scenarios/host_writer.hpp"

namespace netlimits::report {
namespace {

using analysis::DestinationUse;
using analysis::Headroom;
using analysis::HeadroomRow;
using analysis::HeadroomUnit;

constexpr std::size_t most_rows = 12;  // of one limit, and of destinations, in text; JSON has all limits

const char* unit_word(HeadroomUnit unit) {
  switch (unit) {
    case HeadroomUnit::descriptors:
      return "descriptors";
    case HeadroomUnit::files:
      return "files";
    case HeadroomUnit::ports:
      return "ports";
    case HeadroomUnit::connections:
      return "connections";
    case HeadroomUnit::entries:
      return "entries";
    case HeadroomUnit::sockets:
      return "sockets";
    case HeadroomUnit::bytes:
      return "bytes";
    case HeadroomUnit::pages:
      return "pages";
    case HeadroomUnit::processes:
      return "processes";
  }
  return "";
}

// As ss calls them, in small letters.
const char* state_word(TcpState state) {
  switch (state) {
    case TcpState::closed:
      return "bound";
    case TcpState::listen:
      return "listen";
    case TcpState::syn_sent:
      return "syn_sent";
    case TcpState::syn_received:
      return "syn_received";
    case TcpState::established:
      return "established";
    case TcpState::fin_wait_1:
      return "fin_wait_1";
    case TcpState::fin_wait_2:
      return "fin_wait_2";
    case TcpState::close_wait:
      return "close_wait";
    case TcpState::closing:
      return "closing";
    case TcpState::last_ack:
      return "last_ack";
    case TcpState::time_wait:
      return "time_wait";
  }
  return "";
}

std::string figure(const std::optional<std::uint64_t>& value, const char* without) {
  return value ? grouped(*value) : without;
}

// What else is to be known of a limit.
std::string note_of(const Machine& machine, const HeadroomRow& row) {
  std::vector<std::string> notes;
  if (row.limit == Limit::fd_per_process) {
    const MachineProcess& process = machine.process;
    if (process.nofile_hard) notes.push_back(fmt::format("hard limit {}", grouped(*process.nofile_hard)));
    if (process.descriptors && !process.descriptors->empty())
      notes.push_back(fmt::format("highest number {}", grouped(process.descriptors->back())));
  }
  if (!row.note.empty()) notes.push_back(row.note);
  return fmt::format("{}", fmt::join(notes, "; "));
}

// What is in use of the limit that binds first is not known: there may be less room than the answer says.
bool is_upper_bound(const Machine& machine, const Headroom& found) {
  return std::any_of(found.rows.begin(), found.rows.end(), [&](const HeadroomRow& row) {
    const bool counts = row.limit == Limit::fd_per_process ? machine.process.runs : found.to.has_value();
    return row.binds_first && !row.used && counts;
  });
}

// Where there is no way, routing has said what connect() ends with.
std::string what_binds(const Headroom& found) {
  if (!found.no_way) return what_breaks(found.question, found.answer);
  const analysis::Binding& binding = found.answer.binding.front();
  return fmt::format("breaks first at {} ({}, {})", name_of(binding.limit), binding.place.text(),
                     name_of(*found.no_way));
}

std::string summary_of(const Machine& machine, const HostGroup& host, const Headroom& found) {
  const analysis::Interval& more = found.answer.capacity;
  const std::string count = more.exact() ? counted(more.min, "more connections") : grouped(more) + " more connections";
  const char* const at_most = is_upper_bound(machine, found) ? "at most " : "";
  const std::string who = machine.process.id
                              ? fmt::format("{} (process {})", host.processes.front().name, *machine.process.id)
                              : std::string(machine.process.runs ? "the process" : "one more program");
  const std::string where = found.to ? found.to->text() : "any one new destination";
  const std::string from = found.to && !found.sources.empty() && found.sources.front().chosen
                               ? fmt::format(" from {}", found.sources.front().from.text())
                               : "";
  const std::string unless =
      found.listener_in_doubt ? fmt::format("whether anybody listens at {} is not determined; if so, ", where)
      : found.waiting_in_full_queue
          ? fmt::format(
                "the queue at {} is full ({} for accept()), and whether its program goes on to accept is not "
                "determined; if so, ",
                where,
                *found.waiting_in_full_queue == 1 ? "1 waits" : fmt::format("{} wait", *found.waiting_in_full_queue))
          : "";
  return fmt::format("{}{} can make {}{} to {}{}; {}", unless, who, at_most, count, where, from, what_binds(found));
}

struct Section {
  std::string title{};
  Table table{{}};
  std::string after{};  // a line below the table
};

Section limits_of(const ProbeReport& report) {
  Table table({{"limit"},
               {"place"},
               {"limit is", Align::right},
               {"used", Align::right},
               {"left", Align::right},
               {"of"},
               {"more connections", Align::right},
               {"remark"}});
  std::size_t of_one_limit = 0;
  std::size_t left_out = 0;
  const auto& rows = report.headroom.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const HeadroomRow& row = rows[i];
    of_one_limit = i > 0 && rows[i - 1].limit == row.limit ? of_one_limit + 1 : 1;
    if (of_one_limit > most_rows && !row.binds_first) {
      ++left_out;
      continue;
    }
    const std::string note = note_of(report.machine, row);
    const std::string remark =
        fmt::format("{}{}{}", row.binds_first ? "binds first" : "", row.binds_first && !note.empty() ? "; " : "", note);
    const std::string of_profile = row.from_profile ? " (profile)" : "";
    table.add({std::string(name_of(row.limit)), row.where(), figure(row.capacity, "-") + of_profile,
               figure(row.used, "?"), figure(row.headroom(), "?"), unit_word(row.unit),
               row.connections ? fmt::format("{}{}", row.estimated ? "about " : "", grouped(*row.connections)) : "-",
               remark});
  }
  return {"Limits", table, left_out > 0 ? fmt::format("and {} more", left_out) : ""};
}

Section sockets_of(const ProbeReport& report) {
  const bool of_process = report.machine.process.runs;
  std::vector<Column> columns{{"sockets"}, {"all", Align::right}};
  if (of_process) columns.push_back({report.host.processes.front().name, Align::right});
  Table table(columns);
  for (const analysis::SocketTally& tally : report.headroom.sockets) {
    std::vector<std::string> cells{state_word(tally.state), grouped(tally.all)};
    if (of_process) cells.push_back(report.machine.owners_seen ? grouped(tally.of_process) : "?");
    table.add(std::move(cells));
  }
  return {"Sockets", table, ""};
}

Section destinations_of(const ProbeReport& report) {
  const bool of_process = report.machine.process.runs;
  std::vector<Column> columns{{"from"},
                              {"to"},
                              {"open", Align::right},
                              {"TIME_WAIT", Align::right},
                              {"to take over", Align::right},
                              {"ports", Align::right},
                              {"left", Align::right}};
  if (of_process) columns.push_back({fmt::format("open by {}", report.host.processes.front().name), Align::right});
  Table table(columns);
  const auto& all = report.headroom.destinations;
  for (std::size_t i = 0; i < std::min(most_rows, all.size()); ++i) {
    const DestinationUse& use = all[i];
    std::vector<std::string> cells{use.from.text(),       use.to.text(),      grouped(use.open),    grouped(use.ended),
                                   grouped(use.takeover), grouped(use.ports), grouped(use.headroom)};
    if (of_process) cells.push_back(report.machine.owners_seen ? grouped(use.of_process) : "?");
    table.add(std::move(cells));
  }
  return {"Destinations", table, all.size() > most_rows ? fmt::format("and {} more", all.size() - most_rows) : ""};
}

Section settings_of(const ProbeReport& report) {
  Table table({{"setting"}, {"value"}, {"from"}});
  const std::string& system = report.host.profile->system;
  for (const SettingInfo& info : netlimits::settings_of(system)) {
    const std::string name(info.name);
    if (info.scope == SettingScope::fixed || info.scope == SettingScope::at_start ||
        report.host.profile->settings_absent.contains(name))
      continue;
    const bool seen = report.machine.settings.contains(name);
    const std::string value = read_setting(report.host.settings, system, info.name);
    table.add({name, value.empty() ? "(empty)" : value,
               seen ? std::string("measured") : fmt::format("profile {}", report.host.profile->name)});
  }
  return {"Settings", table, ""};
}

std::vector<Section> sections_of(const ProbeReport& report) {
  return {limits_of(report), sockets_of(report), destinations_of(report), settings_of(report)};
}

// What there is to say besides the tables, a sentence each.
std::vector<std::string> remarks_of(const ProbeReport& report) {
  std::vector<std::string> remarks;
  if (report.headroom.least) {
    remarks.push_back(fmt::format("at least {} if the programs of the connections that are there bound their ports",
                                  counted(*report.headroom.least, "more connections")));
  }
  for (const std::string& note : report.headroom.notes) remarks.push_back(note);
  for (const std::string& note : report.host.origin->notes) remarks.push_back(note);
  return remarks;
}

std::string about(const ProbeReport& report) {
  const std::string kernel =
      report.machine.kernel.empty() ? std::string("an unknown kernel") : fmt::format("Linux {}", report.machine.kernel);
  return fmt::format("{}: {}, profile {}", report.machine.source, kernel, report.host.profile->name);
}

MeasuredLimit measured(const Machine& machine, const HeadroomRow& row) {
  return {.limit = std::string(name_of(row.limit)),
          .place = row.where(),
          .unit = unit_word(row.unit),
          .capacity = row.capacity,
          .used = row.used,
          .headroom = row.headroom(),
          .connections = row.connections,
          .from_profile = row.from_profile,
          .note = note_of(machine, row)};
}

}  // namespace

ProbeReport make_probe_report(Machine machine, HostGroup host, Headroom headroom) {
  ProbeReport report{.machine = std::move(machine), .host = std::move(host), .headroom = std::move(headroom)};
  report.summary = summary_of(report.machine, report.host, report.headroom);
  HostOrigin origin = report.host.origin.value_or(HostOrigin{});
  origin.summary = report.summary;
  for (const HeadroomRow& row : report.headroom.rows) origin.limits.push_back(measured(report.machine, row));
  for (const analysis::SocketTally& tally : report.headroom.sockets)
    origin.sockets[state_word(tally.state)] = tally.all;
  report.host.origin = std::move(origin);
  return report;
}

std::string probe_text(const ProbeReport& report, const TextStyle& style) {
  std::string text = strong(text_line(report.summary), style) + "\n" + text_line(about(report)) + "\n";
  for (const std::string& line : report.machine.surroundings) text += fmt::format("  {}\n", text_line(line));
  for (const Section& section : sections_of(report)) {
    if (section.table.empty()) continue;
    text += fmt::format("\n{}", section.table.text(style));
    if (!section.after.empty()) text += fmt::format("{}\n", section.after);
  }
  const std::vector<std::string> remarks = remarks_of(report);
  if (!remarks.empty() || !report.host.origin->not_determined.empty()) text += "\n";
  for (const std::string& remark : remarks) text += fmt::format("note: {}\n", text_line(remark));
  for (const std::string& unseen : report.host.origin->not_determined)
    text += fmt::format("{}{}\n", doubtful("not determined: ", style), text_line(unseen));
  return text;
}

std::string probe_markdown(const ProbeReport& report) {
  std::string text = fmt::format("**{}**\n\n{}\n", markdown_text(report.summary), markdown_text(about(report)));
  const auto list = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += fmt::format("\n### {}\n\n", title);
    for (const std::string& line : lines) text += fmt::format("- {}\n", markdown_text(line));
  };
  list("Where", report.machine.surroundings);
  for (const Section& section : sections_of(report)) {
    if (section.table.empty()) continue;
    text += fmt::format("\n### {}\n\n{}", section.title, section.table.markdown());
    if (!section.after.empty()) text += fmt::format("\n{}\n", section.after);
  }
  list("Notes", remarks_of(report));
  list("Not determined", report.host.origin->not_determined);
  return text;
}

std::string probe_html(const ProbeReport& report) {
  std::string body = fmt::format("<section>\n<h2>{}</h2>\n<p class=\"verdict\">{}</p>\n", html_text(about(report)),
                                 html_text(report.summary));
  const auto list = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    body += fmt::format("<h3>{}</h3>\n<ul>\n", title);
    for (const std::string& line : lines) body += fmt::format("<li>{}</li>\n", html_text(line));
    body += "</ul>\n";
  };
  list("Where", report.machine.surroundings);
  for (const Section& section : sections_of(report)) {
    if (section.table.empty()) continue;
    body += fmt::format("<h3>{}</h3>\n{}", section.title, section.table.html());
    if (!section.after.empty()) body += fmt::format("<p>{}</p>\n", html_text(section.after));
  }
  list("Notes", remarks_of(report));
  list("Not determined", report.host.origin->not_determined);
  return html_page("netlimits probe", body + "</section>\n");
}

std::string probe_json(const ProbeReport& report) { return scenarios::host_json(report.host); }

}  // namespace netlimits::report

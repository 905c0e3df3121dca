// Each figure of a profile: its key, and how it is read and printed.
#include "scenarios/profile_figures.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/net/port_list.hpp"
#include "model/systems/rule_book.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

// ---- one reader and printer for each kind of value

template <auto Member>
void read_flag(const Field& field, OsProfile& profile) {
  if (const auto value = field.boolean()) profile.settings.*Member = *value;
}
template <auto Member>
std::string print_flag(const OsProfile& profile) {
  return profile.settings.*Member ? "true" : "false";
}

template <auto Member>
void read_count(const Field& field, OsProfile& profile) {
  using Number = std::remove_cvref_t<decltype(profile.settings.*Member)>;
  const std::int64_t high =
      sizeof(Number) == 4 ? std::int64_t{std::numeric_limits<std::uint32_t>::max()} : largest_integer;
  if (const auto value = field.integer(0, high)) profile.settings.*Member = static_cast<Number>(*value);
}
template <auto Member>
std::string print_count(const OsProfile& profile) {
  return fmt::format("{}", profile.settings.*Member);
}

template <auto Member>
void read_own_count(const Field& field, OsProfile& profile) {
  using Number = std::remove_cvref_t<decltype(profile.*Member)>;
  const std::int64_t high =
      sizeof(Number) == 4 ? std::int64_t{std::numeric_limits<std::uint32_t>::max()} : largest_integer;
  if (const auto value = field.integer(0, high)) profile.*Member = static_cast<Number>(*value);
}
template <auto Member>
std::string print_own_count(const OsProfile& profile) {
  return fmt::format("{}", profile.*Member);
}

template <auto Member>
void read_time(const Field& field, OsProfile& profile) {
  if (const auto value = duration_of(field)) profile.settings.*Member = *value;
}
template <auto Member>
std::string print_time(const OsProfile& profile) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(profile.settings.*Member).count();
  return milliseconds % 1000 == 0 ? fmt::format("{} s", milliseconds / 1000) : fmt::format("{} ms", milliseconds);
}

// A closed list of names for the values 0, 1, 2 ... of an enumeration.
template <class Enum>
void read_name(const Field& field, const std::vector<std::string>& names, Enum& value) {
  if (const auto index = field.choice(names)) value = static_cast<Enum>(*index);
}

const std::vector<std::string> sharing_names{"four_tuple", "local_addr_port", "host_port"};
const std::vector<std::string> reuse_names{"never", "always", "loopback_only"};
const std::vector<std::string> cookie_names{"off", "when_full", "always"};
const std::vector<std::string> queue_names{"backlog_plus_one", "three_halves_plus_one", "backlog"};

template <auto Member>
void read_sharing(const Field& field, OsProfile& profile) {
  read_name(field, sharing_names, profile.rules.*Member);
}
template <auto Member>
std::string print_sharing(const OsProfile& profile) {
  return sharing_names[static_cast<std::size_t>(profile.rules.*Member)];
}

template <auto Member>
void read_error(const Field& field, OsProfile& profile) {
  const auto name = field.string("the name of an error");
  if (!name) return;
  const auto error = error_named(*name);
  if (!error) {
    field.refuse("the name of an error, such as \"EADDRNOTAVAIL\" or \"WSAENOBUFS\"");
    return;
  }
  profile.rules.*Member = *error;
}
template <auto Member>
std::string print_error(const OsProfile& profile) {
  return std::string(name_of(profile.rules.*Member));
}

FigureForm rule_form(Rule rule) {
  return {facts_of(rule).figure,
          [rule](const Field& field, OsProfile& profile) {
            if (const auto value = field.boolean()) profile.rules.set(rule, *value);
          },
          [rule](const OsProfile& profile) { return std::string(profile.rules.has(rule) ? "true" : "false"); }, rule};
}

void read_range(const Field& field, OsProfile& profile) {
  if (field.node().kind != JsonKind::array || field.node().items.size() != 2) {
    field.refuse("two ports, [first, last]");
    return;
  }
  const auto first = field.item(0).integer(1, 65535);
  const auto last = field.item(1).integer(first.value_or(1), 65535);
  if (first && last) {
    profile.settings.local_port_range = {Port{static_cast<std::uint16_t>(*first)},
                                         Port{static_cast<std::uint16_t>(*last)}};
  }
}
std::string print_range(const OsProfile& profile) {
  const PortRange& range = profile.settings.local_port_range;
  return fmt::format("{}-{}", range.first.value, range.last.value);
}

void read_ports(const Field& field, std::vector<PortRange>& ports) {
  const auto text = field.string("a list of ports such as \"8080,9000-9010\"");
  if (!text) return;
  const auto list = parse_port_list(*text);
  if (!list) {
    field.refuse("a list of ports such as \"8080,9000-9010\"");
    return;
  }
  ports = *list;
}

using P = OsProfile;
using S = Settings;
using R = Rules;

#define NETLIMITS_FLAG(member) \
  { #member, read_flag < &S::member>, print_flag < &S::member> }
#define NETLIMITS_COUNT(member) \
  { #member, read_count < &S::member>, print_count < &S::member> }
#define NETLIMITS_TIME(member) \
  { #member, read_time < &S::member>, print_time < &S::member> }
#define NETLIMITS_SHARING(member) \
  { #member, read_sharing < &R::member>, print_sharing < &R::member> }
#define NETLIMITS_ERROR(member) \
  { #member, read_error < &R::member>, print_error < &R::member> }
#define NETLIMITS_OWN_COUNT(member) \
  { #member, read_own_count < &P::member>, print_own_count < &P::member> }

std::vector<FigureForm> listed_forms() {
  return {
      {"local_port_range", read_range, print_range},
      {"never_automatic", [](const Field& field, OsProfile& profile) { read_ports(field, profile.never_automatic); },
       [](const OsProfile& profile) { return port_list_text(profile.never_automatic); }},
      NETLIMITS_SHARING(connect_sharing),
      NETLIMITS_SHARING(bound_sharing),
      {"reserved_ports",
       [](const Field& field, OsProfile& profile) { read_ports(field, profile.settings.reserved_ports); },
       [](const OsProfile& profile) { return port_list_text(profile.settings.reserved_ports); }},
      NETLIMITS_COUNT(unprivileged_port_start),
      NETLIMITS_FLAG(nonlocal_bind),
      NETLIMITS_FLAG(ipv6_nonlocal_bind),
      NETLIMITS_FLAG(ipv6_only_by_default),
      NETLIMITS_FLAG(autobind_reuse),
      rule_form(Rule::connect_skips_bind_bound),
      rule_form(Rule::connect_first_parity),
      rule_form(Rule::bind_first_parity),
      rule_form(Rule::connect_revived_port),
      rule_form(Rule::bind_reuse_address_memory),
      rule_form(Rule::bind_reuse_port_memory_any),
      rule_form(Rule::bind_orphan_of_nobody),
      rule_form(Rule::datagram_filed),
      rule_form(Rule::option_bind_no_port),
      rule_form(Rule::socket_range_narrows),
      rule_form(Rule::socket_range_every_port),
      NETLIMITS_TIME(time_wait),
      {"time_wait_reuse",
       [](const Field& field, OsProfile& profile) { read_name(field, reuse_names, profile.settings.time_wait_reuse); },
       [](const OsProfile& profile) {
         return reuse_names[static_cast<std::size_t>(profile.settings.time_wait_reuse)];
       }},
      NETLIMITS_TIME(time_wait_reuse_delay),
      rule_form(Rule::connect_time_wait_delay_set),
      NETLIMITS_COUNT(max_time_wait_buckets),
      NETLIMITS_TIME(fin_timeout),
      NETLIMITS_FLAG(timestamps),
      NETLIMITS_COUNT(orphan_retries),
      NETLIMITS_COUNT(max_orphans),
      NETLIMITS_COUNT(somaxconn),
      {"accept_queue",
       [](const Field& field, OsProfile& profile) { read_name(field, queue_names, profile.rules.accept_queue); },
       [](const OsProfile& profile) { return queue_names[static_cast<std::size_t>(profile.rules.accept_queue)]; }},
      rule_form(Rule::accept_queue_refuses),
      NETLIMITS_FLAG(abort_on_overflow),
      NETLIMITS_COUNT(max_syn_backlog),
      {"syncookies",
       [](const Field& field, OsProfile& profile) { read_name(field, cookie_names, profile.settings.syncookies); },
       [](const OsProfile& profile) { return cookie_names[static_cast<std::size_t>(profile.settings.syncookies)]; }},
      rule_form(Rule::syn_queue_one_more),
      rule_form(Rule::syn_queue_rounded),
      rule_form(Rule::option_patience),
      rule_form(Rule::option_buffer_ceiling),
      NETLIMITS_COUNT(syn_retries),
      NETLIMITS_COUNT(syn_linear_timeouts),
      rule_form(Rule::connect_linear_syn_timeouts),
      NETLIMITS_COUNT(synack_retries),
      NETLIMITS_OWN_COUNT(nofile_soft),
      NETLIMITS_OWN_COUNT(nofile_hard),
      NETLIMITS_OWN_COUNT(own_descriptors),
      rule_form(Rule::descriptors_process),
      NETLIMITS_COUNT(file_max),
      NETLIMITS_COUNT(nr_open),
      rule_form(Rule::descriptors_host_first),
      NETLIMITS_ERROR(ports_exhausted_connect),
      NETLIMITS_ERROR(ports_exhausted_bind),
      NETLIMITS_ERROR(four_tuple_taken),
      NETLIMITS_ERROR(address_in_use),
      NETLIMITS_ERROR(descriptors_exhausted),
      NETLIMITS_ERROR(files_exhausted),
      NETLIMITS_ERROR(connection_refused),
      NETLIMITS_ERROR(connection_reset),
      NETLIMITS_ERROR(timed_out),
  };
}

}  // namespace

const std::vector<FigureForm>& figure_forms() {
  static const std::vector<FigureForm> forms = [] {
    std::vector<FigureForm> all = listed_forms();
    for (const RuleFacts& row : rule_book()) {
      const bool listed =
          std::any_of(all.begin(), all.end(), [&](const FigureForm& form) { return form.rule == row.rule; });
      if (!row.figure.empty() && !listed) all.push_back(rule_form(row.rule));
    }
    return all;
  }();
  return forms;
}

Provenance provenance_of(Rule rule, const OsProfile& profile) {
  static const std::string live = "live on Linux 6.18.44, x86-64, in a fresh network namespace";
  const RuleFacts& row = facts_of(rule);
  const bool in_force = profile.rules.has(rule);
  const auto words = [](std::string_view text) { return std::string(text); };
  if (profile.system != "linux") {
    if (in_force) return {words(row.source), "inferred", {}};
    return {"a rule of Linux that this system does not have", "inferred", {}};
  }
  if (!row.of(Systems::linux_only)) return {live, "measured", {}};
  if (in_force) return {fmt::format("{}; {}", row.source, live), "measured", {}};
  const RuleChange& change = row.until.version == KernelVersion{} ? row.since : row.until;
  return {words(change.source), words(change.confidence), {}};
}

const std::vector<std::string>& confidence_words() {
  static const std::vector<std::string> words{
      "measured", "read in source", "documented", "documented (third party)", "documented (quoted by others)",
      "inferred", "unsourced"};
  return words;
}

}  // namespace netlimits::scenarios

// The rows of the rule book as knowledge, the names, and the figures of profiles beside each.
#include "scenarios/knowledge/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>

#include "model/systems/error.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::size_t most_explanations = 12;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string version_text(KernelVersion version) { return fmt::format("{}.{}", version.major, version.minor); }

// "of linux, macos, freebsd", and since and until when.
std::string systems_words(const RuleFacts& row) {
  std::string words;
  for (const char* system : {"linux", "windows", "macos", "freebsd"}) {
    if (row.of(*system_named(system))) words += fmt::format("{}{}", words.empty() ? "of " : ", ", system);
  }
  if (row.since.version != KernelVersion{})
    words += fmt::format(", since Linux {} ({})", version_text(row.since.version), row.since.source);
  if (row.until.version != KernelVersion{})
    words += fmt::format(", until Linux {} ({})", version_text(row.until.version), row.until.source);
  return words;
}

Known known_rule(const RuleFacts& row, const OsProfile& newest) {
  Known known{.kind = KnownKind::rule, .name = std::string(row.name), .what = std::string(row.says)};
  known.formula = systems_words(row);
  if (!row.believes.empty()) known.folklore.push_back({std::string(row.believes), std::string(row.says), {}});
  if (!row.figure.empty()) known.figures.push_back(std::string(row.figure));
  const std::string figure(row.figure);
  known.shows["linux"] = {"netlimits fuzz (says how often it decided, and whether the kernel agreed)",
                          "netlimits script --both FILE (a script that asks for it)"};
  known.changes["linux"] = {
      figure.empty() ? std::string("nothing: it is compiled into the kernel")
                     : fmt::format("nothing of the kernel; a profile of your own says it with \"{}\"", figure)};
  known.source = std::string(row.source);
  known.confidence = provenance_of(row.rule, newest).confidence;
  return known;
}

using Values = std::vector<ProfileValue>;

void add(Values& values, const std::string& profile, ProfileValue value) {
  const auto same = std::find_if(values.begin(), values.end(), [&](const ProfileValue& one) {
    return one.figure == value.figure && one.value == value.value && one.confidence == value.confidence &&
           one.source == value.source && one.note == value.note;
  });
  if (same != values.end()) {
    same->profiles.push_back(profile);
    return;
  }
  value.profiles = {profile};
  values.push_back(std::move(value));
}

ProfileValue value_of(const FigureText& figure) {
  return {figure.key, figure.value, {}, figure.provenance.confidence, figure.provenance.source, figure.provenance.note};
}

// Those figures that `wanted` takes, figure by figure.
Values figures_where(const ProfileSet& profiles, const std::function<bool(const FigureText&)>& wanted) {
  Values values;
  for (const std::string& name : profiles.names()) {
    for (const FigureText& figure : figures_of(*profiles.find(name))) {
      if (wanted(figure)) add(values, name, value_of(figure));
    }
  }
  return values;
}

Values values_of_setting(const Known& known, const ProfileSet& profiles) {
  Values values;
  for (const std::string& name : profiles.names()) {
    const OsProfile& profile = *profiles.find(name);
    if (std::find(known.systems.begin(), known.systems.end(), profile.system) == known.systems.end()) continue;
    Provenance provenance{known.source, known.confidence, {}};
    if (!known.figures.empty()) {
      const auto found = profile.provenance.find(known.figures.front());
      if (found != profile.provenance.end()) provenance = found->second;
    }
    ProfileValue value{known.name, {}, {}, provenance.confidence, provenance.source, provenance.note};
    if (setting_named(profile.system, known.name)) {
      const bool absent = profile.settings_absent.contains(known.name);
      value.value = absent ? "not there" : read_setting(profile.settings, profile.system, known.name);
    } else {  // of a program: its figure is the most or the usual value
      for (const FigureText& figure : figures_of(profile)) {
        if (figure.key == known.figures.front()) value = value_of(figure);
      }
    }
    if (value.value.empty()) value.value = "none";
    add(values, name, std::move(value));
  }
  return values;
}

Values values_of_rule(const Known& known, const ProfileSet& profiles) {
  Values values;
  const auto rule = rule_named(known.name);
  for (const std::string& name : profiles.names()) {
    const OsProfile& profile = *profiles.find(name);
    const bool in_force = rule && profile.rules.has(*rule);
    const Provenance provenance = provenance_of(*rule, profile);
    add(values, name,
        {"rule", in_force ? "in force" : "not in force", {}, provenance.confidence, provenance.source, {}});
  }
  return values;
}

Values values_of(const Known& known, const ProfileSet& profiles) {
  switch (known.kind) {
    case KnownKind::limit: {
      Values values = figures_where(profiles, [&](const FigureText& figure) {
        return std::find(known.figures.begin(), known.figures.end(), figure.key) != known.figures.end();
      });
      const auto place = [&](const ProfileValue& value) {
        return std::find(known.figures.begin(), known.figures.end(), value.figure) - known.figures.begin();
      };
      std::stable_sort(values.begin(), values.end(),
                       [&](const ProfileValue& a, const ProfileValue& b) { return place(a) < place(b); });
      return values;
    }
    case KnownKind::setting:
      return values_of_setting(known, profiles);
    case KnownKind::error: {
      Values values = figures_where(profiles, [&](const FigureText& figure) { return figure.value == known.name; });
      std::stable_sort(values.begin(), values.end(),
                       [](const ProfileValue& a, const ProfileValue& b) { return a.figure < b.figure; });
      return values;
    }
    case KnownKind::rule:
      return values_of_rule(known, profiles);
  }
  return {};
}

bool is_number_of(std::string_view words, const Known& known) {
  const auto error = error_named(known.name);
  const auto number = error ? windows_number_of(*error) : std::nullopt;
  return number && words == fmt::format("{}", *number);
}

bool is_last_part(std::string_view words, std::string_view name) {
  if (words.size() >= name.size() || !name.ends_with(words)) return false;
  const char before = name[name.size() - words.size() - 1];
  return before == '.' || before == ' ';
}

// Those errors whose own words are in the text; the longest words, for some begin like others.
std::vector<const Known*> told_in(const std::string& text, const std::vector<Known>& all) {
  std::vector<const Known*> found;
  std::size_t longest = 0;
  for (const Known& known : all) {
    for (const std::string& message : known.messages) {
      if (message.size() < longest || text.find(lower_case(message)) == std::string::npos) continue;
      if (message.size() > longest) found.clear();
      longest = message.size();
      found.push_back(&known);
    }
  }
  return found;
}

}  // namespace

std::vector<Known> explainable() {
  std::vector<Known> all;
  for (const KnownKind kind : {KnownKind::limit, KnownKind::setting, KnownKind::error}) {
    for (const Known& known : knowledge()) {
      if (known.kind == kind) all.push_back(known);
    }
  }
  const auto newest = ProfileSet::built_in().find("linux");
  for (const RuleFacts& row : rule_book()) {
    if (row.rule != no_rule) all.push_back(known_rule(row, *newest));
  }
  return all;
}

std::vector<Explanation> explanations_of(std::string_view words, const ProfileSet& profiles) {
  const std::vector<Known> all = explainable();
  const std::string lower = lower_case(words);
  std::vector<const Known*> found;
  const auto take_if = [&](const auto& fits) {
    if (!found.empty()) return;
    for (const Known& known : all) {
      if (found.size() < most_explanations && fits(known)) found.push_back(&known);
    }
  };
  take_if([&](const Known& known) { return known.name == words; });
  take_if([&](const Known& known) { return lower_case(known.name) == lower; });
  take_if([&](const Known& known) { return is_number_of(words, known); });
  take_if([&](const Known& known) { return is_last_part(lower, lower_case(known.name)); });
  if (found.empty()) found = told_in(lower, all);
  std::vector<Explanation> explanations;
  for (const Known* known : found) explanations.push_back({*known, values_of(*known, profiles)});
  return explanations;
}

std::string explainable_suggestion(std::string_view words) {
  std::vector<std::string> names;
  for (const Known& known : explainable()) names.push_back(known.name);
  if (const auto near = nearest_name(words, names)) return fmt::format("did you mean {}?", *near);
  return "netlimits explain lists all that it knows";
}

}  // namespace netlimits::scenarios

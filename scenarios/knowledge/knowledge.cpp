// One reader for the three kinds of file, which differ in the keys that their entries have.
#include "scenarios/knowledge/knowledge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys knowledge_keys{"file of knowledge",
                                {"netlimits_knowledge", "systems", "limits", "settings", "errors"}};
const ObjectKeys limit_entry_keys{
    "limit",
    {"what", "formula", "error", "figures", "settings", "shows", "changes", "folklore", "source", "confidence"}};
const ObjectKeys setting_entry_keys{
    "setting",
    {"systems", "what", "formula", "figure", "limits", "shows", "changes", "folklore", "source", "confidence"}};
const ObjectKeys error_entry_keys{"error",
                                  {"means", "where", "limits", "messages", "folklore", "source", "confidence"}};
const ObjectKeys folklore_keys{"belief", {"belief", "truth", "scenario"}};
const ObjectKeys system_commands_keys{"system", {"shows", "changes"}};
const ObjectKeys by_system_keys{"commands by system", {"linux", "windows", "macos", "freebsd"}};

// What a scenario sets that is no setting of a host.
constexpr std::array<std::string_view, 2> of_programs{"nofile", "backlog"};

bool is_setting(const std::string& name) {
  if (std::find(of_programs.begin(), of_programs.end(), name) != of_programs.end()) return true;
  return std::any_of(by_system_keys.keys.begin(), by_system_keys.keys.end(),
                     [&](std::string_view system) { return setting_named(system, name).has_value(); });
}

bool is_figure(const std::string& name) {
  const auto& forms = figure_forms();
  return std::any_of(forms.begin(), forms.end(), [&](const FigureForm& form) { return form.key == name; });
}

std::string sentence(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.need(key, "a sentence");
  auto text = field ? field->string().value_or("") : std::string();
  if (field && text.empty()) field->refuse("a sentence");
  return text;
}

template <class Exists>
std::vector<std::string> names(const std::optional<Field>& field, const char* expected, Exists&& exists) {
  std::vector<std::string> found;
  if (!field) return found;
  for (const Field& item : field->list("a list").value_or(std::vector<Field>{})) {
    auto name = item.string(expected);
    if (name && !exists(*name)) item.refuse(expected);
    if (name) found.push_back(std::move(*name));
  }
  return found;
}

bool anything(const std::string& text) { return !text.empty(); }
bool is_limit(const std::string& name) { return limit_named(name).has_value(); }

BySystem by_system(const std::optional<Field>& field) {
  BySystem commands;
  if (!field) return commands;
  const ObjectReader reader(*field, by_system_keys);
  for (const std::string_view system : by_system_keys.keys) {
    auto lines = names(reader.get(system), "a command or what to do", anything);
    if (!lines.empty()) commands[std::string(system)] = std::move(lines);
  }
  return commands;
}

std::vector<Folklore> folklore_in(const ObjectReader& reader) {
  std::vector<Folklore> found;
  const auto field = reader.get("folklore");
  if (!field) return found;
  for (const Field& item : field->list("a list of beliefs").value_or(std::vector<Field>{})) {
    const ObjectReader belief(item, folklore_keys);
    if (!belief.is_object()) continue;
    Folklore one{sentence(belief, "belief"), sentence(belief, "truth"), {}};
    if (const auto scenario = belief.get("scenario")) {
      one.scenario = scenario->string().value_or("");
      const auto library = embedded_scenarios();
      if (std::none_of(library.begin(), library.end(),
                       [&](const EmbeddedText& text) { return text.name == one.scenario; }))
        scenario->refuse("the name of a scenario of the library");
    }
    found.push_back(std::move(one));
  }
  return found;
}

void read_sure(const ObjectReader& reader, Known& known) {
  known.folklore = folklore_in(reader);
  known.source = sentence(reader, "source");
  if (const auto confidence = reader.need("confidence", "how sure it is")) {
    if (const auto index = confidence->choice(confidence_words())) known.confidence = confidence_words()[*index];
  }
}

Known limit_entry(const Field& field) {
  Known known{.kind = KnownKind::limit};
  const ObjectReader reader(field, limit_entry_keys);
  if (!reader.is_object()) return known;
  known.what = sentence(reader, "what");
  known.formula = sentence(reader, "formula");
  known.told = sentence(reader, "error");
  known.figures = names(reader.get("figures"), "a figure of profiles", is_figure);
  known.settings = names(reader.get("settings"), "a setting", is_setting);
  known.shows = by_system(reader.need("shows", "commands by system"));
  known.changes = by_system(reader.need("changes", "commands by system"));
  read_sure(reader, known);
  return known;
}

Known setting_entry(const Field& field) {
  Known known{.kind = KnownKind::setting};
  const ObjectReader reader(field, setting_entry_keys);
  if (!reader.is_object()) return known;
  known.systems = names(reader.need("systems", "a list of systems"), "a system", [](const std::string& name) {
    return std::find(by_system_keys.keys.begin(), by_system_keys.keys.end(), name) != by_system_keys.keys.end();
  });
  known.what = sentence(reader, "what");
  known.formula = sentence(reader, "formula");
  if (const auto figure = reader.need("figure", "a figure of profiles, or nothing")) {
    const std::string key = figure->string().value_or("");
    if (!key.empty() && !is_figure(key)) figure->refuse("a figure of profiles, or nothing");
    if (!key.empty()) known.figures.push_back(key);
  }
  known.limits = names(reader.get("limits"), "a limit", is_limit);
  known.shows = by_system(reader.get("shows"));
  known.changes = by_system(reader.get("changes"));
  read_sure(reader, known);
  return known;
}

Known error_entry(const Field& field) {
  Known known{.kind = KnownKind::error};
  const ObjectReader reader(field, error_entry_keys);
  if (!reader.is_object()) return known;
  known.what = sentence(reader, "means");
  known.told = sentence(reader, "where");
  known.limits = names(reader.get("limits"), "a limit", is_limit);
  known.messages = names(reader.need("messages", "the system's own words"), "a message", anything);
  read_sure(reader, known);
  return known;
}

std::string with_name(std::string text, const std::string& name) {
  for (std::size_t at = 0; (at = text.find("NAME", at)) != std::string::npos; at += name.size())
    text.replace(at, 4, name);
  return text;
}

// What a setting does not say itself is what all of its system have in common.
void fill_in(Known& setting, const std::map<std::string, std::pair<BySystem, BySystem>>& common) {
  for (const std::string& system : setting.systems) {
    const auto found = common.find(system);
    if (found == common.end()) continue;
    for (auto [own, all] :
         {std::pair(&setting.shows, &found->second.first), std::pair(&setting.changes, &found->second.second)}) {
      if (own->contains(system) || !all->contains(system)) continue;
      for (const std::string& line : all->at(system)) (*own)[system].push_back(with_name(line, setting.name));
    }
  }
}

std::vector<Known> read_entries(const ObjectReader& file) {
  std::map<std::string, std::pair<BySystem, BySystem>> common;
  if (const auto systems = file.get("systems")) {
    const ObjectReader reader(*systems, by_system_keys);
    for (const std::string_view system : by_system_keys.keys) {
      const auto field = reader.get(system);
      if (!field) continue;
      const ObjectReader commands(*field, system_commands_keys);
      auto& [shows, changes] = common[std::string(system)];
      for (auto [key, into] : {std::pair("shows", &shows), std::pair("changes", &changes)}) {
        auto lines = names(commands.get(key), "a command", anything);
        if (!lines.empty()) (*into)[std::string(system)] = std::move(lines);
      }
    }
  }
  std::vector<Known> all;
  struct Part {
    const char* key;
    Known (*read)(const Field&);
    bool (*exists)(const std::string&);
  };
  const std::array<Part, 3> parts{
      {{"limits", limit_entry, is_limit},
       {"settings", setting_entry, is_setting},
       {"errors", error_entry, [](const std::string& name) { return error_named(name).has_value(); }}}};
  for (const Part& part : parts) {
    const auto entries = file.get(part.key);
    if (!entries) continue;
    for (const JsonMember& member : entries->node().members) {
      const Field field = entries->value(member);
      if (!part.exists(member.key)) field.complain(fmt::format("no such name: {}", in_quotes(member.key)));
      Known known = part.read(field);
      known.name = member.key;
      if (known.kind == KnownKind::setting) fill_in(known, common);
      all.push_back(std::move(known));
    }
  }
  return all;
}

}  // namespace

std::string_view name_of(KnownKind kind) {
  switch (kind) {
    case KnownKind::limit:
      return "limit";
    case KnownKind::setting:
      return "setting";
    case KnownKind::error:
      return "error";
    case KnownKind::rule:
      return "rule";
  }
  return "limit";
}

Loaded<std::vector<Known>> read_knowledge(std::string_view text, std::string name) {
  auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(std::move(document.error()));
  ErrorList errors(*document);
  const ObjectReader file(Field(document->root, {}, errors), knowledge_keys);
  std::vector<Known> all;
  if (file.is_object()) {
    if (const auto version = file.need("netlimits_knowledge", "1")) version->integer(1, 1, "the only version there is");
    all = read_entries(file);
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  return all;
}

const std::vector<Known>& knowledge() {
  static const std::vector<Known> all = [] {
    std::vector<Known> made;
    for (const EmbeddedText& file : embedded_knowledge()) {
      if (file.name == "remedies") continue;  // of changes: scenarios/knowledge/remedies.hpp
      auto part = read_knowledge(file.text, std::string(file.name));
      if (!part) throw std::logic_error(text_of(part.error()));
      std::move(part->begin(), part->end(), std::back_inserter(made));
    }
    return made;
  }();
  return all;
}

}  // namespace netlimits::scenarios

// The reader of one file, and words in braces.
#include "scenarios/knowledge/remedies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "scenarios/embedded.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys remedies_keys{"file of remedies", {"netlimits_remedies", "remedies"}};
const ObjectKeys remedy_keys{"remedy", {"what", "effects", "risks", "changes", "source", "confidence"}};

std::vector<std::string> sentences_of(const std::optional<Field>& field) {
  std::vector<std::string> found;
  if (!field) return found;
  for (const Field& item : field->list("a list of sentences").value_or(std::vector<Field>{})) {
    auto text = item.string("a sentence");
    if (text && text->empty()) item.refuse("a sentence");
    if (text) found.push_back(std::move(*text));
  }
  return found;
}

std::string needed_sentence(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.need(key, "a sentence");
  auto text = field ? field->string("a sentence").value_or("") : std::string();
  if (field && text.empty()) field->refuse("a sentence");
  return text;
}

bool is_system_or_gateway(const std::string& name) {
  static const std::vector<std::string> systems{"linux", "windows", "macos", "freebsd"};
  return std::find(systems.begin(), systems.end(), name) != systems.end() || gateway_kinds().contains(name);
}

BySystem changes_of(const std::optional<Field>& field) {
  BySystem changes;
  if (!field) return changes;
  if (field->node().kind != JsonKind::object) {
    field->refuse("an object of commands by system");
    return changes;
  }
  for (const JsonMember& member : field->node().members) {
    const Field value = field->value(member);
    if (!is_system_or_gateway(member.key)) value.complain(fmt::format("no such system: {}", in_quotes(member.key)));
    changes[member.key] = sentences_of(value);
  }
  return changes;
}

Remedy read_remedy(const Field& field, const std::string& name) {
  Remedy remedy{.name = name};
  const ObjectReader reader(field, remedy_keys);
  if (!reader.is_object()) return remedy;
  remedy.what = needed_sentence(reader, "what");
  remedy.effects = sentences_of(reader.need("effects", "a list of sentences"));
  remedy.risks = sentences_of(reader.need("risks", "a list of sentences"));
  remedy.changes = changes_of(reader.need("changes", "commands by system"));
  remedy.source = needed_sentence(reader, "source");
  if (const auto confidence = reader.need("confidence", "how sure it is")) {
    if (const auto index = confidence->choice(confidence_words())) remedy.confidence = confidence_words()[*index];
  }
  return remedy;
}

}  // namespace

std::string filled_in(std::string_view line, const RemedyWords& words) {
  std::string text;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t open = line.find('{', at);
    const std::size_t close = open == std::string_view::npos ? open : line.find('}', open);
    const auto word =
        close == std::string_view::npos ? words.end() : words.find(line.substr(open + 1, close - open - 1));
    if (word == words.end()) {
      const std::size_t end = close == std::string_view::npos ? line.size() : close + 1;
      text += line.substr(at, end - at);
      at = end;
      continue;
    }
    text += line.substr(at, open - at);
    text += word->second;
    at = close + 1;
  }
  return text;
}

std::vector<std::string> lines_that_set(std::string_view system, std::string_view setting, std::string_view value) {
  std::vector<std::string> lines;
  for (const Known& known : knowledge()) {
    if (known.kind != KnownKind::setting || known.name != setting) continue;
    const auto changes = known.changes.find(std::string(system));
    if (changes == known.changes.end()) continue;
    for (std::string line : changes->second) {
      const std::size_t at = line.find("VALUE");
      if (at != std::string::npos) line.replace(at, std::string_view("VALUE").size(), value);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

Loaded<std::vector<Remedy>> read_remedies(std::string_view text, std::string name) {
  auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(std::move(document.error()));
  ErrorList errors(*document);
  const ObjectReader file(Field(document->root, {}, errors), remedies_keys);
  std::vector<Remedy> all;
  if (file.is_object()) {
    if (const auto version = file.need("netlimits_remedies", "1")) version->integer(1, 1, "the only version there is");
    if (const auto entries = file.need("remedies", "an object of remedies by name")) {
      for (const JsonMember& member : entries->node().members)
        all.push_back(read_remedy(entries->value(member), member.key));
    }
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  return all;
}

const std::vector<Remedy>& remedies() {
  static const std::vector<Remedy> all = [] {
    for (const EmbeddedText& file : embedded_knowledge()) {
      if (file.name != "remedies") continue;
      auto read = read_remedies(file.text, std::string(file.name));
      if (!read) throw std::logic_error(text_of(read.error()));
      return *std::move(read);
    }
    throw std::logic_error("no remedies are compiled in");
  }();
  return all;
}

const Remedy* remedy_named(std::string_view name) {
  const auto found =
      std::find_if(remedies().begin(), remedies().end(), [&](const Remedy& remedy) { return remedy.name == name; });
  return found == remedies().end() ? nullptr : &*found;
}

}  // namespace netlimits::scenarios

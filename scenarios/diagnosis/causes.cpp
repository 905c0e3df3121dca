// The reader of the files of causes.
#include "scenarios/diagnosis/causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "model/systems/error.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys cause_file_keys{"file of causes", {"netlimits_diagnosis", "symptoms", "numbers", "figures", "causes"}};
const ObjectKeys symptom_keys{"symptom", {"what", "errors", "words"}};
const ObjectKeys known_figure_keys{"figure", {"what", "values", "source", "confidence"}};
const ObjectKeys figure_value_keys{"value", {"value", "of"}};
const ObjectKeys cause_keys{
    "cause",
    {"limit", "where", "what", "usual", "during", "systems", "counts", "rates", "any_count", "without_count",
     "silent_at_server", "errors", "aliases", "messages", "tell", "remedy", "source", "confidence"}};
const ObjectKeys count_keys{"number", {"formula", "less", "weight", "why"}};
const ObjectKeys tell_keys{"what tells", {"run", "look"}};
const ObjectKeys by_place_keys{"by system", {"any", "linux", "windows", "macos", "freebsd"}};

std::string words_of(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.need(key, "words");
  auto text = field ? field->string("words").value_or("") : std::string();
  if (field && text.empty()) field->refuse("words");
  return text;
}

template <class Fits>
std::vector<std::string> all_words(const ObjectReader& reader, std::string_view key, const char* expected, Fits fits) {
  std::vector<std::string> found;
  const auto field = reader.get(key);
  if (!field) return found;
  for (const Field& item : field->list("a list").value_or(std::vector<Field>{})) {
    auto word = item.string(expected);
    if (!word) continue;
    if (!fits(*word)) item.refuse(expected);
    found.push_back(std::move(*word));
  }
  return found;
}

bool is_lower(const std::string& word) {
  return !word.empty() && std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool is_error(const std::string& word) { return error_named(word).has_value(); }
bool is_profile_figure(std::string_view key) {
  const auto& forms = figure_forms();
  return std::any_of(forms.begin(), forms.end(), [&](const FigureForm& form) { return form.key == key; });
}
bool flag(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.get(key);
  return field && field->boolean().value_or(false);
}
void read_source(const ObjectReader& reader, std::string& source, std::string& confidence) {
  source = words_of(reader, "source");
  const auto field = reader.need("confidence", "how sure it is");
  if (!field) return;
  if (const auto index = field->choice(confidence_words())) confidence = confidence_words()[*index];
}

KnownFigure known_figure(const Field& field) {
  KnownFigure figure;
  const ObjectReader reader(field, known_figure_keys);
  if (!reader.is_object()) return figure;
  figure.what = words_of(reader, "what");
  read_source(reader, figure.source, figure.confidence);
  const auto values = reader.need("values", "a list of numbers");
  if (!values) return figure;
  for (const Field& item : values->list("a list of numbers").value_or(std::vector<Field>{})) {
    KnownFigure::Value one;
    if (item.node().kind == JsonKind::object) {
      const ObjectReader value(item, figure_value_keys);
      const auto number = value.need("value", "a number");
      one.value = static_cast<std::uint64_t>(number ? number->integer(1, largest_integer).value_or(1) : 1);
      one.of = words_of(value, "of");
    } else {
      one.value = static_cast<std::uint64_t>(item.integer(1, largest_integer).value_or(1));
    }
    figure.values.push_back(std::move(one));
  }
  return figure;
}

Symptom symptom(const Field& field) {
  Symptom made;
  const ObjectReader reader(field, symptom_keys);
  if (!reader.is_object()) return made;
  made.what = words_of(reader, "what");
  made.errors = all_words(reader, "errors", "an error", is_error);
  made.words = all_words(reader, "words", "words in lower case", is_lower);
  return made;
}

// 64, or "2%" of the figure.
void read_less(const Field& field, CountFormula& count) {
  if (field.node().kind != JsonKind::string) {
    count.less = static_cast<std::uint64_t>(field.integer(0, largest_integer).value_or(0));
    return;
  }
  const std::string text = field.string().value_or("");
  std::uint64_t percent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (read.ec != std::errc{} || std::string_view(read.ptr) != "%" || percent > 99)
    field.refuse("a number, or a share such as \"2%\"");
  count.less_per_mille = percent * 10;
}

std::vector<CountFormula> counts(const ObjectReader& reader, std::string_view key) {
  std::vector<CountFormula> found;
  const auto field = reader.get(key);
  if (!field) return found;
  for (const Field& item : field->list("a list of numbers").value_or(std::vector<Field>{})) {
    const ObjectReader number(item, count_keys);
    if (!number.is_object()) continue;
    CountFormula count;
    if (const auto formula = number.need("formula", "a formula")) {
      auto parsed = Formula::parse(formula->string().value_or(""));
      if (parsed)
        count.formula = std::move(*parsed);
      else
        formula->complain(parsed.error());
    }
    if (const auto less = number.get("less")) read_less(*less, count);
    if (const auto weight = number.get("weight"))
      count.weight = static_cast<std::uint64_t>(weight->integer(1, 1000).value_or(1000));
    count.why = words_of(number, "why");
    found.push_back(std::move(count));
  }
  return found;
}

void read_tell(const ObjectReader& reader, Cause& cause) {
  const auto field = reader.need("tell", "what tells it, by system");
  if (!field) return;
  const ObjectReader systems(*field, by_place_keys);
  for (const std::string_view system : by_place_keys.keys) {
    const auto list = systems.get(system);
    if (!list) continue;
    for (const Field& item : list->list("a list").value_or(std::vector<Field>{})) {
      const ObjectReader one(item, tell_keys);
      if (one.is_object()) cause.tell[std::string(system)].push_back({words_of(one, "run"), words_of(one, "look")});
    }
  }
}

void read_remedy(const ObjectReader& reader, Cause& cause) {
  const auto field = reader.get("remedy");
  if (!field) {
    if (!cause.limit) reader.field().complain("a cause that is no limit needs a remedy of its own");
    return;
  }
  const ObjectReader systems(*field, by_place_keys);
  for (const std::string_view system : by_place_keys.keys) {
    auto lines = all_words(systems, system, "what to do", [](const std::string& word) { return !word.empty(); });
    if (!lines.empty()) cause.remedy[std::string(system)] = std::move(lines);
  }
}

Cause cause_of(const Field& field, std::string name, const CauseBook& book) {
  Cause cause{.name = std::move(name)};
  const ObjectReader reader(field, cause_keys);
  if (!reader.is_object()) return cause;
  if (const auto limit = reader.get("limit")) {
    cause.limit = limit_named(limit->string().value_or(""));
    if (!cause.limit) limit->refuse("a limit of docs/limits.md");
  }
  cause.where = words_of(reader, "where");
  cause.what = words_of(reader, "what");
  if (const auto usual = reader.need("usual", "how usual it is"))
    cause.usual = static_cast<std::uint64_t>(usual->integer(1, 100).value_or(1));
  if (const auto during = reader.get("during")) {
    const auto index = during->choice({"load", "idle"});
    cause.during = index && *index == 1 ? During::idle : During::load;
  }
  cause.systems = all_words(reader, "systems", "a system", [](const std::string& word) {
    return word != "any" &&
           std::find(by_place_keys.keys.begin(), by_place_keys.keys.end(), word) != by_place_keys.keys.end();
  });
  cause.counts = counts(reader, "counts");
  cause.rates = counts(reader, "rates");
  cause.any_count = flag(reader, "any_count");
  cause.without_count = flag(reader, "without_count");
  cause.silent_at_server = flag(reader, "silent_at_server");
  cause.errors =
      all_words(reader, "errors", "an error, a symptom, or @ and a figure of profiles", [&](const std::string& word) {
        if (word.starts_with('@')) return is_profile_figure(std::string_view(word).substr(1));
        return is_error(word) || book.symptoms.contains(word);
      });
  cause.aliases = all_words(reader, "aliases", "an error", is_error);
  cause.messages = all_words(reader, "messages", "a message in lower case", is_lower);
  read_tell(reader, cause);
  read_remedy(reader, cause);
  read_source(reader, cause.source, cause.confidence);
  return cause;
}

void read_numbers(const Field& field, CauseBook& book) {
  for (const JsonMember& member : field.node().members) {
    const Field list = field.value(member);
    if (!is_error(member.key)) list.complain(fmt::format("no such error: {}", in_quotes(member.key)));
    for (const Field& item : list.list("a list of numbers").value_or(std::vector<Field>{})) {
      if (const auto number = item.integer(1, 65535)) book.numbers.emplace_back(static_cast<int>(*number), member.key);
    }
  }
}

}  // namespace

Loaded<CauseBook> read_causes(std::string_view text, std::string name, CauseBook so_far) {
  auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(std::move(document.error()));
  ErrorList errors(*document);
  const ObjectReader file(Field(document->root, {}, errors), cause_file_keys);
  if (file.is_object()) {
    if (const auto version = file.need("netlimits_diagnosis", "1")) version->integer(1, 1, "the only version there is");
    if (const auto part = file.get("symptoms")) {
      for (const JsonMember& member : part->node().members) so_far.symptoms[member.key] = symptom(part->value(member));
    }
    if (const auto part = file.get("numbers")) read_numbers(*part, so_far);
    if (const auto part = file.get("figures")) {
      for (const JsonMember& member : part->node().members)
        so_far.figures[member.key] = known_figure(part->value(member));
    }
    if (const auto part = file.get("causes")) {
      for (const JsonMember& member : part->node().members)
        so_far.causes.push_back(cause_of(part->value(member), member.key, so_far));
    }
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  return so_far;
}

const CauseBook& cause_book() {
  static const CauseBook all = [] {
    CauseBook made;
    // By name: figures.json, which has the symptoms, comes before those that use them.
    for (const EmbeddedText& file : embedded_causes()) {
      auto read = read_causes(file.text, std::string(file.name), std::move(made));
      if (!read) throw std::logic_error(text_of(read.error()));
      made = std::move(*read);
    }
    return made;
  }();
  return all;
}

}  // namespace netlimits::scenarios

// Where a claim points (checked as far as can be known before a run), how it compares, and with what value.
#include "scenarios/claims/expectation_loader.hpp"

#include <limits>
#include <set>

#include <fmt/format.h>

#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"
#include "scenarios/claims/figure_claim_loader.hpp"
#include "scenarios/claims/result_shape.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::int64_t least_integer = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest_integer = std::numeric_limits<std::int64_t>::max();

// Complains of a claim that no result can make true or false: it points nowhere, or compares what cannot be compared.
void check_target(const Field& at, const ResultTarget& target, const ObjectReader& reader) {
  if (!target.trouble.empty()) {
    at.complain(fmt::format("{} points nowhere: {}", in_quotes(at.node().text), target.trouble), target.hint);
    return;
  }
  const auto equals = reader.get("equals");
  const bool is_null = equals && equals->node().kind == JsonKind::null;
  if (target.value == ResultValue::object || (target.value == ResultValue::binding && !is_null)) {
    at.complain(fmt::format("{} is no single value", in_quotes(at.node().text)),
                target.value == ResultValue::binding ? "add /limit or /place; null says that nothing binds"
                                                     : "a claim is about one figure below it");
    return;
  }
  if (target.value == ResultValue::count || equals) return;
  for (const char* relation : {"at_least", "at_most", "within"}) {
    if (const auto field = reader.get(relation))
      field->complain(fmt::format("{} is no whole number", in_quotes(at.node().text)), "use \"equals\"");
  }
}

// A value that nothing there can ever have: a slip of the pen would be a claim that fails for ever.
void check_value(const Field& equals, ResultValue stands_there, const Scenario& scenario) {
  if (equals.node().kind == JsonKind::null) return;
  const bool is_number = equals.node().kind == JsonKind::integer;
  const bool is_text = equals.node().kind == JsonKind::string;
  const std::string& text = equals.node().text;
  switch (stands_there) {
    case ResultValue::count:
      if (!is_number) equals.refuse("a whole number, or null");
      break;
    case ResultValue::flag:
      if (equals.node().kind != JsonKind::boolean) equals.refuse("true or false");
      break;
    case ResultValue::limit:
      if (!is_text || !limit_named(text)) {
        std::vector<std::string> known;
        for (const Limit limit : all_limits) known.emplace_back(name_of(limit));
        equals.refuse("the name of a limit", is_text ? suggestion(text, known) : "");
      }
      break;
    case ResultValue::error:
      if (!is_text || !error_named(text)) equals.refuse("the name of an error, such as \"EADDRNOTAVAIL\"");
      break;
    case ResultValue::place:
      if (!is_text) {
        equals.refuse("a place, such as \"server/web\"");
      } else if (const ResultTarget place = place_of(text, scenario); !place.trouble.empty()) {
        equals.complain(place.trouble, place.hint);
      }
      break;
    case ResultValue::text:
      if (!is_text) equals.refuse("a string");
      break;
    case ResultValue::object:
    case ResultValue::binding:
      break;  // complained of already
  }
}

std::optional<Scalar> scalar_of(const Field& field) {
  switch (field.node().kind) {
    case JsonKind::null:
      return Scalar(nullptr);
    case JsonKind::boolean:
      return Scalar(field.node().boolean);
    case JsonKind::integer:
      return Scalar(field.node().integer);
    case JsonKind::string:
      return Scalar(field.node().text);
    default:
      break;
  }
  field.refuse("a whole number, a string, true, false or null");
  return std::nullopt;
}

void load_relation(const ObjectReader& reader, Expectation& expectation) {
  if (const auto equals = reader.get("equals")) {
    expectation.relation = Relation::equals;
    expectation.expected = scalar_of(*equals).value_or(Scalar(nullptr));
  } else if (const auto least = reader.get("at_least")) {
    expectation.relation = Relation::at_least;
    expectation.expected = least->integer(least_integer, greatest_integer).value_or(0);
  } else if (const auto greatest = reader.get("at_most")) {
    expectation.relation = Relation::at_most;
    expectation.expected = greatest->integer(least_integer, greatest_integer).value_or(0);
  } else if (const auto within = reader.get("within")) {
    expectation.relation = Relation::within;
    if (within->node().kind != JsonKind::array || within->node().items.size() != 2) {
      within->refuse("two whole numbers, [low, high]");
      return;
    }
    expectation.low = within->item(0).integer(least_integer, greatest_integer).value_or(0);
    expectation.high = within->item(1).integer(expectation.low, greatest_integer).value_or(0);
  }
}

void load_pointer_claim(const ObjectReader& reader, const Scenario& scenario, Expectation& expectation) {
  if (const auto at = reader.need("at", "a pointer into the result, or a claim on a limit, the capacity or a rate")) {
    if (const auto pointer = at->string("a JSON pointer such as \"/workloads/load/established\"")) {
      expectation.pointer = *pointer;
      const ResultTarget target = target_of(*pointer, scenario);
      check_target(*at, target, reader);
      if (const auto equals = reader.get("equals"); equals && target.trouble.empty())
        check_value(*equals, target.value, scenario);
    }
  }
  int comparisons = 0;
  for (const std::string_view key : {"equals", "at_least", "at_most", "within"}) comparisons += reader.get(key) ? 1 : 0;
  if (comparisons == 1)
    load_relation(reader, expectation);
  else
    reader.field().complain("an expectation has one of \"equals\", \"at_least\", \"at_most\" and \"within\"");
}

}  // namespace

void load_expectations(const Field& field, Scenario& scenario) {
  std::set<std::string> names;
  for (const Field& item : field.list("a list of expectations").value_or(std::vector<Field>{})) {
    const ObjectReader reader(item, expectation_keys);
    if (!reader.is_object()) continue;
    Expectation expectation;
    if (const auto name = reader.need("name", "what is claimed")) {
      expectation.name = name->string("a name").value_or("");
      if (expectation.name.empty() || !names.insert(expectation.name).second) name->refuse("a name of its own");
    }
    if (names_a_figure(reader))
      expectation.claim = load_figure_claim(reader, scenario);
    else
      load_pointer_claim(reader, scenario, expectation);
    scenario.expect.push_back(std::move(expectation));
  }
}

}  // namespace netlimits::scenarios

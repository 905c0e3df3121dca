// Where a claim points (checked as far as names go), how it compares, and with what value.
#include "scenarios/expectation_loader.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "scenarios/json/nearest_name.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::int64_t least_integer = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest_integer = std::numeric_limits<std::int64_t>::max();
const std::vector<std::string> result_keys{"workloads",     "hosts",       "balancers", "limits",
                                           "binding_limit", "ended_at_ns", "seed"};

bool is_pointer(std::string_view text) {
  if (text.empty() || text.front() != '/') return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '~' && (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))) return false;
  }
  return true;
}

// Complains unless the scenario has something of this name.
template <class Map>
void check_named(const Field& field, const Map& by_name, std::string_view what, const std::string& name) {
  if (name.empty() || by_name.contains(name)) return;
  field.complain(fmt::format("the scenario has no {} named {}", what, in_quotes(name)),
                 field.errors().full() ? "" : suggestion(name, names_of(by_name)));
}

// The first two steps of the pointer can be checked before anything has run. Names hold neither '~' nor '/'.
void check_target(const Field& field, std::string_view pointer, const Scenario& scenario) {
  const auto step = [&pointer] {
    pointer.remove_prefix(pointer.empty() ? 0 : 1);
    const std::string one(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(one.size());
    return one;
  };
  const std::string first = step();
  if (std::find(result_keys.begin(), result_keys.end(), first) == result_keys.end()) {
    field.refuse("a pointer into the result of run --format json", suggestion(first, result_keys));
    return;
  }
  const std::string second = step();
  if (first == "workloads") check_named(field, scenario.workloads, "workload", second);
  if (first == "hosts") check_named(field, scenario.hosts, "host", second);
  if (first == "balancers") check_named(field, scenario.balancers, "balancer", second);
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
    if (const auto at = reader.need("at", "a pointer into the result")) {
      if (const auto pointer = at->string("a JSON pointer such as \"/workloads/load/established\"")) {
        expectation.pointer = *pointer;
        if (is_pointer(*pointer)) {
          check_target(*at, *pointer, scenario);
        } else {
          at->refuse("a JSON pointer such as \"/workloads/load/established\"");
        }
      }
    }
    int comparisons = 0;
    for (const std::string_view key : {"equals", "at_least", "at_most", "within"})
      comparisons += reader.get(key) ? 1 : 0;
    if (comparisons != 1) {
      item.complain("an expectation has one of \"equals\", \"at_least\", \"at_most\" and \"within\"");
    } else {
      load_relation(reader, expectation);
    }
    scenario.expect.push_back(std::move(expectation));
  }
}

}  // namespace netlimits::scenarios

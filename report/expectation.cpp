// Follows each claim's pointer into the result's JSON, compares, and words what was expected and what came.
#include "report/expectation.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "report/figure_claims.hpp"
#include "report/forms/json_text.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

json json_of_scalar(const Scalar& scalar) {
  return std::visit([](const auto& value) { return json(value); }, scalar);
}

json expected_of(const Expectation& expectation) {
  if (expectation.relation == Relation::within) return {{"min", expectation.low}, {"max", expectation.high}};
  return json_of_scalar(expectation.expected);
}

const char* relation_word(Relation relation) {
  switch (relation) {
    case Relation::equals:
      return "equals";
    case Relation::at_least:
      return "at_least";
    case Relation::at_most:
      return "at_most";
    case Relation::within:
      return "within";
  }
  return "equals";
}

const json* at(const json& document, const std::string& pointer) {
  try {
    return &document.at(json::json_pointer(pointer));
  } catch (const json::exception&) {
    return nullptr;
  }
}

// How far a pointer leads, for the message: the existing part, and the keys that would go on from there.
std::string where_it_ends(const json& document, const std::string& pointer) {
  if (!pointer.empty() && pointer.front() != '/') return "a JSON pointer begins with /";
  std::size_t reached = 0;
  const json* here = &document;
  for (std::size_t next = pointer.find('/', 1);; next = pointer.find('/', next + 1)) {
    const json* deeper = at(document, pointer.substr(0, next));
    if (deeper == nullptr) break;
    here = deeper;
    reached = next;
    if (next == std::string::npos) break;
  }
  std::string message = fmt::format("nothing at {}", pointer);
  const std::string parent = reached == 0 ? "the top" : pointer.substr(0, reached);
  if (here->is_object()) {
    std::string keys;
    for (const auto& [key, value] : here->items()) keys += (keys.empty() ? "" : ", ") + key;
    message += fmt::format("; {} has {}", parent, keys.empty() ? "no keys" : keys);
  } else if (here->is_array()) {
    message += fmt::format("; {} has {} elements", parent, here->size());
  } else {
    message += fmt::format("; {} is {}", parent, json_line(*here));
  }
  return message;
}

// Whole numbers compare by value, whatever their signs' types.
std::optional<bool> holds(const Expectation& expectation, const json& actual) {
  if (expectation.relation == Relation::equals) return actual == json_of_scalar(expectation.expected);
  if (!actual.is_number_integer()) return std::nullopt;
  const auto at_least = [&](std::int64_t bound) {
    return actual.is_number_unsigned() ? std::cmp_greater_equal(actual.get<std::uint64_t>(), bound)
                                       : actual.get<std::int64_t>() >= bound;
  };
  const auto at_most = [&](std::int64_t bound) {
    return actual.is_number_unsigned() ? std::cmp_less_equal(actual.get<std::uint64_t>(), bound)
                                       : actual.get<std::int64_t>() <= bound;
  };
  if (expectation.relation == Relation::within) return at_least(expectation.low) && at_most(expectation.high);
  const auto* bound = std::get_if<std::int64_t>(&expectation.expected);
  if (bound == nullptr) return std::nullopt;
  return expectation.relation == Relation::at_least ? at_least(*bound) : at_most(*bound);
}

std::string wording(const Expectation& expectation) {
  switch (expectation.relation) {
    case Relation::equals:
      return json_line(json_of_scalar(expectation.expected));
    case Relation::at_least:
      return "at least " + json_line(json_of_scalar(expectation.expected));
    case Relation::at_most:
      return "at most " + json_line(json_of_scalar(expectation.expected));
    case Relation::within:
      return fmt::format("{} to {}", expectation.low, expectation.high);
  }
  return {};
}

ExpectationResult evaluated(const Expectation& expectation, const json& document) {
  ExpectationResult result{.name = expectation.name,
                           .pointer = expectation.pointer,
                           .relation = relation_word(expectation.relation),
                           .expected_json = json_line(expected_of(expectation)),
                           .actual_json = "null"};
  const json* actual = at(document, expectation.pointer);
  if (actual == nullptr) {
    result.why = where_it_ends(document, expectation.pointer);
    return result;
  }
  result.actual_json = json_line(*actual);
  const auto verdict = holds(expectation, *actual);
  result.holds = verdict.value_or(false);
  if (!result.holds) {
    result.why = fmt::format("{}: expected {}, got {}{}", expectation.pointer, wording(expectation), result.actual_json,
                             verdict ? "" : ", which is no whole number");
  }
  return result;
}

}  // namespace

std::vector<ExpectationResult> evaluate(std::span<const Expectation> expectations, const std::string& run_json,
                                        const analysis::Capacity* capacity) {
  const json document = json::parse(run_json);
  std::vector<ExpectationResult> results;
  for (const Expectation& expectation : expectations)
    results.push_back(expectation.claim ? evaluated_claim(expectation, document, capacity)
                                        : evaluated(expectation, document));
  return results;
}

}  // namespace netlimits::report

// Asks the engines, finds the figure, and compares it with what is right.
#include "tests/cases/claims.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "analysis/capacity.hpp"
#include "report/capacity_report.hpp"
#include "report/run_report.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits::cases {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const fs::path folder_of_cases = fs::path(NETLIMITS_SOURCE_DIR) / "tests/cases";

struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

std::optional<Bounds> bounds_of(const json& value) {
  if (value.is_number_integer()) return Bounds{value.get<std::int64_t>(), value.get<std::int64_t>()};
  if (!value.is_object() || !value.contains("min") || !value.contains("max")) return std::nullopt;
  return Bounds{value["min"].get<std::int64_t>(), value["max"].get<std::int64_t>()};
}

bool is_number(const std::string& words) {
  return !words.empty() && words.find_first_not_of("0123456789") == std::string::npos;
}

// What stands behind the words that the text begins with.
std::optional<std::string> after(const std::string& text, const std::string& words) {
  return text.starts_with(words) ? std::optional(text.substr(words.size())) : std::nullopt;
}

bool is_right(const json& value, const std::string& right) {
  if (right == "none") return value.is_null();
  if (const auto words = after(right, "says "))
    return value.is_string() && value.get<std::string>().find(*words) != std::string::npos;
  const auto found = bounds_of(value);
  if (const auto most = after(right, "at most ")) return found && found->max <= std::stoll(*most);
  if (const auto inside = after(right, "contains "))
    return found && found->min <= std::stoll(*inside) && std::stoll(*inside) <= found->max;
  if (const std::size_t to = right.find(" to "); to != std::string::npos && is_number(right.substr(0, to))) {
    const std::int64_t low = std::stoll(right.substr(0, to));
    const std::int64_t high = std::stoll(right.substr(to + 4));
    if (value.is_object()) return found && found->min == low && found->max == high;
    return found && low <= found->min && found->max <= high;
  }
  if (is_number(right)) return value.is_number_integer() && value.get<std::int64_t>() == std::stoll(right);
  return value.is_string() && value.get<std::string>() == right;
}

json figure_in(const json& result, const std::string& figure) {
  if (figure.starts_with('/')) {
    const json::json_pointer pointer(figure);
    return result.contains(pointer) ? result.at(pointer) : json("there is no such figure");
  }
  const std::size_t blank = figure.find(' ');
  for (const json& limit : result.at("limits")) {
    if (limit.at("limit") == figure.substr(0, blank)) return limit.at(figure.substr(blank + 1));
  }
  return json("there is no such limit");
}

json asked(const Claim& claim) {
  const auto scenario = load(claim.input, claim.with);
  if (!scenario) FAIL(scenarios::text_of(scenario.error()));
  const analysis::Capacity analysed = analysis::capacity(*scenario);
  if (claim.engine == Engine::capacity)
    return json::parse(report::capacity_json(report::make_capacity_report(*scenario, analysed)));
  return json::parse(report::run_json(report::make_run_report(*scenario, sim::replay(*scenario), analysed)));
}

}  // namespace

std::vector<std::string> inputs_of(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder_of_cases / folder)) {
    if (entry.path().extension() == ".json")
      found.push_back(fmt::format("{}/{}", folder, entry.path().stem().string()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

scenarios::Loaded<Scenario> load(const std::string& input, const std::vector<std::string>& with,
                                 scenarios::InputErrors* warnings) {
  std::ifstream file(folder_of_cases / fmt::format("{}.json", input));
  REQUIRE(file.is_open());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return scenarios::load_scenario(text, fmt::format("{}.json", input), scenarios::ProfileSet::built_in(),
                                  {.overrides = with, .warnings = warnings});
}

void check(const std::vector<Claim>& claims) {
  std::map<std::string, json> answers;
  for (const Claim& claim : claims) {
    const std::string engine = claim.engine == Engine::run ? "run" : "capacity";
    const std::string question = fmt::format("{} {} {}", engine, claim.input, fmt::join(claim.with, " "));
    auto answer = answers.find(question);
    if (answer == answers.end()) answer = answers.emplace(question, asked(claim)).first;
    const json figure = figure_in(answer->second, claim.figure);
    INFO(question << ": " << claim.figure << " is " << figure.dump() << ", right is " << claim.right);
    CHECK(is_right(figure, claim.right));
  }
}

}  // namespace netlimits::cases

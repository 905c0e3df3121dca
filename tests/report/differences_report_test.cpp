// Results read back, and what changed between two of them in words.
#include "report/differences/differences_report.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/differences/answer_reader.hpp"
#include "report/differences/difference_words.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using nlohmann::json;

namespace {

const std::filesystem::path golden = std::filesystem::path(NETLIMITS_SOURCE_DIR) / "tests/scenarios/golden";

json golden_result(const std::string& name) {
  std::ifstream file(golden / name);
  return json::parse(file);
}

scenarios::Loaded<analysis::Answer> read(const std::string& text) {
  const auto document = scenarios::parse_json(text, "result.json");
  if (!document) return tl::unexpected(document.error());
  return report::read_answer(*document);
}

analysis::Answer answer(const json& result) {
  auto made = read(result.dump());
  if (!made) FAIL(scenarios::text_of(made.error()));
  return std::move(*made);
}

report::DifferencesReport between(const json& before, const json& after) {
  return report::make_differences_report(analysis::differences(answer(before), answer(after)));
}

// Calls `each` with the pointer of every value that is no object and no list.
void each_leaf(const json& value, const json::json_pointer& at, const std::function<void(json::json_pointer)>& each) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) each_leaf(member, at / key, each);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) each_leaf(value[i], at / i, each);
  } else {
    each(at);
  }
}

json another(const json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number()) return value.get<std::uint64_t>() + 1;
  if (value.is_string()) return value.get<std::string>() + "x";
  return 1;
}

// What a result says twice, or of the program and not of the answer.
bool is_told_elsewhere(const std::string& pointer) {
  for (const char* part : {"/place_parts/", "/why"}) {
    if (pointer.find(part) != std::string::npos) return true;
  }
  for (const char* one : {"/format", "/version", "/scenario/name", "/scenario/sha256"}) {
    if (pointer == one) return true;
  }
  return pointer.starts_with("/profiles/") && pointer.ends_with("/kernel");
}

}  // namespace

TEST_CASE("no figure of a result changes unseen") {
  std::size_t leaves = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json")) continue;
    const json result = golden_result(name);
    CAPTURE(name);
    CHECK_FALSE(between(result, result).found.changed());
    each_leaf(result, json::json_pointer(), [&](const json::json_pointer& at) {
      if (is_told_elsewhere(at.to_string())) return;
      json other = result;
      const bool is_limit = at.to_string() == "/binding_limit";
      other[at] = is_limit ? json{{"limit", "memory"}, {"place", "server"}} : another(other[at]);
      INFO(at.to_string());
      CHECK(between(result, other).found.changed());
      ++leaves;
    });
  }
  CHECK(leaves > 1000);
}

TEST_CASE("the sentence says what is held, by how much it changed, and what binds") {
  const json run = golden_result("outbound-exhaustion.run.json");
  CHECK(between(run, run).summary == "nothing changed: holds 28,232: ephemeral_ports");
  json fewer = run;
  fewer["held_peak"] = 21'456;
  CHECK(between(run, fewer).summary == "holds 28,232 -> 21,456 (-24 %): ephemeral_ports");
  fewer["binding_limit"]["limit"] = "fd_per_process";
  fewer["binding_limit"]["place"] = "server/web";
  fewer["workloads"]["load"]["failed"] = 8'544;
  fewer["expectations"][0]["holds"] = false;
  CHECK(between(run, fewer).summary ==
        "holds 28,232 -> 21,456 (-24 %): ephemeral_ports -> fd_per_process; expectations that do not hold 0 -> 1; "
        "failed 1,768 -> 8,544");
  json elsewhere = run;
  elsewhere["binding_limit"]["place"] = "client 10.0.0.6 -> *";
  CHECK(between(run, elsewhere).summary ==
        "holds 28,232 as before: ephemeral_ports (client 10.0.0.5 -> 10.1.0.9:443 -> client 10.0.0.6 -> *)");
  json nothing = run;
  nothing["binding_limit"] = nullptr;
  CHECK(between(run, nothing).summary == "holds 28,232 as before: ephemeral_ports -> nothing breaks");
  json later = run;
  later["ended_at_ns"] = 1;
  CHECK(between(run, later).summary == "holds 28,232 as before: ephemeral_ports; 1 change of other figures");
  json seed = run;
  seed["seed"] = 2;
  CHECK(between(run, seed).summary ==
        "holds 28,232 as before: ephemeral_ports; 1 change of the input, none of the answer");
}

TEST_CASE("of an analysis it says what workloads sustain, and what comes next") {
  const json capacity = golden_result("time-wait-churn.capacity.json");
  json twice = capacity;
  twice["steady_state"][0]["sustained_per_second"] = "941.044";
  CHECK(between(capacity, twice).summary ==
        "holds 1 as before: ephemeral_ports; load sustains 470.522 -> 941.044 a second (+100 %)");
  json next = capacity;
  next["ladder"][0]["capacity"] = {{"min", 510}, {"max", 2'040}};
  CHECK(between(capacity, next).summary == "holds 1 as before: ephemeral_ports; next at 1,020 -> 510 to 2,040");
}

TEST_CASE("changes are told in percent as far as these say something") {
  struct Row {
    std::uint64_t before;
    std::uint64_t after;
    const char* words;
  };
  for (const Row& row :
       {Row{55'000, 42'000, "-24 %"}, Row{100, 90, "-10 %"}, Row{1'000, 901, "-9.9 %"}, Row{1'000, 1'025, "+2.5 %"},
        Row{28'232, 28'231, "-1"}, Row{2'000, 2'001, "+0.1 %"}, Row{100'000, 100'049, "+49"}, Row{5, 0, "-100 %"},
        Row{0, 5, ""}, Row{7, 7, ""}, Row{1, 1'001, "+100,000 %"}, Row{9'223'372'036'854'775'807, 1'048'576, "-100 %"},
        Row{1, 9'223'372'036'854'775'807, "+57,646,075,230,342,348,800 %"}}) {
    CAPTURE(row.before, row.after);
    if (row.before == 1 && row.after > 1'001)
      CHECK(report::relative_change(row.before, row.after).ends_with(" %"));
    else
      CHECK(report::relative_change(row.before, row.after) == row.words);
  }
}

TEST_CASE("the JSON has both answers' bases, the input, and each change with what was and what is") {
  const json run = golden_result("outbound-exhaustion.run.json");
  json other = run;
  other["workloads"]["load"]["established"] = 20'000;
  other["scenario"]["effective_sha256"] = std::string(64, 'a');
  other["limits"].push_back({{"limit", "syn_backlog"}, {"place", "server/web"}, {"capacity", 9}, {"peak", 0}});
  const json written = json::parse(report::differences_json(between(run, other)));
  CHECK(written.at("format") == "netlimits.diff/1");
  CHECK(written.at("changed") == true);
  CHECK(written.at("before").at("answered_by") == json{"run"});
  CHECK(written.at("before").at("scenario").at("name") == "outbound-exhaustion");
  CHECK(written.at("before").at("first_lines").at("run") == run.at("summary"));
  CHECK(written.at("input") == json::array({{{"what", "scenario in effect"},
                                             {"before", run.at("scenario").at("effective_sha256")},
                                             {"after", std::string(64, 'a')}}}));
  CHECK(
      written.at("changes") ==
      json::array(
          {{{"subject", "workload"}, {"of", "load"}, {"figure", "established"}, {"before", 28'232}, {"after", 20'000}},
           {{"subject", "limit"}, {"of", "syn_backlog (server/web)"}, {"figure", "capacity"}, {"after", 9}}}));
  CHECK(json::parse(report::differences_json(between(run, run))).at("changed") == false);
}

TEST_CASE("a comment on a pull request: the sentence in bold, the figures to be opened") {
  const json run = golden_result("outbound-exhaustion.run.json");
  json fewer = run;
  fewer["held_peak"] = 21'456;
  const std::string comment = report::differences_markdown(between(run, fewer));
  CHECK(
      comment.starts_with("**holds 28,232 -\\> 21,456 (-24 %): ephemeral\\_ports**\n\n"
                          "outbound-exhaustion: 0 changes of the input, 1 change of the answer\n"));
  CHECK_THAT(comment, Catch::Matchers::Contains("<details><summary>1 change of the answer</summary>\n\n| answer |"));
  CHECK_THAT(comment, Catch::Matchers::Contains("| run | holds | 28,232 | 21,456 | -24 % |"));
  CHECK(report::differences_markdown(between(run, run)).find("<details>") == std::string::npos);
}

TEST_CASE("what is no result is refused with its place") {
  struct Row {
    const char* pointer;
    json value;
    const char* words;
  };
  const json run = golden_result("outbound-exhaustion.run.json");
  for (const Row& row :
       {Row{"/format", "netlimits.probe/1", "/format: expected \"netlimits.run/1\" or \"netlimits.capacity/1\""},
        Row{"/workloads", 5, "/workloads: expected an object of workloads, found 5"},
        Row{"/workloads/load", 5, "/workloads/load: expected an object of figures, found 5"},
        Row{"/workloads/load/failed", -1, "/workloads/load/failed: expected a whole number"},
        Row{"/workloads/load/failed", "1", "/workloads/load/failed: expected a count, found \"1\""},
        Row{"/workloads/load/later", {{"a", 1}}, "/workloads/load/later: expected a figure"},
        Row{"/limits/0", 5, "/limits/0: expected an object with a limit and its place"},
        Row{"/limits/0/limit", nullptr, "/limits/0/limit: expected the name of a limit, found null"},
        Row{"/held_peak", {{"min", 2}, {"max", 1}}, "/held_peak: expected a count"},
        Row{"/profiles", 5, "/profiles: expected a list of profiles"}}) {
    json wrong = run;
    wrong[json::json_pointer(row.pointer)] = row.value;
    const auto refused = read(wrong.dump());
    CAPTURE(row.pointer);
    REQUIRE_FALSE(refused);
    CHECK_THAT(scenarios::text_of(refused.error()), Catch::Matchers::Contains(row.words));
  }
  for (const char* key : {"format", "workloads", "limits", "verdict", "held_peak", "seed", "scenario"}) {
    json without = run;
    without.erase(key);
    CAPTURE(key);
    CHECK_FALSE(read(without.dump()));
  }
  CHECK_FALSE(read("[]"));
  CHECK_FALSE(read("5"));
}

TEST_CASE("a figure that a later version adds is compared, too") {
  const json run = golden_result("outbound-exhaustion.run.json");
  json later = run;
  later["workloads"]["load"]["drawn"] = 7;
  const auto found = between(run, later).found;
  REQUIRE(found.figures.size() == 1);
  CHECK(found.figures[0].name == "drawn");
}

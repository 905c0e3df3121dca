// The program's own `sweep` and `merge`: the same bytes whatever the jobs, after a kill, and from shards.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/sweep/shard.hpp"
#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"
#include "tests/hostile_strings.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// A directory that is gone at the end.
class Workplace {
 public:
  Workplace() : path_(fs::temp_directory_path() / ("netlimits-sweep-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Workplace() { fs::remove_all(path_); }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

Said asked(const std::string& words) {
  std::string command = std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM + "' ";
  return netlimits::tests::said_by(command.append(words).append(" 2>&1"));
}

std::string content_of(const std::string& file) {
  std::ifstream text(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(text), std::istreambuf_iterator<char>()};
}

const std::string by_capacity =
    "sweep scenarios/outbound-exhaustion.json --vary /hosts/server/processes/web/nofile=1000..40000:+1000";
std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a sweep says at each point what the command would say of the scenario with that value") {
  const json swept = json::parse(asked(by_capacity + " --format json").text);
  CHECK(swept.at("format") == "netlimits.sweep/1");
  REQUIRE(swept.at("rows").size() == 40);
  for (const std::size_t point : {std::size_t{0}, std::size_t{20}, std::size_t{39}}) {
    const json& row = swept.at("rows").at(point);
    const std::string value = row.at("values").at(0).dump();
    const json alone = json::parse(asked("capacity scenarios/outbound-exhaustion.json --format json --set "
                                         "/hosts/server/processes/web/nofile=" +
                                         value)
                                       .text);
    CAPTURE(value);
    CHECK(row.at("figures").at("capacity") == alone.at("capacity"));
    CHECK(row.at("figures").at("asked") == alone.at("asked"));
    CHECK(row.at("figures").at("binding_limit") == alone.at("binding").at(0).at("limit"));
  }
}

TEST_CASE("runs of several seeds give their means, and one seed the counts themselves") {
  const std::string file = "scenarios/outbound-exhaustion-small.json";
  const json run = json::parse(asked("run " + file + " --format json").text);
  const std::string name = run.at("workloads").begin().key();
  const std::string vary = " --vary /seed=1 --by run --format json";
  const json one = json::parse(asked("sweep " + file + vary).text).at("rows").at(0).at("figures");
  const json several =
      json::parse(asked("sweep " + file + vary + " --replications 4").text).at("rows").at(0).at("figures");
  CHECK(one.at("established") == run.at("workloads").at(name).at("established"));
  CHECK(several.at("established").get<std::string>() == one.at("established").dump() + ".000");
  CHECK(several.at("established_low") == several.at("established"));
  CHECK(several.at("binding_limit") == one.at("binding_limit"));
}

TEST_CASE("the bytes do not depend on the jobs, in any form") {
  for (const char* format : {"text", "json", "csv", "vega-lite", "markdown"}) {
    CAPTURE(format);
    const std::string form = std::string(" --format ").append(format);
    const Said one = asked(by_capacity + form + " --jobs 1");
    CHECK(one.code == 0);
    CHECK(asked(by_capacity + form + " --jobs 7").text == one.text);
  }
}

TEST_CASE("shards that are merged are the whole, in every form and in any order") {
  const Workplace place;
  std::string parts;
  for (const char* part : {"3", "1", "2"}) {
    const std::string file = place.file(std::string(part).append(".json"));
    REQUIRE(asked(by_capacity + " --format json --shard " + part + "/3 --output " + file).code == 0);
    parts.append(" ").append(file);
  }
  for (const char* format : {"text", "json", "csv", "vega-lite", "markdown"}) {
    CAPTURE(format);
    const std::string form = std::string(" --format ").append(format);
    CHECK(asked("merge" + parts + form).text == asked(by_capacity + form).text);
  }
  const Said missing = asked("merge " + place.file("1.json") + " " + place.file("2.json"));
  CHECK(missing.code == 2);
  CHECK_THAT(missing.text, Catch::Matchers::Contains("13 of 40 points are missing: 2, 5, 8, 11, 14 ..."));
  CHECK(asked("merge " + place.file("1.json") + " " + place.file("1.json")).code == 2);
  REQUIRE(asked(by_capacity + " --set /seed=9 --format json --shard 3/3 --output " + place.file("other.json")).code ==
          0);
  CHECK_THAT(asked("merge " + place.file("1.json") + " " + place.file("other.json")).text,
             Catch::Matchers::Contains("another sweep"));
  CHECK(asked("merge scenarios/outbound-exhaustion.json").code == 2);
}

TEST_CASE("a sweep that was cut off at any byte goes on and ends with the same bytes") {
  const Workplace place;
  const std::string file = place.file("done");
  const std::string whole = asked(by_capacity + " --format csv --jobs 1 --resume " + file).text;
  const std::string journal = content_of(file);
  REQUIRE(lines_in(journal) == 41);
  CHECK(whole == asked(by_capacity + " --format csv").text);
  for (std::size_t cut = 0; cut <= journal.size(); cut += 1 + journal.size() / 23) {
    CAPTURE(cut);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << journal.substr(0, cut);
    const Said resumed = asked(by_capacity + " --format csv --resume " + file);
    CHECK(resumed.code == 0);
    CHECK(resumed.text == whole);
    CHECK(lines_in(content_of(file)) == 41);
  }
  const Said other = asked(by_capacity + ",50000 --resume " + file);
  CHECK(other.code == 2);
  CHECK_THAT(other.text, Catch::Matchers::Contains("another sweep"));
}

TEST_CASE("a sweep that is killed leaves what was done, and goes on there") {
  const Workplace place;
  const std::string file = place.file("done");
  const std::string many =
      "sweep scenarios/outbound-exhaustion.json --format csv --vary /hosts/server/processes/web/nofile=1000..4999";
  const std::string whole = asked(many).text;
  const std::string program = std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && timeout -s KILL ";
  // However fast the machine is, one of these is killed amid it.
  std::size_t before = 0;
  bool amid = false;
  for (const char* seconds : {"0.1", "0.2", "0.4", "0.8"}) {
    netlimits::tests::said_by(program + seconds + " '" + NETLIMITS_PROGRAM + "' " + many + " --resume " + file +
                              " >/dev/null 2>&1");
    const std::size_t lines = fs::exists(file) ? lines_in(content_of(file)) : 0;
    CHECK(lines >= before);
    amid = amid || (lines > 1 && lines < 4001);
    before = lines;
  }
  CHECK(amid);
  CHECK(asked(many + " --resume " + file).text == whole);
}

TEST_CASE("ten thousand points of capacity take seconds") {
  const auto begin = std::chrono::steady_clock::now();
  const Said said = asked(
      "sweep scenarios/outbound-exhaustion.json --format csv --vary /workloads/load/connections=100..10000:+100 "
      "--vary /hosts/server/processes/web/nofile=1000..100000:+1000");
  const auto spent = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin);
  CAPTURE(said.text.substr(0, 200));
  CHECK(lines_in(said.text) == 10'001);
  WARN("10,000 points in " << spent.count() << " s");
  // Two processors with nothing else to do take less than ten; others beside this test may have them.
  CHECK(spent.count() < 40 * NETLIMITS_SLOWER);
}

TEST_CASE("charts: a bar for each value, a map of two parameters, and the figure that is asked for") {
  const Said bars = asked(by_capacity);
  CHECK_THAT(bars.text, Catch::Matchers::Contains("outbound-exhaustion: capacity over"));
  CHECK_THAT(bars.text, Catch::Matchers::Contains("fd_per_process") && Catch::Matchers::Contains("ephemeral_ports"));
  const Said map = asked(
      "sweep scenarios/outbound-exhaustion.json --vary /hosts/server/processes/web/nofile=1000..4000:x2 "
      "--vary /workloads/load/connections=500..2000:x2 --figure asked");
  CHECK_THAT(map.text, Catch::Matchers::Contains("asked over"));
  const json chart = json::parse(asked(by_capacity + " --format vega-lite --figure next_capacity").text);
  CHECK(chart.at("data").at("values").size() == 40);
  CHECK(chart.at("layer").at(0).at("encoding").at("y").at("field") == "next_capacity");
  const Said unknown = asked(by_capacity + " --figure capacty");
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.text, Catch::Matchers::Contains("did you mean capacity?"));
}

TEST_CASE("what cannot be swept ends with 2, at the first point that is wrong, whatever the jobs") {
  const std::string wrong =
      "sweep scenarios/outbound-exhaustion.json --vary /hosts/server/processes/web/nofile=3000,-1,-2,5";
  const Said one = asked(wrong + " --jobs 1");
  CHECK(one.code == 2);
  CHECK_THAT(one.text, Catch::Matchers::Contains("-1"));
  CHECK(asked(wrong + " --jobs 4").text == one.text);
  CHECK(asked("sweep scenarios/outbound-exhaustion.json").code == 2);
  CHECK(asked(by_capacity + " --replications 3").code == 2);
  CHECK(asked(by_capacity + " --shard 4/3").code == 2);
  CHECK(asked(by_capacity + " --vary /seed=1 --vary /name=a").code == 2);
  CHECK(asked("sweep scenarios/outbound-exhaustion.json --vary /hosts/nobody/count=1..2").code == 2);
  CHECK(asked("sweep --help").text.find("Example: netlimits sweep") != std::string::npos);
  CHECK(asked("merge --help").text.find("Example: netlimits merge") != std::string::npos);
}

TEST_CASE("names and values that steer their reader do not, in any form") {
  const Workplace place;
  for (const std::string& hostile : netlimits::tests::hostile_strings()) {
    if (hostile.find('\0') != std::string::npos || hostile.find('\'') != std::string::npos) continue;
    json scenario = json::parse(content_of(NETLIMITS_SOURCE_DIR "/scenarios/outbound-exhaustion-small.json"));
    scenario["name"] = std::string("x").append(hostile);
    const std::string file = place.file("hostile.json");
    std::ofstream(file) << scenario.dump(-1, ' ', false, json::error_handler_t::replace);
    for (const char* format : {"text", "json", "csv", "vega-lite", "markdown"}) {
      CAPTURE(format, hostile);
      const Said said =
          asked(std::string("sweep ") + file + " --vary '/description=" + hostile + "' --format " + format);
      CHECK(netlimits::tests::steering(said.text).empty());
      if (format == std::string("markdown")) CHECK(netlimits::tests::alive_in_markdown(said.text).empty());
    }
  }
  // What a spreadsheet would take for a formula.
  const Said formula = asked("sweep scenarios/outbound-exhaustion-small.json --format csv --vary '/description==1+1'");
  CHECK_THAT(formula.text, Catch::Matchers::Contains("\n0,'=1+1,"));
}

TEST_CASE("a shard is told, or is that of an array job") {
  using netlimits::cli::shard_in;
  const auto told = [](const char* text, const std::vector<std::pair<std::string, std::string>>& variables) {
    const auto shard = shard_in(text, [&](const char* name) -> std::optional<std::string> {
      for (const auto& [key, value] : variables) {
        if (key == name) return value;
      }
      return std::nullopt;
    });
    return shard ? std::to_string(shard->index) + "/" + std::to_string(shard->of) : std::string("refused");
  };
  CHECK(told("", {}) == "1/1");
  CHECK(told("2/3", {}) == "2/3");
  CHECK(told("auto", {{"SLURM_ARRAY_TASK_ID", "7"}, {"SLURM_ARRAY_TASK_MIN", "5"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}) ==
        "3/4");
  CHECK(told("auto", {{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_MIN", "0"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}) ==
        "1/4");
  CHECK(told("auto", {{"SLURM_ARRAY_TASK_ID", "9"},
                      {"SLURM_ARRAY_TASK_MIN", "1"},
                      {"SLURM_ARRAY_TASK_STEP", "4"},
                      {"SLURM_ARRAY_TASK_COUNT", "3"}}) == "3/3");
  CHECK(told("auto", {{"JOB_COMPLETION_INDEX", "2"}, {"JOB_COMPLETIONS", "3"}}) == "3/3");
  CHECK(told("auto/8", {{"JOB_COMPLETION_INDEX", "2"}}) == "3/8");
  for (const char* wrong : {"0/3", "4/3", "1", "a/b", "1/0", "auto", "auto/x", "-1/3"}) {
    CAPTURE(wrong);
    CHECK(told(wrong, {}) == "refused");
  }
  CHECK(told("auto/2", {{"JOB_COMPLETION_INDEX", "2"}}) == "refused");
}

// Names, quotations and file names that try to steer their reader, through every command and every form.
#include <fmt/format.h>

#include <pugixml.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/hostile_strings.hpp"

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::vector<std::string> every_format{"text", "json", "junit", "tap", "github", "markdown", "html"};

std::size_t lines_that_begin(const std::string& text, const std::string& with) {
  std::size_t count = text.starts_with(with) ? 1 : 0;
  for (std::size_t at = text.find("\n" + with); at != std::string::npos; at = text.find("\n" + with, at + 1)) ++count;
  return count;
}

// A workflow command is what the form consists of: there each line has to be one of the program's own.
void check_commands(const std::string& output) {
  const auto lines = static_cast<std::size_t>(std::count(output.begin(), output.end(), '\n'));
  CHECK(lines_that_begin(output, "::error ") + lines_that_begin(output, "::notice ") == lines);
  std::string broken = output;
  for (std::size_t at = 0; (at = broken.find("\n::", at)) != std::string::npos; ++at) broken.replace(at, 3, "\n.:");
  CHECK(steering("." + broken).empty());
}

void check_form(const std::string& output, const std::string& format) {
  CAPTURE(format, output);
  if (format == "github") {
    check_commands(output);
    return;
  }
  CHECK(steering(output).empty());
  if (format == "markdown") CHECK(alive_in_markdown(output).empty());
  if (format == "json") CHECK(json::accept(output));
  if (format == "html") CHECK(output.find("<script") == std::string::npos);
  if (format != "junit") return;
  pugi::xml_document document;
  CHECK(document.load_buffer(output.data(), output.size(), pugi::parse_full, pugi::encoding_utf8));
}

struct Said {
  int code = -1;
  std::string output;
};

// What it says on standard error is checked whatever it is asked for.
Said run(const Workplace& workplace, const std::vector<std::string>& arguments) {
  ProgramRun program(workplace, arguments, "hostile");
  const auto code = program.wait(std::chrono::seconds(60));
  REQUIRE(code);
  CAPTURE(arguments);
  const std::string errors = program.errors();
  CHECK(*code != 70);
  CHECK(*code < 128);
  CHECK(steering(errors).empty());
  // An error is a line of its own, which begins with the program's name or a file's.
  for (const char* of_a_name : {"###", "ok 99", "Bail out", "pwned", "token"})
    CHECK(lines_that_begin(errors, of_a_name) == 0);
  return {*code, program.output()};
}

// Returns whether there was a result. An input that is refused has none.
bool run_in(const Workplace& workplace, std::vector<std::string> arguments, const std::string& format) {
  arguments.insert(arguments.end(), {"--format", format});
  const Said said = run(workplace, arguments);
  if (said.code == 2) {
    CHECK(said.output.empty());
    return false;
  }
  check_form(said.output, format);
  return true;
}

json scenario_named(const std::string& text) {
  json made = json::parse(R"({"netlimits": 1,
    "hosts": {"client": {"addresses": ["10.0.0.5"], "processes": {"app": {}},
                         "settings": {"net.ipv4.ip_local_port_range": "40000 40004"}},
              "server": {"addresses": ["10.1.0.9"],
                         "processes": {"web": {"listeners": [{"endpoint": "0.0.0.0:443"}]}}}},
    "workloads": {"load": {"from": "client/app", "to": ["10.1.0.9:443"], "connections": 7}}})");
  made["name"] = text;
  made["description"] = text;
  for (const std::string& name : hostile_strings()) {
    made["expect"].push_back({{"name", name}, {"at", "/summary"}, {"equals", name}});
    made["expect"].push_back({{"name", name + "2"}, {"at", "/workloads/load/established"}, {"equals", 5}});
  }
  return made;
}

std::string all_of_them() {
  std::string all;
  for (const std::string& text : hostile_strings()) all += text + " ";
  return all;
}

}  // namespace

TEST_CASE("names in a scenario steer nobody in any form of any command") {
  const Workplace workplace;
  for (const std::string& text : hostile_strings()) {
    CAPTURE(text);
    const std::string file = workplace.file("scenario.json", scenario_named(text).dump()).string();
    for (const std::string& format : every_format) CHECK(run_in(workplace, {"run", file}, format));
    for (const std::string& format : every_format) {
      CHECK(run_in(workplace, {"capacity", file}, format));
      CHECK(run_in(workplace, {"capacity", file, "--at-least", "9"}, format));
    }
    for (const char* format : {"text", "json", "markdown"})
      CHECK(run_in(workplace, {"plan", file, "--target", "9"}, format));
    const json written = json::parse(run(workplace, {"run", file, "--format", "json"}).output);
    CHECK(written.at("scenario").at("name") == text);
  }
}

TEST_CASE("what two results say of themselves steers nobody either") {
  const Workplace workplace;
  for (const std::string& text : hostile_strings()) {
    CAPTURE(text);
    const std::string file = workplace.file("scenario.json", scenario_named(text).dump()).string();
    json result = json::parse(run(workplace, {"run", file, "--format", "json"}).output);
    const std::string before = workplace.file("before.json", result.dump()).string();
    result["scenario"]["name"] = text + "2";
    result["version"] = text;
    result["summary"] = text;
    result["binding_limit"]["place"] = text;
    result["workloads"][text] = result["workloads"]["load"];
    result["hosts"]["client"][text] = text;
    result["limits"][0]["limit"] = text;
    result["scenario"]["overrides"] = {text};
    result["profiles"][0]["name"] = text;
    const std::string after = workplace.file("after.json", result.dump()).string();
    json scenario = scenario_named(text);
    scenario["description"] = text + "2";
    const std::string other = workplace.file("other.json", scenario.dump()).string();
    for (const char* format : {"text", "json", "markdown"}) {
      CHECK(run_in(workplace, {"diff", before, after}, format));
      CHECK(run_in(workplace, {"diff", file, other}, format));
    }
    result[text] = json::object();
    const std::string wrong = workplace.file("wrong.json", result.dump()).string();
    CHECK(run(workplace, {"diff", before, wrong}).code == 2);
  }
}

TEST_CASE("a comparison with the kernel says such names in every form, too") {
  const Workplace workplace;
  json scenario = scenario_named(all_of_them());
  scenario["hosts"]["client"]["profile"] = "windows";  // no kernel is asked, and each form says why
  scenario["hosts"]["client"].erase("settings");
  const std::string file = workplace.file("scenario.json", scenario.dump()).string();
  for (const std::string& format : every_format) {
    const Said said = run(workplace, {"validate", file, "--format", format});
    CHECK(said.code == 0);
    check_form(said.output, format);
  }
}

TEST_CASE("what an error quotes steers nobody") {
  const Workplace workplace;
  for (const std::string& text : hostile_strings()) {
    CAPTURE(text);
    json of_name = scenario_named("a name");
    of_name["hosts"][text] = json::object();
    json of_key = scenario_named("a key");
    of_key[text] = text;
    json of_value = scenario_named("a value");
    of_value["workloads"]["load"]["from"] = text;
    of_value["hosts"]["client"]["profile"] = text;
    of_value["hosts"]["client"]["settings"][text] = text;
    std::vector<std::string> files;
    for (const json& scenario : {of_name, of_key, of_value})
      files.push_back(workplace.file(std::to_string(files.size()) + ".json", scenario.dump()).string());
    // Whether a claim that points nowhere is broken or wrong is not this test's business.
    json of_pointer = scenario_named("a pointer");
    of_pointer["expect"].push_back({{"name", "nowhere"}, {"at", "/workloads/load/" + text}, {"equals", 1}});
    const std::string nowhere = workplace.file("pointer.json", of_pointer.dump()).string();
    for (const char* format : {"text", "markdown"}) run_in(workplace, {"run", nowhere}, format);
    files.push_back(workplace.file("broken.json", "{\"netlimits\": 1, " + text).string());
    for (const std::string& file : files) {
      for (const char* command : {"run", "capacity", "validate"}) CHECK(run(workplace, {command, file}).code == 2);
    }
    CHECK(run(workplace, {"script", "--model", files.back()}).code == 2);
    CHECK(run(workplace, {"run", files.front(), "--set", text}).code == 2);
    CHECK(run(workplace, {"run", files.front(), "--set", "/hosts/client/" + text + "=1"}).code == 2);
  }
}

TEST_CASE("what is typed steers nobody") {
  const Workplace workplace;
  std::vector<std::string> texts = hostile_strings();
  texts.insert(texts.end(), {"latin \xe9", "\xff\xfe\n::error::x"});
  const std::string good = workplace.copy_of("scenarios/outbound-exhaustion-small.json").string();
  for (const std::string& text : texts) {
    CAPTURE(text);
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{text},
          {"run", "./" + text},
          {"run", good, "--timeout", "x" + text},
          {"run", good, "--format", "x" + text},
          {"run", good, "--output", "nowhere/" + text + "/x"},
          {"run", good, "--profile-dir", "nowhere/" + text},
          {"validate", good, "--program", text},
          {"validate", good, "--program", "a/b" + text + "=true"},
          {"script", "--model", "./" + text},
          {"probe", "--to", "x" + text},
          {"probe", "--os", "x" + text},
          {"probe", "--from", "nowhere/" + text},
          {"profiles", "x" + text},
          {"explain", "x" + text},
          {"plan", good, "--target", "x" + text},
          {"plan", good, "--target", "9", "--workload", "x" + text},
          {"plan", good, "--target", "9", "--forbid", "x" + text},
          {"init", "--case", "x" + text},
          {"run", "--rate", "x" + text},
          {"capacity", "--os", "x" + text},
          {"fuzz", "--scenarios", "--cases", "1", "--save", good + "/" + text},
          {"schema", "--output", "nowhere/" + text + "/x"}})
      CHECK(run(workplace, arguments).code == 2);
  }
}

TEST_CASE("names of scripts and of their files steer nobody") {
  const Workplace workplace;
  json file{{"format", 1}, {"group", all_of_them()}, {"about", all_of_them()}, {"scripts", json::array()}};
  for (const std::string& text : hostile_strings()) {
    json script = json::parse(R"({"hosts": {"a": {"processes": {"p": {}}}}, "live": "pass",
      "steps": [{"call": "socket", "as": "s", "process": "a/p", "domain": "inet", "type": "stream", "returns": "EMFILE"}]})");
    script["name"] = text;
    script["source"] = text;
    file["scripts"].push_back(script);
  }
  std::string name = all_of_them().substr(0, 200);
  std::replace(name.begin(), name.end(), '/', '|');
  const std::string path = workplace.file(name + ".json", file.dump()).string();
  for (const std::string& format : every_format) {
    const Said said = run(workplace, {"script", "--model", path, "--format", format});
    CHECK(said.code == 1);
    check_form(said.output, format);
  }
  // Twice the same names, and a name that no script has.
  CHECK(run(workplace, {"script", "--model", path, path}).code == 2);
  CHECK(run(workplace, {"script", "--model", path, "--only", fmt::format("x{}", all_of_them())}).code == 2);
}

TEST_CASE("what kernels and tools print of a machine steers nobody") {
  const Workplace workplace;
  std::vector<std::string> texts = hostile_strings();
  texts.insert(texts.end(), {"latin \xe9", "\xff\xfe"});
  const fs::path sample = fs::path(NETLIMITS_SOURCE_DIR) / "tests/scenarios/collected/web-server";
  for (std::string text : texts) {
    CAPTURE(text);
    const fs::path collected = workplace.scratch() / "collected";
    fs::remove_all(collected);
    fs::copy(sample, collected);
    std::ofstream(collected / "cgroup") << "0::/system.slice/" << text << "\n";
    std::ofstream(collected / "uname") << "6.18.44" << text << "\n";
    const bool one_line = text.find('\n') == std::string::npos;  // more are more groups, and those no group
    for (const char* format : {"text", "json", "markdown", "html"})
      CHECK(run_in(workplace, {"probe", "--from", collected.string()}, format) == one_line);
    std::ofstream(collected / "cgroup") << "0::/\n";
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '/', '|');
    std::ofstream(collected / "status") << "Name:\t" << text << "\nUmask:\t0022\nPid:\t3358\nUid:\t0\t0\t0\t0\n";
    std::ofstream(collected / text.substr(0, 60)) << "not known";
    for (const char* format : {"text", "json", "markdown", "html"})
      CHECK(run_in(workplace, {"probe", "--from", collected.string()}, format));
    std::ofstream(collected / "ss") << "ESTAB 0 0 " << text << " 10.0.0.1:80\n";
    CHECK(run(workplace, {"probe", "--from", collected.string()}).code == 2);
  }
}

TEST_CASE("profiles of a user's own steer nobody") {
  const Workplace workplace;
  for (const std::string& text : hostile_strings()) {
    CAPTURE(text);
    const fs::path directory = workplace.scratch() / "profiles";
    fs::create_directories(directory);
    json profile{{"netlimits_profile", 1}, {"name", "mine"}, {"title", text}, {"based_on", "linux"}};
    profile["figures"] = {{"somaxconn", {{"value", 77}, {"source", text}, {"confidence", "measured"}}}};
    std::ofstream(directory / "mine.json") << profile.dump();
    for (const char* format : {"text", "json"}) {
      for (const std::vector<std::string>& arguments :
           {std::vector<std::string>{"profiles", "--profile-dir", directory.string()},
            {"profiles", "mine", "--profile-dir", directory.string()},
            {"explain", "net.core.somaxconn", "--profile-dir", directory.string()}})
        CHECK(run_in(workplace, arguments, format));
    }
    profile["name"] = text;
    profile["figures"][text] = {{"value", text}};
    std::ofstream(directory / "mine.json") << profile.dump();
    CHECK(run(workplace, {"profiles", "--profile-dir", directory.string()}).code == 2);
  }
}

}  // namespace netlimits::tests

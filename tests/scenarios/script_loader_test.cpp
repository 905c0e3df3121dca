// One script with all calls, and a table of mistakes.
#include "scenarios/script_loader.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

std::string file_with(const std::string& steps,
                      const std::string& hosts = R"({"a": {"processes": {"p": {"nofile": 64}}}})") {
  return R"({"format": 1, "scripts": [{"name": "n", "hosts": )" + hosts + R"(, "steps": [)" + steps + "]}]}";
}

TEST_CASE("a script is read with all that its calls can say") {
  const auto scripts = load_scripts(R"({
 "format": 1, "group": "g", "about": "text",
 "scripts": [{
  "name": "all", "source": "own", "kernel_min": "6.3", "slow": 2.5, "tags": ["devices"], "live": "pass",
  "live_skip": "no", "live_kernel": "6.18",
  "hosts": {"a": {"os": "linux", "addresses": ["127.0.0.1/8", "192.0.2.8/32", "::1/128"], "devices": ["dev1"],
                  "sysctl": {"net.ipv4.ip_local_port_range": "80 99", "net.ipv4.ip_unprivileged_port_start": 0},
                  "processes": {"p": {"nofile": 8, "uid": 7}, "q": {}}}},
  "steps": [
   {"call": "socket", "as": "l", "process": "a/q", "domain": "inet6", "type": "dgram", "nonblocking": true},
   {"call": "setsockopt", "socket": "l", "option": "IP_LOCAL_PORT_RANGE", "value": [40000, 40009], "length": 4},
   {"call": "setsockopt", "socket": "l", "option": "SO_BINDTODEVICE", "value": "dev1"},
   {"call": "getsockopt", "socket": "l", "option": "SO_ERROR", "value": "ECONNRESET"},
   {"call": "bind", "socket": "l", "address": "::1", "port": 7000, "returns": ["ok", "EADDRINUSE"]},
   {"call": "listen", "socket": "l", "backlog": -1},
   {"call": "repeat", "count": 5, "succeeds": [3, 4], "stops_with": "EMFILE", "body": [
     {"call": "socket", "as": "c{i}"},
     {"call": "connect", "socket": "c{i}", "address": "{x}", "port": "{p}", "timeout": 0.25}]},
   {"call": "await", "socket": "c0", "event": "connected", "timeout": 2, "returns": "pending"},
   {"call": "accept", "socket": "l", "as": "s", "timeout": 1},
   {"call": "getsockname", "socket": "s", "address": "::1", "port": "!7000", "save": {"port": "p", "address": "x"}},
   {"call": "send", "socket": "s", "bytes": 10, "address": "127.0.0.1", "port": 5},
   {"call": "recv", "socket": "s", "bytes": 0},
   {"call": "shutdown", "socket": "s", "how": "rdwr"},
   {"call": "disconnect", "socket": "s"},
   {"call": "open_files", "count": 3, "opened": 2},
   {"call": "sysctl", "host": "a", "name": "net.core.somaxconn", "value": -5, "returns": "EINVAL"},
   {"call": "sleep", "seconds": 60.5},
   {"call": "ports", "sockets": "c*", "count": 4, "distinct": 4, "port": "80-99"},
   {"call": "close", "socket": "l"},
   {"call": "exit", "process": "a/p"}
  ]}]})",
                                    "f.json");
  if (!scripts) FAIL(text_of(scripts.error()));
  REQUIRE(scripts->size() == 1);
  const Script& script = scripts->front();
  CHECK(script.hosts.at("a").processes.at("p").uid == 7);
  CHECK(script.hosts.at("a").processes.at("q").nofile == 1024);
  CHECK(script.hosts.at("a").sysctl.at("net.ipv4.ip_unprivileged_port_start") == "0");
  REQUIRE(script.steps.size() == 20);
  CHECK(script.steps[0].nonblocking);
  CHECK(script.steps[1].value == std::vector<std::int64_t>{40000, 40009});
  CHECK(script.steps[2].text_value == "dev1");
  CHECK(script.steps[4].returns.size() == 2);
  CHECK(script.steps[4].port == "7000");
  CHECK(script.steps[5].backlog == -1);
  CHECK(script.steps[6].body.size() == 2);
  CHECK(script.steps[6].body[1].timeout == Duration(250ms));
  CHECK(script.steps[6].body[1].pointer == "/scripts/0/steps/6/body/1");
  CHECK(script.steps[6].succeeds == std::pair<std::int64_t, std::int64_t>{3, 4});
  CHECK(script.steps[15].sysctl_value == "-5");
  CHECK(script.steps[16].sleep == Duration(60500ms));
}

TEST_CASE("a script with a mistake is refused with the place and what was expected") {
  struct Row {
    std::string text;
    std::string words;
  };
  const std::string open = R"({"call": "socket", "as": "s"},)";
  for (const Row& row : std::vector<Row>{
           {file_with(R"({"call": "sokcet", "as": "s"})"), "did you mean \"socket\"?"},
           {file_with(R"({"as": "s"})"), "a step without \"call\""},
           {file_with(R"({"call": "socket", "as": "s", "nonblock": true})"), "did you mean nonblocking?"},
           {file_with(R"({"call": "socket"})"), "expected a key \"as\""},
           {file_with(open + R"({"call": "bind", "socket": "s", "address": "127.0.0.1", "port": 70000})"),
            "f.json:1:199: /scripts/0/steps/1/port: expected a port from 0 to 65535, found 70000"},
           {file_with(open + R"({"call": "bind", "socket": "s", "address": "127.0.0.1", "port": "even"})"),
            "a port from 0"},
           {file_with(open + R"({"call": "bind", "socket": "s", "address": "localhost", "port": 0})"),
            "an address such as"},
           {file_with(open + R"({"call": "bind", "socket": "t", "address": "127.0.0.1", "port": 0})"),
            "an earlier step made"},
           {file_with(open + R"({"call": "close", "socket": "s", "returns": "EWHAT"})"), "the name of an errno"},
           {file_with(open + R"({"call": "setsockopt", "socket": "s", "option": "SO_REUSEADR", "value": 1})"),
            "did you mean \"SO_REUSEADDR\"?"},
           {file_with(R"({"call": "socket", "as": "s", "process": "a/q"})"), "a process of this script"},
           {file_with(R"({"call": "sysctl", "name": "net.core.somaxcon", "value": 1})"),
            "did you mean net.core.somaxconn?"},
           {file_with(R"({"call": "sleep", "seconds": "5"})"), "a number of seconds"},
           {file_with(R"({"call": "sleep", "seconds": -1})"), "a number of seconds"},
           {file_with(R"({"call": "sleep", "seconds": 1e3})"), "a number of seconds"},
           {file_with(""), "at least one call"},
           {file_with(open, R"({"a": {"sysctl": {"net.ipv4.tcp_tw_reuse": "3"}}})"), "unexpected"},
           {file_with(R"({"call": "socket", "as": "s"})", R"({"a": {"sysctl": {"net.ipv4.tcp_tw_reuse": "3"}}})"),
            "0 (never), 1 (always) or 2"},
           {file_with(R"({"call": "socket", "as": "s"})", R"({"a": {"sysctl": {"{i}": "1"}}})"),
            "f.json:1:75: /scripts/0/hosts/a/sysctl/{i}: \"{i}\" is no setting that the model of linux knows"},
           {file_with(R"({"call": "socket", "as": "s"})", R"({"a": {"adresses": []}})"), "did you mean addresses?"},
           {R"({"format": 2, "scripts": []})", "a whole number from 1 to 1"},
           {R"({"format": 1, "scripts": 5})", "a list of scripts"},
           {R"([])", "an object (script file)"},
           {"", "the text is empty"},
       }) {
    CAPTURE(row.text);
    const auto scripts = load_scripts(row.text, "f.json");
    REQUIRE_FALSE(scripts.has_value());
    CHECK_THAT(text_of(scripts.error()), Catch::Matchers::Contains(row.words));
  }
}

TEST_CASE("a name that nobody knows is no name, however many mistakes came before it") {
  std::string settings;
  for (int i = 0; i < 40; ++i) settings += (i == 0 ? "\"a" : ", \"a") + std::to_string(i) + "\": 1";
  const auto scripts = load_scripts(file_with(R"({"call": "socket", "as": "s"})",
                                              R"({"a": {"sysctl": {)" + settings + R"(}}, "b": {"sysctl": {"c": 1}}})"),
                                    "f.json");
  REQUIRE_FALSE(scripts.has_value());
  CHECK(scripts.error().size() == most_input_errors + 1);  // a last one says how many are not shown
}

TEST_CASE("the name of a sysctl call may be a template, which a repetition fills in") {
  CHECK(load_scripts(file_with(R"({"call": "sysctl", "name": "net.ipv4.{x}", "value": 1})"), "f.json").has_value());
}

TEST_CASE("two scripts of one file cannot share a name") {
  const std::string script = R"({"name": "n", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"}]})";
  const auto scripts = load_scripts(R"({"format": 1, "scripts": [)" + script + "," + script + "]}", "f.json");
  REQUIRE_FALSE(scripts.has_value());
  CHECK_THAT(text_of(scripts.error()), Catch::Matchers::Contains("a second script named \"n\""));
}

TEST_CASE("what is wrong within one script leaves the others of its file as they are") {
  const std::string text = R"({"format": 1, "scripts": [
    {"name": "good", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"}]},
    {"name": "option", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"},
      {"call": "setsockopt", "socket": "s", "option": "TCP_SYNCOUNT", "value": 1}]},
    {"name": "call", "hosts": {"a": {}}, "steps": [{"call": "sockett", "as": "s"}]},
    {"hosts": {"a": {}}, "steps": []},
    {"name": "last", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"}]}]})";
  const auto each = load_each_script(text, "f.json");
  REQUIRE(each.has_value());
  REQUIRE(each->size() == 5);
  CHECK((*each)[0].errors.empty());
  CHECK((*each)[0].script.steps.size() == 1);
  CHECK((*each)[1].name == "option");
  CHECK_THAT(text_of((*each)[1].errors), Catch::Matchers::StartsWith("f.json:4:55: /scripts/1/steps/1/option: ") &&
                                             Catch::Matchers::Contains("did you mean \"TCP_SYNCNT\"?"));
  CHECK((*each)[2].errors.size() == 1);
  CHECK((*each)[3].name == "/scripts/3");
  CHECK((*each)[4].errors.empty());
  CHECK_FALSE(load_scripts(text, "f.json").has_value());
  CHECK_FALSE(load_each_script(R"({"format": 1, "scripts": 5})", "f.json").has_value());
}

}  // namespace
}  // namespace netlimits::scenarios

// The interpreter with an executor that only writes down what it is asked.
#include "model/script/script_interpreter.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/script/script_expectation.hpp"
#include "model/script/script_option.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

// Writes down what it is asked and answers "ok", or what the test put under the name of the call.
class Recorder final : public SocketCalls {
 public:
  std::vector<std::string> asked;
  std::map<std::string, std::vector<CallAnswer>> answers;  // taken from the front
  std::vector<const StepResult*> followed;

  void follow(const StepResult* other) override { followed.push_back(other); }
  CallAnswer socket(ProcessSlot process, Family, SocketType, bool, SocketSlot made) override {
    return answer("socket", std::to_string(process) + " makes " + std::to_string(made));
  }
  CallAnswer set_option(SocketSlot socket, const OptionWrite& option) override {
    return answer("setsockopt", std::to_string(socket) + " " + std::string(option.name));
  }
  CallAnswer get_option(SocketSlot socket, std::string_view) override {
    return answer("getsockopt", std::to_string(socket));
  }
  CallAnswer bind(SocketSlot socket, const Endpoint& local) override {
    return answer("bind", std::to_string(socket) + " " + local.text());
  }
  CallAnswer listen(SocketSlot socket, std::int64_t backlog) override {
    return answer("listen", std::to_string(socket) + " " + std::to_string(backlog));
  }
  CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) override {
    return answer("connect", std::to_string(socket) + " " + remote.text() + " " +
                                 std::to_string(timeout / std::chrono::seconds(1)));
  }
  CallAnswer disconnect(SocketSlot socket) override { return answer("disconnect", std::to_string(socket)); }
  CallAnswer await(SocketSlot socket, AwaitedEvent, Duration) override {
    return answer("await", std::to_string(socket));
  }
  CallAnswer accept(SocketSlot listener, SocketSlot made, Duration) override {
    return answer("accept", std::to_string(listener) + " makes " + std::to_string(made));
  }
  CallAnswer local_name(SocketSlot socket) override { return answer("getsockname", std::to_string(socket)); }
  CallAnswer peer_name(SocketSlot socket) override { return answer("getpeername", std::to_string(socket)); }
  CallAnswer send(SocketSlot socket, std::int64_t, const std::optional<Endpoint>&, Duration) override {
    return answer("send", std::to_string(socket));
  }
  CallAnswer receive(SocketSlot socket, Duration) override { return answer("recv", std::to_string(socket)); }
  CallAnswer shutdown(SocketSlot socket, bool read, bool write) override {
    return answer("shutdown", std::to_string(socket) + (read ? " rd" : "") + (write ? " wr" : ""));
  }
  CallAnswer close(SocketSlot socket) override { return answer("close", std::to_string(socket)); }
  CallAnswer open_files(ProcessSlot process, std::int64_t) override {
    return answer("open_files", std::to_string(process));
  }
  CallAnswer exit(ProcessSlot process) override { return answer("exit", std::to_string(process)); }
  CallAnswer sleep(Duration) override { return answer("sleep", ""); }
  CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) override {
    return answer("sysctl", std::to_string(host) + " " + std::string(name) + " " + std::string(value));
  }
  PortRange automatic_range(HostSlot) override { return {Port{40000}, Port{40009}}; }

 private:
  CallAnswer answer(const std::string& call, const std::string& words) {
    asked.push_back(call + (words.empty() ? "" : " " + words));
    auto& waiting = answers[call];
    if (waiting.empty()) return {};
    CallAnswer first = waiting.front();
    waiting.erase(waiting.begin());
    return first;
  }
};

Script one_host() {
  Script script;
  script.hosts["a"].processes["p"] = {};
  script.hosts["a"].processes["q"] = {};
  return script;
}

Step call(Call which, std::string socket = {}) {
  Step step;
  step.call = which;
  step.socket = std::move(socket);
  return step;
}

Step socket_step(std::string name, std::string process = {}) {
  Step step;
  step.call = Call::socket;
  step.as = std::move(name);
  step.process = std::move(process);
  return step;
}

Step bind_step(std::string socket, std::string port) {
  Step step = call(Call::bind, std::move(socket));
  step.address = "127.0.0.1";
  step.port = std::move(port);
  step.has_port = true;
  return step;
}

CallAnswer gives(std::string_view result) { return {.result = result}; }

CallAnswer at_port(std::uint16_t port) {
  CallAnswer answer;
  answer.endpoint = {IpAddress::loopback(Family::inet), Port{port}};
  return answer;
}

TEST_CASE("a script without an unwanted result passes and asks each call once, in order") {
  Script script = one_host();
  script.steps = {socket_step("s"), bind_step("s", "7000"), call(Call::listen, "s"), call(Call::close, "s")};
  Recorder calls;
  const ScriptRun run = interpret(script, calls);
  CHECK(run.passed);
  CHECK(calls.asked ==
        std::vector<std::string>{"socket 0 makes 0", "bind 0 127.0.0.1:7000", "listen 0 128", "close 0"});
  REQUIRE(run.steps.size() == 4);
  CHECK(run.steps[3].number == 3);
}

TEST_CASE("the first step with another result than its script expects ends the run") {
  Script script = one_host();
  script.steps = {socket_step("s"), bind_step("s", "7000"), call(Call::listen, "s")};
  script.steps[1].returns = {"EADDRINUSE", "EACCES"};
  Recorder calls;
  const ScriptRun run = interpret(script, calls);
  CHECK_FALSE(run.passed);
  REQUIRE(run.steps.size() == 2);
  CHECK(run.steps[1].expected == "EADDRINUSE or EACCES");
  CHECK(run.steps[1].result == "ok");
}

TEST_CASE("without judging a run goes on to the end") {
  Script script = one_host();
  script.steps = {socket_step("s"), bind_step("s", "7000"), call(Call::listen, "s")};
  Recorder calls;
  calls.answers["bind"] = {gives("EADDRINUSE")};
  const ScriptRun run = interpret(script, calls, {.judge = false});
  CHECK(run.passed);
  REQUIRE(run.steps.size() == 3);
  CHECK(run.steps[1].result == "EADDRINUSE");
}

TEST_CASE("a socket that is closed, or that no call made, is EBADF without asking anybody") {
  Script script = one_host();
  script.steps = {socket_step("s"), socket_step("t"), call(Call::close, "s"), call(Call::listen, "s"),
                  call(Call::listen, "t")};
  script.steps[1].returns = {"EMFILE"};
  script.steps[3].returns = {"EBADF"};
  script.steps[4].returns = {"EBADF"};
  Recorder calls;
  calls.answers["socket"] = {gives("ok"), gives("EMFILE")};
  const ScriptRun run = interpret(script, calls);
  CHECK(run.passed);
  CHECK(calls.asked.back() == "close 0");
}

TEST_CASE("after exit the sockets of that process, and of no other, are EBADF") {
  Script script = one_host();
  Step leave = call(Call::exit);
  leave.process = "a/q";
  script.steps = {socket_step("s", "a/p"), socket_step("t", "a/q"), leave,
                  call(Call::listen, "s"), call(Call::listen, "t"), socket_step("u", "a/q")};
  script.steps[4].returns = {"EBADF"};
  script.steps[5].returns = {"EBADF"};
  Recorder calls;
  CHECK(interpret(script, calls).passed);
  CHECK(calls.asked == std::vector<std::string>{"socket 0 makes 0", "socket 1 makes 1", "exit 1", "listen 0 128"});
}

TEST_CASE("a loop counts whole passes, and closes what the pass that ended it had made") {
  Script script = one_host();
  Step loop = call(Call::repeat);
  loop.count = 5;
  loop.succeeds = {2, 2};
  loop.stops_with = {"EADDRNOTAVAIL"};
  loop.body = {socket_step("c{i}"), bind_step("c{i}", "0")};
  script.steps = {loop, call(Call::listen, "c1"), call(Call::listen, "c2")};
  script.steps[2].returns = {"EBADF"};
  Recorder calls;
  calls.answers["bind"] = {gives("ok"), gives("ok"), gives("EADDRNOTAVAIL")};
  const ScriptRun run = interpret(script, calls);
  CHECK(run.passed);
  CHECK(calls.asked == std::vector<std::string>{"socket 0 makes 0", "bind 0 127.0.0.1:0", "socket 0 makes 1",
                                                "bind 1 127.0.0.1:0", "socket 0 makes 2", "bind 2 127.0.0.1:0",
                                                "close 2", "listen 1 128"});
  REQUIRE(run.steps.size() == 9);
  CHECK(run.steps[6].result == "2, then EADDRNOTAVAIL");
  CHECK(run.steps[6].number == 0);
  CHECK(run.steps[5].number == 2);
  CHECK(run.steps[7].number == 3);
}

TEST_CASE("a loop says what it expected when it ran too far, not far enough, or ended by something else") {
  struct Row {
    std::vector<std::string_view> results;
    std::string expected;
    std::string found;
  };
  for (const Row& row :
       {Row{{"ok", "ok", "ok"}, "1 to 2, then EMFILE", "3"}, Row{{"EMFILE"}, "1 to 2, then EMFILE", "0, then EMFILE"},
        Row{{"ok", "ENFILE"}, "1 to 2, then EMFILE", "1, then ENFILE"}}) {
    CAPTURE(row.found);
    Script script = one_host();
    Step loop = call(Call::repeat);
    loop.count = 3;
    loop.succeeds = {1, 2};
    loop.stops_with = {"EMFILE"};
    loop.body = {socket_step("c")};
    script.steps = {loop};
    Recorder calls;
    for (const auto result : row.results) calls.answers["socket"].push_back(gives(result));
    const ScriptRun run = interpret(script, calls);
    CHECK_FALSE(run.passed);
    CHECK(run.steps.back().expected == row.expected);
    CHECK(run.steps.back().result == row.found);
  }
}

TEST_CASE("saved ports and addresses fill templates; a name that was never saved makes the script impossible to run") {
  Script script = one_host();
  Step name = call(Call::getsockname, "s");
  name.save = {{"port", "p"}, {"address", "at"}};
  Step bind = bind_step("s", "{p}");
  bind.address = "{at}";
  script.steps = {socket_step("s"), name, bind};
  Recorder calls;
  calls.answers["getsockname"] = {at_port(40003)};
  CHECK(interpret(script, calls).passed);
  CHECK(calls.asked.back() == "bind 0 127.0.0.1:40003");

  script.steps[2].port = "{q}";
  Recorder others;
  const ScriptRun run = interpret(script, others);
  CHECK(run.not_run.find("{q}") != std::string::npos);
}

TEST_CASE("what getsockname gives is measured against the expected address and port") {
  for (const auto& [expectation, meets] : std::map<std::string, bool>{{"40003", true},
                                                                      {"40000-40009", true},
                                                                      {"40004-40009", false},
                                                                      {"odd", true},
                                                                      {"even", false},
                                                                      {"nonzero", true},
                                                                      {"in-range", true},
                                                                      {"!40003", false},
                                                                      {"!40004", true}}) {
    CAPTURE(expectation);
    Script script = one_host();
    Step name = call(Call::getsockname, "s");
    name.port = expectation;
    name.has_port = true;
    script.steps = {socket_step("s"), name};
    Recorder calls;
    calls.answers["getsockname"] = {at_port(40003)};
    const ScriptRun run = interpret(script, calls);
    CHECK(run.passed == meets);
    CHECK(run.steps.back().found == "127.0.0.1:40003");
    if (!meets) CHECK(run.steps.back().result == "port 40003");
  }
}

TEST_CASE("ports looks at open sockets that fit the pattern") {
  Script script = one_host();
  Step ports = call(Call::ports);
  ports.sockets = "c*";
  ports.count = 2;
  ports.has_count = true;
  ports.distinct = 1;
  script.steps = {socket_step("c1"), socket_step("c2"),       socket_step("c3"),
                  socket_step("d"),  call(Call::close, "c2"), ports};
  Recorder calls;
  calls.answers["getsockname"] = {at_port(40003), at_port(40003)};
  CHECK(interpret(script, calls).passed);

  Recorder two;
  two.answers["getsockname"] = {at_port(40003), at_port(40004)};
  const ScriptRun run = interpret(script, two);
  CHECK_FALSE(run.passed);
  CHECK(run.steps.back().result == "2 distinct ports");
}

TEST_CASE("an executor that cannot do a call at all ends the run as not run") {
  Script script = one_host();
  script.steps = {socket_step("s"), call(Call::listen, "s")};
  Recorder calls;
  CallAnswer cannot;
  cannot.why_not = "no such thing here";
  calls.answers["socket"] = {cannot};
  const ScriptRun run = interpret(script, calls);
  CHECK(run.not_run.find("no such thing here") != std::string::npos);
  CHECK(calls.asked.size() == 1);
}

TEST_CASE("an executor follows the same step of another run, also behind a loop that ran longer there") {
  Script script = one_host();
  Step loop = call(Call::repeat);
  loop.count = 3;
  loop.succeeds = {0, 3};
  loop.body = {socket_step("c{i}")};
  script.steps = {loop, socket_step("s")};
  Recorder first;
  const ScriptRun longer = interpret(script, first);
  Recorder second;
  second.answers["socket"] = {gives("ok"), gives("EMFILE")};
  interpret(script, second, {.judge = true, .other = &longer});
  REQUIRE(second.followed.size() >= 3);
  REQUIRE(second.followed.back() != nullptr);
  CHECK(second.followed.back() == &longer.steps.back());
}

TEST_CASE("name patterns know * and ? and nothing else") {
  CHECK(name_fits("c*", "c12"));
  CHECK(name_fits("c?", "c1"));
  CHECK_FALSE(name_fits("c?", "c12"));
  CHECK(name_fits("*", ""));
  CHECK(name_fits("*b*c", "aabbcc"));
  CHECK_FALSE(name_fits("a.c", "abc"));
  CHECK_FALSE(name_fits("", "a"));
}

TEST_CASE("a port expectation that is none is told apart from one that is not met") {
  const PortRange range{Port{1}, Port{2}};
  CHECK_FALSE(port_meets("some", Port{1}, range).has_value());
  CHECK_FALSE(port_meets("70000", Port{1}, range).has_value());
  CHECK_FALSE(port_meets("1-", Port{1}, range).has_value());
  CHECK(port_meets("2", Port{1}, range) == false);
}

TEST_CASE("an option's bytes become its value as the kernel reads them") {
  const std::vector<std::int64_t> one{1};
  const std::vector<std::int64_t> pair{1, 5};
  CHECK(option_value(Option::reuse_address, one, std::nullopt) == 1);
  CHECK_FALSE(option_value(Option::reuse_address, one, 3).has_value());
  CHECK(option_value(Option::free_bind, one, 1) == 1);
  CHECK_FALSE(option_value(Option::free_bind, one, 0).has_value());
  CHECK(option_value(Option::bind_no_port, one, 0) == 0);
  CHECK(option_value(Option::linger, pair, std::nullopt) == 5);
  CHECK(option_value(Option::linger, std::vector<std::int64_t>{0, 5}, std::nullopt) == -1);
  CHECK_FALSE(option_value(Option::linger, pair, 4).has_value());
  CHECK(option_value(Option::local_port_range, std::vector<std::int64_t>{40000, 40009}, std::nullopt) ==
        (40009LL << 16 | 40000));
  CHECK_FALSE(option_value(Option::local_port_range, pair, 8).has_value());
  for (const std::string_view name : option_names()) CHECK(option_named(name).has_value());
  CHECK_FALSE(option_named("SO_NONE").has_value());
}

}  // namespace
}  // namespace netlimits

// Scripts on the model: virtual time, following another run, and what is refused.
#include "sim/script_on_model.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::sim {
namespace {

Step on(Call call, std::string socket) {
  Step step;
  step.call = call;
  step.socket = std::move(socket);
  return step;
}

Step make(std::string name, bool nonblocking = false) {
  Step step;
  step.call = Call::socket;
  step.as = std::move(name);
  step.nonblocking = nonblocking;
  return step;
}

Step at(Call call, std::string socket, std::string port, std::string result = "ok") {
  Step step = on(call, std::move(socket));
  step.address = "127.0.0.1";
  step.port = std::move(port);
  step.has_port = true;
  step.returns = {std::move(result)};
  return step;
}

Step accept_as(std::string listener, std::string name) {
  Step step = on(Call::accept, std::move(listener));
  step.as = std::move(name);
  return step;
}

Step sleep_for(Duration time) {
  Step step;
  step.call = Call::sleep;
  step.sleep = time;
  return step;
}

Script one_host(std::vector<Step> steps) {
  Script script;
  script.hosts["a"].addresses = {"127.0.0.1/8", "::1/128"};
  script.hosts["a"].processes["p"] = {};
  script.steps = std::move(steps);
  return script;
}

Script one_port_range(std::vector<Step> steps) {
  Script script = one_host(std::move(steps));
  script.hosts["a"].sysctl["net.ipv4.ip_local_port_range"] = "40000 40003";
  return script;
}

TEST_CASE("an hour passes at once, and TIME_WAIT with it") {
  std::vector<Step> steps{make("l"),
                          at(Call::bind, "l", "7000"),
                          on(Call::listen, "l"),
                          make("c"),
                          at(Call::connect, "c", "7000"),
                          accept_as("l", "s"),
                          on(Call::close, "s"),
                          on(Call::recv, "c"),
                          on(Call::close, "c"),
                          on(Call::close, "l"),
                          make("b"),
                          at(Call::bind, "b", "7000", "EADDRINUSE"),
                          sleep_for(std::chrono::hours(1)),
                          at(Call::bind, "b", "7000")};
  const ScriptRun run = ModelScriptRunner().run(one_host(std::move(steps)));
  CHECK(run.passed);
  CHECK(run.not_run.empty());
}

TEST_CASE("a SYN that nobody answers times out in virtual time, after the time that the kernel takes") {
  Step begin = at(Call::connect, "x", "7000", "EINPROGRESS");
  Step waiting = on(Call::await, "x");
  waiting.event = "connected";
  waiting.timeout = std::chrono::seconds(120);
  waiting.returns = {"pending"};
  Step over = waiting;
  over.timeout = std::chrono::seconds(20);
  over.returns = {"ETIMEDOUT"};
  Step listen = on(Call::listen, "l");
  listen.backlog = 0;
  const ScriptRun run =
      ModelScriptRunner().run(one_host({make("l"), at(Call::bind, "l", "7000"), listen, make("c"),
                                        at(Call::connect, "c", "7000"), make("x", true), begin, waiting, over}));
  CHECK(run.passed);
}

TEST_CASE("the model takes the port that another run took, if it may") {
  const Script script = one_port_range(
      {make("l"), at(Call::bind, "l", "7000"), on(Call::listen, "l"), make("c"), at(Call::connect, "c", "7000")});
  const ModelScriptRunner runner;
  ScriptRun other = runner.run(script);
  REQUIRE(other.passed);
  for (const std::uint16_t port : {std::uint16_t{40000}, std::uint16_t{40002}}) {
    other.steps.back().port = port;
    CHECK(runner.run(script, &other).steps.back().port == port);
  }
  other.steps.back().port = std::uint16_t{50000};  // no draw could give it
  CHECK_FALSE(runner.run(script, &other).passed);
}

TEST_CASE("the same script gives the same run") {
  const Script script = one_host(
      {make("a"), at(Call::bind, "a", "0"), make("b"), at(Call::bind, "b", "0"), make("c"), on(Call::listen, "c")});
  const ScriptRun first = ModelScriptRunner().run(script);
  const ScriptRun second = ModelScriptRunner().run(script);
  REQUIRE(first.steps.size() == second.steps.size());
  for (std::size_t i = 0; i < first.steps.size(); ++i) CHECK(first.steps[i].port == second.steps[i].port);
}

TEST_CASE("a system without a profile, and a setting that cannot be, are said and not guessed") {
  Script script = one_host({make("a")});
  script.hosts["a"].os = "plan9";
  CHECK(ModelScriptRunner().run(script).not_run.find("plan9") != std::string::npos);
  script = one_host({make("a")});
  script.hosts["a"].sysctl["net.ipv4.ip_local_port_range"] = "9 3";
  CHECK(ModelScriptRunner().run(script).not_run.find("ip_local_port_range") != std::string::npos);
}

TEST_CASE("settings that bound each other may be given in any order") {
  Step low = at(Call::bind, "a", "0");
  Script script = one_host({make("a"), low});
  script.hosts["a"].sysctl["net.ipv4.ip_local_port_range"] = "80 99";
  script.hosts["a"].sysctl["net.ipv4.ip_unprivileged_port_start"] = "80";
  const ScriptRun run = ModelScriptRunner().run(script);
  CHECK(run.not_run.empty());
  CHECK(run.passed);
}

}  // namespace
}  // namespace netlimits::sim

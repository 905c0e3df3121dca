// Scripts on this machine's kernel, one after another in one sandbox: none finds anything of the one before.
#include "live/calls/script_on_kernel.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::live {
namespace {

Step on(Call call, std::string socket) {
  Step step;
  step.call = call;
  step.socket = std::move(socket);
  return step;
}

Step make(std::string name) {
  Step step;
  step.call = Call::socket;
  step.as = std::move(name);
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

Script one_host(std::vector<Step> steps) {
  Script script;
  script.name = "test";
  script.hosts["a"].addresses = {"127.0.0.1/8", "::1/128"};
  script.hosts["a"].processes["p"] = {};
  script.steps = std::move(steps);
  return script;
}

// A connection whose server closes first: the port 7000 is in TIME_WAIT afterwards.
std::vector<Step> server_side_time_wait() {
  return {make("l"),
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
          at(Call::bind, "b", "7000", "EADDRINUSE")};
}

void expect_pass(const ScriptRun& run) {
  INFO(run.not_run);
  if (!run.steps.empty()) INFO(run.steps.back().result + ", expected " + run.steps.back().expected);
  CHECK(run.not_run.empty());
  CHECK(run.passed);
}

// One sandbox for all cases: that nothing leaks from one to the next is part of what is tested.
KernelScriptRunner* runner() {
  static auto started = KernelScriptRunner::start();
  if (!started) {
    WARN("no kernel to ask: " + started.error().why);
    return nullptr;
  }
  return &*started;
}

TEST_CASE("a script that leaves TIME_WAIT, open sockets and a listener finds a clean host the next time") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  for (int round = 0; round < 5; ++round) {
    expect_pass(kernel->run(one_host(server_side_time_wait())));
    expect_pass(kernel->run(one_host(
        {make("l"), at(Call::bind, "l", "7000"), on(Call::listen, "l"), make("c"), at(Call::connect, "c", "7000")})));
  }
}

TEST_CASE("a setting that one script changes is back for the next, whether it was given or written in a step") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Step name = on(Call::getsockname, "s");
  name.port = "50000";
  name.has_port = true;
  Script narrow = one_host({make("s"), at(Call::bind, "s", "0"), name});
  narrow.hosts["a"].sysctl["net.ipv4.ip_local_port_range"] = "50000 50000";
  Step wide = name;
  wide.port = "32768-60999";
  Step other = name;
  other.port = "!50000";
  Step write;
  write.call = Call::sysctl;
  write.host = "a";
  write.sysctl_name = "net.ipv4.ip_local_port_range";
  write.sysctl_value = "50000 50000";
  const Script usual = one_host({make("s"), at(Call::bind, "s", "0"), wide, other});
  expect_pass(kernel->run(narrow));
  expect_pass(kernel->run(usual));
  expect_pass(kernel->run(one_host({write, make("s"), at(Call::bind, "s", "0"), name})));
  expect_pass(kernel->run(usual));
}

TEST_CASE("a process has its limit less three descriptors, in every script anew") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  for (const std::uint64_t limit : {4ULL, 16ULL, 1000ULL, 5ULL}) {
    Step loop;
    loop.call = Call::repeat;
    loop.count = 2000;
    const auto room = static_cast<std::int64_t>(limit) - 3;
    loop.succeeds = {room, room};
    loop.stops_with = {"EMFILE"};
    loop.body = {make("s{i}")};
    Script script = one_host({loop});
    script.hosts["a"].processes["p"].nofile = limit;
    expect_pass(kernel->run(script));
  }
}

TEST_CASE("a user other than root may not bind a privileged port, and root may in the next script") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Script script = one_host({make("s"), at(Call::bind, "s", "80", "EACCES")});
  script.hosts["a"].processes["p"].uid = 1000;
  expect_pass(kernel->run(script));
  expect_pass(kernel->run(one_host({make("s"), at(Call::bind, "s", "80")})));
}

TEST_CASE("an automatic port is told, and none where the script gave it") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Script script =
      one_host({make("s"), at(Call::bind, "s", "0"), on(Call::listen, "s"), make("t"), at(Call::bind, "t", "7000"),
                on(Call::listen, "t"), make("c"), at(Call::connect, "c", "7000")});
  const ScriptRun run = kernel->run(script);
  expect_pass(run);
  REQUIRE(run.steps.size() == 8);
  CHECK(run.steps[1].port.has_value());
  CHECK_FALSE(run.steps[4].port.has_value());
  CHECK(run.steps[7].port.has_value());
}

TEST_CASE("two hosts are joined by a wire, each with loopback of its own") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Script script;
  for (const auto& [host, address] :
       std::vector<std::pair<std::string, std::string>>{{"c", "198.51.100.7/24"}, {"s", "198.51.100.1/24"}}) {
    script.hosts[host].addresses = {address};
    script.hosts[host].processes["p"] = {};
  }
  Step listener = make("l");
  listener.process = "s/p";
  Step bind = at(Call::bind, "l", "7000");
  bind.address = "198.51.100.1";
  Step client = make("c");
  client.process = "c/p";
  Step connect = at(Call::connect, "c", "7000");
  connect.address = "198.51.100.1";
  Step wrong = at(Call::connect, "d", "7000", "ECONNREFUSED");
  Step other = make("d");
  other.process = "c/p";
  script.steps = {listener, bind, on(Call::listen, "l"), client, connect, accept_as("l", "s"), other, wrong};
  for (int round = 0; round < 3; ++round) expect_pass(kernel->run(script));
}

TEST_CASE("what this machine cannot show is said and not guessed") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Script greedy = one_host({make("s")});
  greedy.hosts["a"].processes["p"].nofile = 1ULL << 40;
  CHECK(kernel->run(greedy).not_run.find("hard limit") != std::string::npos);
  Script other = one_host({make("s")});
  other.hosts["a"].os = "windows";
  CHECK_FALSE(kernel->run(other).not_run.empty());
  Script whole = one_host({make("s")});
  whole.hosts["a"].sysctl["fs.file-max"] = "1000";
  CHECK(kernel->run(whole).not_run.find("fs.file-max") != std::string::npos);
}

std::string text_of(const ScriptRun& run) {
  std::string text = run.not_run;
  for (const StepResult& step : run.steps)
    text += step.pointer + " " + step.result + " " + step.found + " " +
            (step.port ? std::to_string(*step.port) : std::string()) + "\n";
  return text;
}

TEST_CASE(
    "all calls at once give what the same calls give one by one, also when a socket that is spoken of never came") {
  KernelScriptRunner* const kernel = runner();
  if (kernel == nullptr) return;
  Step hasty = accept_as("l", "s");
  hasty.timeout = Duration::zero();
  Script few = one_host({make("a"), at(Call::bind, "a", "7000"), make("b"), at(Call::bind, "b", "7001"),
                         on(Call::getsockname, "a"), on(Call::getsockname, "b"), on(Call::close, "a"), make("b"),
                         on(Call::getsockname, "b"), on(Call::close, "b"), on(Call::getsockname, "b")});
  few.hosts["a"].processes["p"].nofile = 4;
  std::vector<Step> many = server_side_time_wait();
  for (int i = 0; i < 100; ++i) many.push_back(on(Call::getsockname, "b"));
  Step keep = on(Call::getsockname, "s");
  keep.save["port"] = "it";
  std::vector<Script> scripts{
      one_host(server_side_time_wait()),
      // Nobody has come: what is said about "s" is said about nothing.
      one_host({make("l"), at(Call::bind, "l", "7000"), on(Call::listen, "l"), hasty, on(Call::getpeername, "s"),
                make("c"), at(Call::connect, "c", "7000"), hasty, on(Call::getpeername, "s"), on(Call::close, "s")}),
      // The second "s" does not come, and the first one still has the name: these calls cannot be told before.
      one_host({make("l"), at(Call::bind, "l", "7000"), on(Call::listen, "l"), make("c"),
                at(Call::connect, "c", "7000"), hasty, hasty, on(Call::getsockname, "s"), on(Call::close, "s"),
                on(Call::getsockname, "s")}),
      few,             // no descriptor for the second socket
      one_host(many),  // more than fit
      one_host({make("s"), at(Call::bind, "s", "7000"), keep, make("t"), at(Call::bind, "t", "{it}")}),
  };
  for (Script& script : scripts)  // each choice of a port is certain
    script.hosts["a"].sysctl["net.ipv4.ip_local_port_range"] = "45000 45000";
  for (int round = 0; round < 3; ++round) {
    for (const Script& script : scripts) {
      const ScriptRun one_by_one = kernel->run(script, false);
      CHECK(one_by_one.not_run.empty());
      CHECK(one_by_one.steps.size() == script.steps.size());
      CHECK(text_of(kernel->run_at_once(script)) == text_of(one_by_one));
    }
  }
}

}  // namespace
}  // namespace netlimits::live

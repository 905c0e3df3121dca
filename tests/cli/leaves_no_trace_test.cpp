// The real program, killed or interrupted at any moment, leaves nothing behind.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "live/sandbox/nft.hpp"
#include "live/sandbox/sandbox.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/cli/traces.hpp"

namespace netlimits::tests {
namespace {

using std::chrono::milliseconds;

// Forty servers, each with a network namespace of its own, and a client that takes its time.
constexpr const char* many_hosts = R"({
  "netlimits": 1,
  "name": "many-hosts",
  "hosts": {
    "client": { "addresses": ["10.0.0.5"], "processes": { "app": {} } },
    "server": {
      "count": 40,
      "addresses": ["10.1.0.1"],
      "processes": { "web": { "listeners": [{ "endpoint": "0.0.0.0:443" }] } }
    }
  },
  "workloads": {
    "load": { "from": "client/app", "to": ["10.1.0.1:443", "10.1.0.40:443"], "connections": 100, "arrivals": { "rate": "100/s" } }
  }
})";

std::string next_mark() {
  static int number = 0;
  return std::to_string(::getpid()) + "-" + std::to_string(++number);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

struct Watched {
  Traces traces;
  ProgramRun run;
  Watched(const Workplace& workplace, const std::vector<std::string>& arguments, User user)
      : traces(next_mark(), workplace.scratch()), run(workplace, arguments, traces.mark(), user) {}

  // Looks on until `moment` after the start, or the end of the program.
  void until(milliseconds moment) {
    const auto end = start + moment;
    while (run.running() && std::chrono::steady_clock::now() < end) {
      most = std::max(most, traces.look());
      const auto left = end - std::chrono::steady_clock::now();
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, milliseconds(10)));
    }
  }
  // ... until the program, and not what the system does to start it, decides what a signal does.
  void until_it_answers() {
    while (run.running() && !run.catches(SIGHUP)) std::this_thread::sleep_for(milliseconds(1));
    start = std::chrono::steady_clock::now();
  }
  // ... until it has begun to let its processes go.
  void until_fewer() {
    while (run.running()) {
      const std::size_t now = traces.look();
      if (now < most && most > 3) return;
      most = std::max(most, now);
    }
  }

  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::size_t most = 0;  // processes at one time
};

milliseconds whole_run(const Workplace& workplace, const std::string& scenario, User user) {
  Watched watched(workplace, {"validate", scenario, "--require-kernel"}, user);
  const auto code = watched.run.wait(std::chrono::seconds(120));
  INFO(watched.run.output() << watched.run.errors());
  REQUIRE(code == 0);
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - watched.start);
}

struct Killing {
  int while_running = 0;  // the program was not over yet
  std::size_t namespaces = 0;
};

void kill_at(const Workplace& workplace, const std::string& scenario, User user, milliseconds moment, Killing& all) {
  CAPTURE(scenario, moment.count());
  Watched watched(workplace, {"validate", scenario}, user);
  if (moment.count() < 0)
    watched.until_fewer();
  else
    watched.until(moment);
  if (watched.run.running()) ++all.while_running;
  watched.run.signal(SIGKILL);
  watched.run.wait(std::chrono::seconds(10));
  all.namespaces += watched.traces.namespaces_seen();
  const std::vector<std::string> left = watched.traces.left_after(std::chrono::seconds(10));
  INFO(joined(left));
  CHECK(left.empty());
}

// Seven moments of each of three scenarios: three while the sandbox is built, three while it runs, one while it goes.
Killing kill_often(const Workplace& workplace, User user) {
  Killing all;
  std::vector<std::string> scenarios{workplace.copy_of("scenarios/many-processes-small.json"),
                                     workplace.file("many-hosts.json", many_hosts)};
  if (live::nft_exists())
    scenarios.push_back(workplace.copy_of("scenarios/balancer-round-robin-small.json"));
  else
    scenarios.push_back(workplace.copy_of("scenarios/outbound-exhaustion-small.json"));
  int shift = 0;
  for (const std::string& scenario : scenarios) {
    const milliseconds whole = whole_run(workplace, scenario, user);
    for (const int setup : {8, 30, 75}) kill_at(workplace, scenario, user, milliseconds(setup + 3 * shift), all);
    for (const int percent : {25, 55, 85}) kill_at(workplace, scenario, user, whole * (percent + 3 * shift) / 100, all);
    kill_at(workplace, scenario, user, milliseconds(-1), all);
    ++shift;
  }
  return all;
}

void check(const Killing& all) {
  // Of 21 kills those that come while it goes may find it gone.
  CHECK(all.while_running >= 15);
  // The watching works: there was something to leave behind.
  CHECK(all.namespaces >= 30);
}

bool possible() {
  const auto trouble = live::why_no_sandbox();
  if (trouble) WARN("not run: " << trouble->why);
  return !trouble;
}

// Returns how many namespaces there were to leave behind.
std::size_t interrupt(const Workplace& workplace, const std::vector<std::string>& arguments, int signal,
                      milliseconds moment) {
  CAPTURE(joined(arguments), signal, moment.count());
  Watched watched(workplace, arguments, User::present);
  watched.until_it_answers();
  watched.until(moment);
  REQUIRE(watched.run.running());
  watched.run.signal(signal);
  CHECK(watched.run.wait(std::chrono::seconds(20)) == 130);
  // It cleans up before it ends: nothing has to be waited for.
  const std::vector<std::string> left = watched.traces.left();
  INFO(joined(left));
  CHECK(left.empty());
  CHECK(watched.run.output().empty());
  return watched.traces.namespaces_seen();
}

}  // namespace

TEST_CASE("a program that is killed leaves no process, namespace, interface, mount or file") {
  if (!possible()) return;
  const Workplace workplace;
  check(kill_often(workplace, User::present));
}

TEST_CASE("neither does the program of an ordinary user") {
  if (!possible()) return;
  if (::geteuid() != 0) return;  // then the present user is one
  const Workplace workplace;
  check(kill_often(workplace, User::ordinary));
}

TEST_CASE("an interrupt ends with 130, after everything is gone, and prints no half result") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string hosts = workplace.file("many-hosts.json", many_hosts);
  const std::string balancer = workplace.copy_of("scenarios/balancer-failover-small.json");
  const std::string script = workplace.copy_of("tests/scripts/fin-wait-2.json");
  const std::string result = workplace.scratch() / "result.json";
  std::size_t namespaces = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    for (const int moment : {60, 400})
      namespaces += interrupt(workplace, {"validate", hosts, balancer, "--format", "json", "--output", result}, signal,
                              milliseconds(moment));
    namespaces += interrupt(workplace, {"script", "--kernel", script}, signal, milliseconds(400));
    namespaces += interrupt(workplace, {"script", "--both", script, "--jobs", "3"}, signal, milliseconds(400));
    namespaces += interrupt(workplace, {"fuzz", "--cases", "1000000"}, signal, milliseconds(400));
  }
  CHECK(namespaces >= 20);
}

}  // namespace netlimits::tests

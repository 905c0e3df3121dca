// Every command ends within a second of a signal, whatever it is doing.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "live/sandbox/sandbox.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/cli/traces.hpp"

namespace netlimits::tests {
namespace {

using std::chrono::milliseconds;

// Ten seconds of simulation. On Windows, so that `validate` has only its prediction to make.
constexpr const char* takes_long = R"({
  "netlimits": 1,
  "name": "takes-long",
  "hosts": {
    "client": { "profile": "windows", "addresses": ["10.0.0.5"], "processes": { "app": {} } },
    "server": { "profile": "windows", "addresses": ["10.1.0.9"], "processes": { "web": { "listeners": [{ "endpoint": "0.0.0.0:443" }] } } }
  },
  "workloads": {
    "load": {
      "from": "client/app", "to": ["10.1.0.9:443"], "connections": 5000000,
      "arrivals": { "rate": "100000/s" }, "hold": "1ms", "close": "reset"
    }
  }
})";

// Signals at moments of the first half second. Whoever is told to go has a second; a busy machine gets another one to
// start and to end a process.
void end_at_random_moments(const Workplace& workplace, const std::vector<std::string>& arguments) {
  static int number = 0;
  std::mt19937 random(static_cast<std::mt19937::result_type>(++number));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const milliseconds moment(random() % 500);
    CAPTURE(arguments, signal, moment.count());
    const Traces traces("signals-" + std::to_string(::getpid()) + "-" + std::to_string(++number), workplace.scratch());
    ProgramRun run(workplace, arguments, traces.mark());
    while (run.running() && !run.catches(SIGHUP)) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(moment);
    REQUIRE(run.running());
    run.signal(signal);
    CHECK(run.wait(milliseconds(2000)).value_or(-1) == 130);
    CHECK(run.output().empty());
    CHECK(traces.left_after(milliseconds(1000)).empty());
  }
}

}  // namespace

TEST_CASE("a command that computes ends within a second of a signal") {
  const Workplace workplace;
  const std::string scenario = workplace.file("takes-long.json", takes_long);
  const std::string result = workplace.scratch() / "result.json";
  end_at_random_moments(workplace, {"run", scenario, "--output", result});
  end_at_random_moments(workplace, {"validate", "--full", scenario, "--output", result});
  end_at_random_moments(workplace,
                        {"validate", "--full", scenario, "--set", R"(/workloads/load/hold={"exponential":"1ms"})"});
  end_at_random_moments(workplace, {"fuzz", "--scenarios", "--cases", "100000000", "--output", result});
}

TEST_CASE("a command that waits for a reader ends within a second of a signal") {
  const Workplace workplace;
  const std::string fifo = workplace.scratch() / ".." / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  end_at_random_moments(workplace, {"schema", "--output", fifo});
  end_at_random_moments(workplace, {"run", "--output", fifo, workplace.copy_of("scenarios/four-tuple-small.json")});
  const std::string script = workplace.copy_of("tests/scripts/listen.json");
  end_at_random_moments(workplace, {"script", "--model", "--output", fifo, script});
}

TEST_CASE("a command that asks the kernel ends within a second of a signal") {
  if (const auto trouble = live::why_no_sandbox()) {
    WARN("not run: " << trouble->why);
    return;
  }
  const Workplace workplace;
  const std::string result = workplace.scratch() / "result.json";
  const std::string scenario = workplace.copy_of("scenarios/time-wait-churn-small.json");
  const std::string script = workplace.copy_of("tests/scripts/fin-wait-2.json");
  end_at_random_moments(workplace, {"validate", scenario, "--output", result});
  end_at_random_moments(workplace, {"script", "--both", script, "--jobs", "2", "--output", result});
  end_at_random_moments(workplace, {"fuzz", "--cases", "1000000", "--jobs", "2", "--output", result});
  end_at_random_moments(workplace, {"fuzz", "--every", "--length", "9", "--jobs", "2"});
  end_at_random_moments(workplace, {"fuzz", "--planted-faults"});
}

}  // namespace netlimits::tests

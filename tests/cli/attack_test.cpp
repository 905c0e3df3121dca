// Kills and signals at random moments of whatever writes a result or makes a sandbox: nothing is left, and the result
// is the old one or a whole new one. A few each in a usual run; .ci/attack asks for as many as one likes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "live/sandbox/sandbox.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/cli/traces.hpp"

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* old_result = "old";

// Some tenths of a second, and a result of some megabytes.
constexpr const char* many_windows = R"({
  "netlimits": 1,
  "name": "many-windows",
  "window": "100us",
  "hosts": {
    "client": { "addresses": ["10.0.0.5"], "processes": { "app": {} } },
    "server": { "addresses": ["10.1.0.9"], "processes": { "web": { "listeners": [{ "endpoint": "0.0.0.0:443" }] } } }
  },
  "workloads": {
    "load": {
      "from": "client/app", "to": ["10.1.0.9:443"], "connections": 100000,
      "arrivals": { "rate": "100000/s" }, "hold": "1ms", "close": "reset"
    }
  }
})";

// A second, and another one for a busy machine to start and to end a process.
constexpr milliseconds patience_after_a_signal{2000};
constexpr milliseconds patience_after_a_kill{10000};
// What the kernel, and the process that inherits orphans, need to let all of a sandbox go.
constexpr milliseconds patience_for_traces{60000};

std::uint64_t asked_for(const char* variable, std::uint64_t otherwise) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What was seen of all attacks on one command.
struct Tally {
  int attacks = 0;
  int while_running = 0;  // the program was not over yet
  int old_left = 0;
  int new_made = 0;
  std::size_t namespaces = 0;  // there were to leave behind
  milliseconds slowest{};      // end after a signal

  std::string text(const std::string& command, const char* kind) const {
    return fmt::format(
        "attack: {} {}: {}, {} before it was over; {} left the old result and {} a whole new one; {} namespaces seen; "
        "the slowest end after {} ms",
        command, kind, attacks, while_running, old_left, new_made, namespaces, slowest.count());
  }
};

class Attacked {
 public:
  Attacked(std::string command, const std::vector<std::string>& arguments)
      : command_(std::move(command)), arguments_(arguments) {
    fs::create_directory(results_);
    fs::permissions(results_, fs::perms::all);
    arguments_.insert(arguments_.begin(), command_);
    arguments_.insert(arguments_.end(), {"--format", "json", "--output", result_.string()});
  }

  const Workplace& workplace() const { return workplace_; }
  void also(const fs::path& input) { arguments_.push_back(input.string()); }

  void attack(const std::vector<int>& signals, const char* kind, std::uint64_t count, std::mt19937_64& random) {
    const milliseconds whole = whole_run();
    Tally tally;
    for (std::uint64_t n = 0; n < count; ++n) {
      // Most anywhere, and many where the result is written: the last twentieth, and a little after.
      const bool late = random() % 4 == 0;
      const std::uint64_t permille = late ? 950 + random() % 100 : random() % 1000;
      once(signals.at(random() % signals.size()), whole * static_cast<std::int64_t>(permille) / 1000, tally);
    }
    std::puts(tally.text(command_, kind).c_str());
    std::fflush(stdout);
  }

 private:
  milliseconds whole_run() {
    std::ofstream(result_) << old_result;
    const auto begin = Clock::now();
    ProgramRun run(workplace_, arguments_, "whole");
    const auto code = run.wait(std::chrono::seconds(120));
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    INFO(run.errors());
    REQUIRE((code == 0 || code == 1));
    REQUIRE(nlohmann::json::accept(content(result_)));
    return took;
  }

  void once(int signal, milliseconds moment, Tally& tally) {
    std::ofstream(result_) << old_result;
    CAPTURE(command_, signal, moment.count(), tally.attacks);
    Traces traces(fmt::format("attack-{}-{}", ::getpid(), ++number_), workplace_.scratch());
    ProgramRun run(workplace_, arguments_, traces.mark());
    // A signal is answered once the program, and not what the system does to start it, decides what it does.
    if (signal != SIGKILL) {
      while (run.running() && !run.catches(SIGHUP)) std::this_thread::sleep_for(milliseconds(1));
    }
    const auto end = Clock::now() + moment;
    while (run.running() && Clock::now() < end) {
      traces.look();
      std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), milliseconds(10)));
    }
    ++tally.attacks;
    if (run.running()) ++tally.while_running;
    const auto told = Clock::now();
    run.signal(signal);
    const auto code = run.wait(signal == SIGKILL ? patience_after_a_kill : patience_after_a_signal);
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - told);
    REQUIRE(code);
    if (signal != SIGKILL) {
      tally.slowest = std::max(tally.slowest, took);
      CHECK((*code == 130 || *code == 0 || *code == 1));
    }
    const std::vector<std::string> left = traces.left_after(patience_for_traces);
    CHECK_THAT(fmt::format("{}", fmt::join(left, "\n")), Catch::Matchers::Equals(""));
    tally.namespaces += traces.namespaces_seen();
    check_result(tally);
  }

  void check_result(Tally& tally) {
    const std::string found = content(result_);
    ++(found == old_result ? tally.old_left : tally.new_made);
    CHECK((found == old_result || nlohmann::json::accept(found)));
    for (const auto& entry : fs::directory_iterator(results_)) {
      CAPTURE(entry.path());
      CHECK(entry.path() == result_);
      if (entry.path() != result_) fs::remove(entry.path());
    }
  }

  Workplace workplace_;
  std::string command_;
  std::vector<std::string> arguments_;
  // Beside the scratch directory, in which nothing may be left at all.
  fs::path results_ = workplace_.scratch().parent_path() / "results";
  fs::path result_ = results_ / "result.json";
  int number_ = 0;
};

void attack_in_both_ways(Attacked& attacked) {
  const std::uint64_t count = asked_for("NETLIMITS_ATTACKS", 3);
  std::mt19937_64 random(asked_for("NETLIMITS_ATTACK_SEED", 1));
  attacked.attack({SIGKILL}, "kills", count, random);
  attacked.attack({SIGINT, SIGTERM, SIGHUP}, "signals", count, random);
}

bool possible() {
  const auto trouble = live::why_no_sandbox();
  if (trouble) WARN("not run: " << trouble->why);
  return !trouble;
}

}  // namespace

TEST_CASE("run, attacked, leaves nothing") {
  Attacked attacked("run", {});
  attacked.also(attacked.workplace().file("many-windows.json", many_windows));
  attack_in_both_ways(attacked);
}

TEST_CASE("validate, attacked, leaves nothing") {
  if (!possible()) return;
  Attacked attacked("validate", {});
  attacked.also(attacked.workplace().copy_of("scenarios/many-processes-small.json"));
  attack_in_both_ways(attacked);
}

TEST_CASE("script --both, attacked, leaves nothing") {
  if (!possible()) return;
  Attacked attacked("script", {"--both", "--jobs", "2"});
  attacked.also(attacked.workplace().copy_of("tests/scripts/listen.json"));
  attack_in_both_ways(attacked);
}

TEST_CASE("fuzz, attacked, leaves nothing") {
  if (!possible()) return;
  Attacked attacked("fuzz", {"--cases", "60", "--jobs", "2"});
  attack_in_both_ways(attacked);
}

}  // namespace netlimits::tests

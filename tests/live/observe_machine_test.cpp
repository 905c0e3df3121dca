// What this machine cannot show is said, and nothing stays behind when a run is killed.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "live/run/observe.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/scenario/places.hpp"
#include "tests/catch.hpp"
#include "tests/live/observed.hpp"
#include "tests/live/worlds.hpp"

namespace netlimits::live {
namespace {

using namespace worlds;

std::size_t processes_named(const std::string& name) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string comm;
    if (std::getline(file, comm) && comm == name) ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("several real processes stand for one that may have more descriptors than this machine allows") {
  Scenario scenario = client_and_server(20, 25);
  client_of(scenario).processes[0].nofile = hard_descriptor_limit() * 2;
  server_of(scenario).processes[0].nofile = hard_descriptor_limit() * 2;
  CHECK(observed(scenario).result.workloads.at("load").established == 20);
}

TEST_CASE("entries of connections that ended before cannot be shown, and that is said") {
  Scenario scenario = client_and_server(20, 5);
  client_of(scenario).held_connections.push_back({*IpAddress::parse("10.0.0.5"),
                                                  *Endpoint::parse("10.1.0.9:443"),
                                                  {{Port{40000}, Port{40003}}},
                                                  HeldConnectionState::time_wait,
                                                  std::chrono::seconds(30)});
  const Observation unasked = observe(scenario);
  CHECK_FALSE(unasked.ran);
  REQUIRE_FALSE(unasked.undetermined.empty());
  CHECK(unasked.undetermined[0].why.find("ended before the scenario") != std::string::npos);
}

TEST_CASE("what this machine cannot show is said, not guessed") {
  Scenario scenario = client_and_server(20, 25);
  SECTION("another system") {
    auto profile = std::make_shared<OsProfile>(*client_of(scenario).profile);
    profile->system = "windows";
    client_of(scenario).profile = profile;
  }
  SECTION("a setting that this kernel does not have") {
    client_of(scenario).set_by_scenario["net.ipv4.tcp_of_another_kernel"] = "1";
  }
  SECTION("a change to such a setting") {
    scenario.events.push_back({SimTime{}, SettingChange{"client", "net.ipv4.tcp_of_another_kernel", "1"}});
  }
  SECTION("a host-wide limit") { client_of(scenario).set_by_scenario["fs.file-max"] = "1000"; }
  SECTION("a descriptor limit above the hard one that can be met") {
    load_of(scenario).connections = hard_descriptor_limit() * 3;
    client_of(scenario).processes[0].nofile = hard_descriptor_limit() * 2;
  }
  const Observation seen = observe(scenario);
  CHECK_FALSE(seen.ran);
  REQUIRE(seen.undetermined.size() == 1);
  CHECK(seen.undetermined[0].pointer.empty());
  CHECK_FALSE(seen.undetermined[0].why.empty());
}

TEST_CASE("a run that is killed at any moment leaves no process") {
  // A name that no other run of this program has.
  const std::string name = "nk" + std::to_string(::getpid());
  std::vector<std::chrono::milliseconds> moments;
  for (int i = 0; i < 6; ++i) moments.emplace_back(7 + 40 * i);
  for (const auto moment : moments) {
    const pid_t caller = ::fork();
    if (caller == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_NAME, name.c_str());
      Scenario scenario = client_and_server(100, 1000);
      load_of(scenario).arrivals = ConstantRate{std::chrono::milliseconds(10)};
      observe(scenario);
      ::_exit(0);
    }
    std::this_thread::sleep_for(moment);
    ::kill(caller, SIGKILL);
    ::waitpid(caller, nullptr, 0);
    std::size_t left = 1;
    for (int i = 0; i < 200 && left != 0; ++i) {
      left = processes_named(name);
      if (left != 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(left == 0);
  }
}

TEST_CASE("an ordinary user observes the same") {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0) {
      if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(99);
      ::prctl(PR_SET_DUMPABLE, 1);
    }
    const Observation seen = observe(client_and_server(20, 25));
    ::_exit(seen.ran && seen.result.workloads.at("load").established == 20 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

}  // namespace netlimits::live

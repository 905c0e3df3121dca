// Programs that we did not write play the server of a scenario of ours, and do to the count what it predicts.
//
// The figures in the scenarios come from what each program documents about its descriptors and connections; the
// observation from the connections of our client, from what the kernel tells about the program's sockets, and from what
// the program itself prints.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "live/run/observe.hpp"
#include "report/run_report.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

namespace fs = std::filesystem;

struct RealProgram {
  std::string scenario;  // in scenarios/real-programs, with the command beside it
  std::string program;   // that must be installed
  std::string plays;
  std::vector<std::string> agree;  // metrics
  std::vector<std::string> says{};
};

const std::vector<std::string> counts{"/workloads/load/attempted", "/workloads/load/established",
                                      "/workloads/load/failed",    "/workloads/load/open_at_end",
                                      "/workloads/load/peak_open", "/workloads/load/failures/0/count"};

std::vector<std::string> with(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

std::vector<RealProgram> programs() {
  return {
      // Its limit is its descriptors, and the kernel's queue holds the rest: the scenario says all.
      {"nginx-descriptors",
       "nginx",
       "server/nginx",
       with(counts, {"/binding_limit/limit", "/binding_limit/place", "/hosts/server/processes/nginx/accepted",
                     "/hosts/server/processes/nginx/queued_at_end", "/hosts/server/processes/nginx/descriptors_peak"}),
       {"accept4() failed (24: Too many open files)"}},
      {"memcached-descriptors",
       "memcached",
       "server/memcached",
       with(counts,
            {"/binding_limit/limit", "/binding_limit/place", "/hosts/server/processes/memcached/accepted",
             "/hosts/server/processes/memcached/queued_at_end", "/hosts/server/processes/memcached/descriptors_peak"}),
       {"Too many open connections"}},
      // Their limit is one of their own.
      {"haproxy-maxconn",
       "haproxy",
       "server/haproxy",
       with(counts, {"/hosts/server/processes/haproxy/accepted", "/hosts/server/processes/haproxy/queued_at_end"}),
       {"CurrConns: 30"}},
      {"socat-children", "socat", "server/socat",
       with(counts, {"/hosts/server/processes/socat/accepted", "/hosts/server/processes/socat/queued_at_end"})},
      {"redis-maxclients",
       "redis-server",
       "server/redis",
       {"/hosts/server/processes/redis/accepted", "/workloads/load/established", "/workloads/load/failed"},
       {"maxclients has been reduced to 32"}},
      // A proxy runs out of ports: what its back end sees is what its ports allow.
      {"haproxy-ports",
       "haproxy",
       "proxy/haproxy",
       {"/hosts/server/processes/web/accepted", "/workloads/in/established"},
       {}},
      {"haproxy-source-range",
       "haproxy",
       "proxy/haproxy",
       {"/hosts/server/processes/web/accepted", "/workloads/in/established"}},
  };
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool installed(const std::string& program) {
  const std::vector<std::string> places{"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin", "/bin"};
  return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
    std::error_code trouble;
    return fs::exists(fs::path(place) / program, trouble);
  });
}

Scenario scenario_of(const RealProgram& real) {
  const fs::path path = fs::path(NETLIMITS_SOURCE_DIR) / "scenarios/real-programs" / (real.scenario + ".json");
  auto loaded = scenarios::load_scenario(text_of(path), real.scenario, scenarios::ProfileSet::built_in());
  if (!loaded) FAIL(scenarios::text_of(loaded.error()));
  return std::move(*loaded);
}

Observation observed(const Scenario& scenario, const RealProgram& real) {
  live::ObserveOptions options;
  const fs::path command = fs::path(NETLIMITS_SOURCE_DIR) / "scenarios/real-programs" / (real.scenario + ".sh");
  options.user_programs[real.plays] = text_of(command);
  Observation seen = live::observe(scenario, options);
  INFO((seen.undetermined.empty() ? std::string() : seen.undetermined.front().why));
  REQUIRE(seen.ran);
  return seen;
}

}  // namespace

TEST_CASE("real programs hold as many connections as their scenarios say") {
  for (const RealProgram& real : programs()) {
    CAPTURE(real.scenario);
    if (!installed(real.program)) {
      WARN(real.scenario << ": not run: program missing: " << real.program);
      continue;
    }
    const Scenario scenario = scenario_of(real);
    const RunResult predicted = sim::replay(scenario);
    for (const auto& claim : report::make_run_report(scenario, predicted, std::nullopt).expectations) {
      CAPTURE(claim.name, claim.actual_json);
      CHECK(claim.holds);
    }
    const Observation seen = observed(scenario, real);
    const auto checks = analysis::compare(scenario, predicted, seen.result);
    for (const std::string& metric : real.agree) {
      CAPTURE(metric);
      const auto check = std::find_if(checks.begin(), checks.end(),
                                      [&](const analysis::Check& each) { return each.metric == metric; });
      REQUIRE(check != checks.end());
      CHECK(check->verdict == analysis::CheckVerdict::agrees);
    }
    CAPTURE(seen.said.at(real.plays));
    for (const std::string& words : real.says) CHECK(seen.said.at(real.plays).find(words) != std::string::npos);
  }
}

TEST_CASE("whom a program turns away after accepting it sees a close, not a refusal") {
  for (const RealProgram& real : programs()) {
    const bool turns_away = real.scenario == "redis-maxclients" || real.plays == "proxy/haproxy";
    if (!turns_away || !installed(real.program)) continue;
    CAPTURE(real.scenario);
    const Scenario scenario = scenario_of(real);
    const RunResult predicted = sim::replay(scenario);
    const RunResult seen = observed(scenario, real).result;
    // As many stay as the program could serve.
    const bool proxy = real.plays == "proxy/haproxy";
    const std::uint64_t served =
        proxy ? predicted.workloads.at("out").established : predicted.hosts.at("server").processes.at("redis").accepted;
    const WorkloadResult& clients = seen.workloads.at(proxy ? "in" : "load");
    CHECK(clients.established == clients.attempted);
    CHECK(clients.open_at_end == served);
    CHECK(clients.failed == 0);
    CHECK(clients.lost == 0);
  }
}

}  // namespace netlimits

// The first line of a report, derived anew: what a run counted, and what happens when demand grows to the count named.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "report/capacity_report.hpp"
#include "report/run_report.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

constexpr std::uint64_t random_ones = 1000;

Scenario loaded_from(const std::filesystem::path& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto loaded = scenarios::load_scenario(text, path.filename().string(), scenarios::ProfileSet::built_in());
  if (!loaded) FAIL(scenarios::text_of(loaded.error()));
  return std::move(*loaded);
}

std::vector<Scenario> all_in(const std::string& folder, const std::string& ending) {
  std::vector<Scenario> found;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(NETLIMITS_SOURCE_DIR) / folder)) {
    if (file.path().string().ends_with(ending)) found.push_back(loaded_from(file.path()));
  }
  return found;
}

// Those of the library that a test can afford, those that broke a law once, and random ones.
template <class Judge>
void each_scenario(const Judge& judge) {
  for (const Scenario& scenario : all_in("scenarios", "-small.json")) judge(scenario);
  for (const Scenario& scenario : all_in("tests/found", ".json")) judge(scenario);
  fuzz::ScenarioOptions options;
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  options.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.profiles.push_back(profiles.find(name));
  for (std::uint64_t number = 0; number < random_ones; ++number) judge(fuzz::random_scenario(4, number, options));
}

// The number that stands where the form has a group; nothing: the line does not have it.
std::optional<std::uint64_t> number_in(const std::string& line, const std::string& form) {
  std::smatch match;
  if (!std::regex_search(line, match, std::regex(form))) return std::nullopt;
  std::string digits = match[1].str();
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  return std::stoull(digits);
}

struct Sums {
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;
  std::uint64_t open_at_most = 0;
  std::uint64_t open_at_end = 0;
  std::uint64_t accepted = 0;
  std::uint64_t waiting = 0;
};

Sums sums_of(const RunResult& result) {
  Sums sums;
  for (const auto& [name, workload] : result.workloads) {
    sums.failed += workload.failed;
    sums.lost += workload.lost;
    sums.open_at_most += workload.peak_open;
    sums.open_at_end += workload.open_at_end;
  }
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process, seen] : host.processes) {
      sums.accepted += seen.accepted;
      sums.waiting += seen.queued_at_end;
    }
  }
  return sums;
}

bool nothing_ends(const Scenario& scenario) {
  return scenario.events.empty() && !scenario.end &&
         std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
           return std::holds_alternative<HoldForever>(named.second.hold) && !named.second.retry.reconnect;
         });
}

// When the limit that broke first did, by the failures and by the limits that were used up.
std::optional<SimTime> broke_at(const Scenario& scenario, const RunResult& result, const PlacedLimit& limit) {
  std::optional<SimTime> first;
  const auto note = [&](SimTime at) { first = std::min(first.value_or(at), at); };
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (at_full_queue(scenario, {failure.limit, failure.place}, result.limits) == limit) note(failure.first_at);
    }
  }
  for (const LimitUse& use : result.limits) {
    if (use.limit == limit.limit && use.place == limit.place && use.first_exhausted_at) note(*use.first_exhausted_at);
  }
  return first;
}

std::vector<std::uint64_t> grown(const Scenario& scenario, const std::vector<std::uint64_t>& base, std::uint64_t asked,
                                 std::uint64_t total) {
  std::vector<std::uint64_t> connections;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) connections.push_back(base[i] * total / asked);
  return connections;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts) sum += count;
  return sum;
}

// Does every client of the scenario, with so many connections, end up with an accepted one?
bool all_are_held(Scenario scenario, const std::vector<std::uint64_t>& connections) {
  std::size_t i = 0;
  for (auto& [name, workload] : scenario.workloads) workload.connections = connections[i++];
  const Sums sums = sums_of(sim::replay(scenario));
  return sums.failed == 0 && sums.accepted == sum_of(connections);
}

}  // namespace

TEST_CASE("the first line of a run says what the run counted") {
  std::size_t broken = 0;
  each_scenario([&](const Scenario& scenario) {
    const report::RunReport report =
        report::make_run_report(scenario, sim::replay(scenario), analysis::capacity(scenario));
    const std::string& line = report.summary;
    const RunResult& result = report.result;
    const Sums sums = sums_of(result);
    INFO(scenario.name << ": " << line);
    const std::uint64_t held = number_in(line, "holds ([0-9,]+) connection").value();
    CHECK(held <= std::min(sums.open_at_most, sums.accepted));
    if (nothing_ends(scenario) && sums.lost == 0) CHECK(held == sums.accepted);
    CHECK(number_in(line, "([0-9,]+) more waits? for accept").value_or(0) == sums.waiting);
    CHECK(number_in(line, "([0-9,]+) lost").value_or(0) == sums.lost);
    const std::uint64_t believed =
        number_in(line, "([0-9,]+) more that only (?:their clients|its client) know").value_or(0);
    if (nothing_ends(scenario) && sums.lost == 0) CHECK(held + sums.waiting + believed == sums.open_at_end);
    const bool breaks = line.find("breaks first at ") != std::string::npos;
    if (sums.failed > 0) CHECK(breaks);
    if (!breaks) return;
    ++broken;
    REQUIRE(result.binding);
    CHECK(line.find("breaks first at " + std::string(name_of(result.binding->limit)) + " (" +
                    result.binding->place.text()) != std::string::npos);
    CHECK(result.untold == (sums.failed == 0 && !result.first_break));
    if (result.untold) return;  // nobody was told, so that there is no moment of it
    const auto at = broke_at(scenario, result, *result.binding);
    REQUIRE(at);
    for (const auto& [name, workload] : result.workloads) {
      for (const Failure& failure : workload.failures) CHECK(*at <= failure.first_at);
    }
  });
  CHECK(broken > random_ones / 4);
}

TEST_CASE("where nothing breaks, demand can grow to the count that the first line names, and not beyond") {
  constexpr std::uint64_t affordable = 3000;
  std::size_t grown_ones = 0;
  each_scenario([&](const Scenario& scenario) {
    const analysis::Capacity capacity = analysis::capacity(scenario);
    const report::CapacityReport report = report::make_capacity_report(scenario, capacity);
    const auto named = number_in(report.summary, "nothing breaks; first at ([0-9,]+): ");
    // What the line itself says was left out may come in between.
    const bool of_all = report.summary.find("not looked at") == std::string::npos;
    if (!named || !of_all || *named > affordable || !nothing_ends(scenario) || capacity.asked == 0) return;
    std::vector<std::uint64_t> base;
    for (const auto& [name, workload] : scenario.workloads) base.push_back(workload.connections);
    std::uint64_t total = *named;
    while (sum_of(grown(scenario, base, capacity.asked, total + 1)) <= *named) ++total;
    INFO(scenario.name << ": " << report.summary);
    CHECK(all_are_held(scenario, grown(scenario, base, capacity.asked, total)));
    CHECK_FALSE(all_are_held(scenario, grown(scenario, base, capacity.asked, total + 1)));
    ++grown_ones;
  });
  CHECK(grown_ones > 20);
}

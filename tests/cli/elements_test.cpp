// Every element of a scenario that Linux can show runs with real sockets, and agrees.
//
// Each file in tests/cli/elements uses a few of them. Together they have every key that the loader takes, except those
// listed here with the reason why no kernel can show them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/comparison/validation.hpp"
#include "live/run/observe.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/scenario/twin.hpp"
#include "report/validation_words.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/scenario_keys.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/drawn_times.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

namespace fs = std::filesystem;

using analysis::CheckVerdict;

const std::map<std::string, std::string> not_live{
    {"$schema", "for editors"},
    {"expect", "claims about a result, not about a host"},
    {"equals", "a claim"},
    {"at_least", "a claim"},
    {"at_most", "a claim"},
    {"within", "a claim"},
    {"limit", "a claim"},
    {"workload", "a claim"},
    {"place", "a claim"},
    {"capacity_at_least", "a claim"},
    {"sustains_at_least", "a claim"},
    {"headroom_at_least", "a claim"},
    {"exhausted", "a claim"},
    {"profile", "this machine has one kernel"},
    {"proxies", "no program here plays a proxy"},
    {"at", "of a proxy, and of a claim"},
    {"worker_connections", "of a proxy"},
    {"ends_after", "no kernel takes over the rest of a connection that has ended"},
};

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / "tests/cli/elements"))
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void add_keys(const scenarios::JsonNode& node, std::set<std::string>& keys) {
  for (const scenarios::JsonMember& member : node.members) {
    keys.insert(member.key);
    add_keys(member.value, keys);
  }
  for (const scenarios::JsonNode& element : node.items) add_keys(element, keys);
}

}  // namespace

TEST_CASE("the elements are all that a scenario may have") {
  std::set<std::string> used;
  for (const fs::path& file : files()) {
    const auto document = scenarios::parse_json(text_of(file), file.filename());
    REQUIRE(document.has_value());
    add_keys(document->root, used);
  }
  for (const scenarios::ObjectKeys* object : scenarios::all_scenario_keys()) {
    for (const auto& key : object->keys) {
      CAPTURE(object->object, key);
      CHECK((used.contains(std::string(key)) || not_live.contains(std::string(key))));
    }
  }
}

TEST_CASE("each element agrees with the kernel in every check") {
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  for (const fs::path& file : files()) {
    CAPTURE(file.filename().string());
    auto scenario = scenarios::load_scenario(text_of(file), file.filename(), scenarios::ProfileSet::built_in());
    if (!scenario) FAIL(scenarios::text_of(scenario.error()));
    if (!scenario->balancers.empty() && !live::nft_exists()) {
      WARN(file.filename().string() << ": not run: program missing: nft");
      continue;
    }
    const Twin twin = twin_for(*scenario, machine);
    live::ObserveOptions options;
    options.drawn = sim::drawn_times(twin.scenario);
    const analysis::Validation validation =
        analysis::validate(twin, sim::replay(twin.scenario), live::observe(twin.scenario, options));
    INFO(validation.not_asked);
    CHECK(validation.not_asked.empty());
    CHECK(analysis::overall(validation.checks) == CheckVerdict::agrees);
    for (const analysis::Check& check : validation.checks) {
      CAPTURE(check.metric, check.what, check.why);
      CAPTURE(report::text_of(check.predicted), report::text_of(check.observed));
      CHECK(check.verdict == CheckVerdict::agrees);
    }
  }
}

}  // namespace netlimits

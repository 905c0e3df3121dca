// Scenarios that once came out otherwise on a kernel, or in which only the order of programs decides: each agrees.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison/validation.hpp"
#include "cli/kernel_runs.hpp"
#include "cli/running_kernel.hpp"
#include "cli/twin_predictions.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "report/validation_report.hpp"
#include "scenarios/collected/kernel_rules.hpp"
#include "scenarios/scenario_loader.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t jobs = 4;
constexpr int tries = 3;  // one that differs each time is no matter of a moment

// What no kernel here can be asked.
const std::set<std::string> not_here{
    "broadcast-of-own-subnet",                 // a sandbox has no subnets: socket scripts ask
    "capacity-est-below-cap-255",              // a host of another system
    "capacity-est-below-cap-292",              // fs.file-max is the whole machine's
    "connect-and-bind-with-held-connections",  // entries of connections that ended before
    "first-turn-to-itself",                    // another system
    "named-ports-beside-a-full-server",        // another system
    "one-of-several-programs-full",            // fs.file-max
    "ports-kept-by-the-unanswered",            // another system
    "time-wait-taken-over-later",              // entries
    "told-before-the-server-is-full",          // another system
};

std::vector<Scenario> cases() {
  const cli::RunningKernel kernel = cli::running_kernel(scenarios::ProfileSet::built_in());
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(NETLIMITS_SOURCE_DIR) / "tests/cases/engines"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Scenario> found;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.find("\"scripts\"") != std::string::npos || not_here.contains(file.stem().string())) continue;
    auto scenario = scenarios::load_scenario(text, file.filename().string(), scenarios::ProfileSet::built_in());
    INFO(file);
    REQUIRE(scenario);
    static_cast<void>(scenarios::take_rules_of(*kernel.profile, kernel.release, *scenario));
    scenario->name = file.stem().string();
    found.push_back(*std::move(scenario));
  }
  return found;
}

analysis::Validation judged(cli::KernelRuns::Ended ended) {
  const auto made = cli::predictions_of(ended.twin, {}, ended.twin.scenario.name);
  REQUIRE(made);
  return analysis::validate(ended.twin, made->predicted, std::move(ended.seen), made->others);
}

}  // namespace

TEST_CASE("the collected scenarios agree with the kernel") {
  if (!live::nft_exists()) {
    WARN("not run: program missing: nft");
    return;
  }
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  std::vector<Scenario> left = cases();
  REQUIRE(left.size() >= 40);
  std::map<std::string, std::string> differs;
  for (int attempt = 0; attempt < tries && !left.empty(); ++attempt) {
    differs.clear();
    cli::KernelRuns runs;
    std::size_t next = 0;
    while (next < left.size() || runs.under_way() > 0) {
      for (; next < left.size() && runs.under_way() < jobs; ++next) runs.begin(next, twin_for(left[next], machine));
      cli::KernelRuns::Ended ended = runs.wait();
      const std::string name = left[ended.number].name;
      const analysis::Validation found = judged(std::move(ended));
      std::string& text = differs[name];
      text = found.not_asked;
      for (const analysis::Check& check : found.checks) {
        if (check.verdict == analysis::CheckVerdict::differs) text += report::check_text(check) + "\n";
      }
      if (text.empty()) differs.erase(name);
    }
    std::erase_if(left, [&](const Scenario& scenario) { return !differs.contains(scenario.name); });
  }
  for (const auto& [name, text] : differs) FAIL_CHECK(name << ":\n" << text);
}

}  // namespace netlimits

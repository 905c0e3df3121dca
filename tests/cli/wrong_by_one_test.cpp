// The kernel contradicts a model that is wrong by one.
//
// Each scenario runs once with real sockets. The right model agrees with what was seen; a model with one capacity or
// one rule wrong by one does not. The wrong models exist only here: `analysis::validate()` takes the prediction as an
// argument, and the program always hands in the right one.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison/validation.hpp"
#include "live/run/observe.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/scenario/twin.hpp"
#include "model/systems/rule_book.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

using analysis::Check;
using analysis::CheckVerdict;
using analysis::Validation;

using Change = std::function<void(Scenario&)>;

struct WrongModel {
  std::string what;
  Change change;
  std::string metric;  // that must differ
};

struct Case {
  std::string scenario;
  std::vector<WrongModel> wrong;
};

// ---- one capacity less or more

Settings& settings_of(Scenario& scenario, const char* host) { return scenario.hosts.at(host).settings; }
Process& process_of(Scenario& scenario, const char* host) { return scenario.hosts.at(host).processes.front(); }

WrongModel a_reserved_port(const std::string& metric) {
  return {"one port of the range less",
          [](Scenario& scenario) {
            Settings& settings = settings_of(scenario, "client");
            settings.reserved_ports = {{settings.local_port_range.first, settings.local_port_range.first}};
          },
          metric};
}

WrongModel descriptors(const char* host, int more, const std::string& metric) {
  return {std::string("descriptor limit of ") + host + (more > 0 ? " + 1" : " - 1"),
          [=](Scenario& scenario) { process_of(scenario, host).nofile += static_cast<std::uint64_t>(more); }, metric};
}

WrongModel own_descriptor(const char* host, const std::string& metric) {
  return {std::string("one descriptor more of ") + host + " itself",
          [=](Scenario& scenario) { ++process_of(scenario, host).own_descriptors; }, metric};
}

// ---- one rule

void with_rules(Scenario& scenario, const char* host, const std::function<void(Rules&)>& change) {
  auto profile = std::make_shared<OsProfile>(*scenario.hosts.at(host).profile);
  change(profile->rules);
  scenario.hosts.at(host).profile = profile;
}

WrongModel queue_holds_its_backlog(const std::string& metric) {
  return {"an accept queue holds its backlog and not one more",
          [](Scenario& scenario) {
            with_rules(scenario, "server", [](Rules& rules) { rules.accept_queue = AcceptQueueRule::backlog; });
          },
          metric};
}

const std::string established = "/workloads/load/established";
const std::string accepted_by_server = "/hosts/server/processes/web/accepted";

std::vector<Case> cases() {
  return {
      {"outbound-exhaustion-small",
       {a_reserved_port(established),
        own_descriptor("server", "/hosts/server/processes/web/descriptors_peak"),
        {"one connection more", [](Scenario& scenario) { ++scenario.workloads.at("load").connections; },
         "/workloads/load/attempted"}}},
      {"outbound-exhaustion-ipv6-small", {a_reserved_port(established)}},
      {"outbound-64k-small",
       {a_reserved_port(established), own_descriptor("client", "/hosts/client/processes/app/descriptors_peak")}},
      {"outbound-two-destinations-small",
       {a_reserved_port(established),
        {"a port belongs to one destination",
         [](Scenario& scenario) {
           with_rules(scenario, "client", [](Rules& rules) { rules.connect_sharing = PortSharing::local_addr_port; });
         },
         established}}},
      {"outbound-descriptors-first-small",
       {descriptors("client", -1, established), descriptors("client", +1, established)}},
      {"server-descriptors-2048-small",
       {descriptors("server", -1, accepted_by_server),
        descriptors("server", +1, accepted_by_server),
        queue_holds_its_backlog(established),
        {"backlog + 1", [](Scenario& scenario) { ++process_of(scenario, "server").listeners[0].backlog; },
         established}}},
      {"many-processes-small",
       {descriptors("server", +1, accepted_by_server),
        queue_holds_its_backlog(established),
        {"one process less", [](Scenario& scenario) { --process_of(scenario, "server").count; }, accepted_by_server}}},
      {"c10k-one-process-small",
       {own_descriptor("server", "/hosts/server/processes/web/descriptors_peak"),
        own_descriptor("client", "/hosts/client/processes/app/descriptors_peak")}},
      {"one-port-many-clients-small",
       {own_descriptor("server", "/hosts/server/processes/web/descriptors_peak"),
        {"one client less", [](Scenario& scenario) { --scenario.workloads.at("load").connections; }, established}}},
      {"four-tuple-small",
       {{"one port more",
         [](Scenario& scenario) {
           scenario.workloads.at("load").bind = BindExplicit{{{Port{40000}, Port{40001}}}, true};
         },
         established},
        {"without SO_REUSEADDR",
         [](Scenario& scenario) { std::get<BindExplicit>(scenario.workloads.at("load").bind).reuse_address = false; },
         established}}},
      {"extra-addresses-small",
       {a_reserved_port(established),
        {"one address less", [](Scenario& scenario) { scenario.workloads.at("load").sources.pop_back(); }, established},
        {"without IP_BIND_ADDRESS_NO_PORT bind() fails, not connect()",
         [](Scenario& scenario) {
           with_rules(scenario, "client", [](Rules& rules) { rules.set(Rule::option_bind_no_port, false); });
         },
         "/workloads/load/failures/0/count"}}},
      {"extra-addresses-unbound-small", {a_reserved_port(established)}},
      {"extra-addresses-bound-small",
       {a_reserved_port(established),
        {"bind(address, 0) leaves the port to connect()",
         [](Scenario& scenario) { scenario.workloads.at("load").bind = BindAddressNoPort{}; }, established}}},
      {"time-wait-churn-small",
       {a_reserved_port(established),
        {"the server closes first", [](Scenario& scenario) { scenario.workloads.at("load").closer = Closer::server; },
         "/hosts/client/time_wait_peak"},
        {"room for one TIME_WAIT entry less than there are",
         [](Scenario& scenario) { settings_of(scenario, "client").max_time_wait_buckets = 99; },
         "/hosts/client/time_wait_peak"}}},
      {"balancer-round-robin-small",
       {{"one back end less", [](Scenario& scenario) { scenario.balancers.at("lb").back_ends.pop_back(); },
         "/balancers/lb/0/connections"}}},
      {"nat-64-ports-small",
       {{"one port of the gateway less",
         [](Scenario& scenario) { --scenario.gateways.at("nat-1").nat.ports.last.value; }, established},
        {"one more", [](Scenario& scenario) { ++scenario.gateways.at("nat-1").nat.ports.last.value; }, established}}},
      {"conntrack-small",
       {{"one entry less", [](Scenario& scenario) { --scenario.hosts.at("server").conntrack->max; }, established},
        {"one more", [](Scenario& scenario) { ++scenario.hosts.at("server").conntrack->max; }, established}}},
      {"balancer-failover-small",
       {descriptors("server", -1, accepted_by_server), descriptors("server", +1, accepted_by_server)}},
  };
}

Scenario shipped(const std::string& name) {
  for (const scenarios::EmbeddedText& file : scenarios::embedded_scenarios()) {
    if (file.name != name) continue;
    auto loaded = scenarios::load_scenario(file.text, name, scenarios::ProfileSet::built_in());
    if (!loaded) FAIL(scenarios::text_of(loaded.error()));
    return std::move(*loaded);
  }
  FAIL(name << " is not shipped");
  return {};
}

Twin as_validate_runs_it(const Scenario& scenario) {
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  return twin_for(scenario, machine);
}

Validation validated(const Twin& twin, const Observation& seen, const Change& change) {
  Scenario wrong = twin.scenario;
  change(wrong);
  return analysis::validate(twin, sim::replay(wrong), seen);
}

const Check* differing(const Validation& validation, const std::string& metric) {
  const auto found = std::find_if(validation.checks.begin(), validation.checks.end(), [&](const Check& check) {
    return check.metric == metric && check.verdict == CheckVerdict::differs;
  });
  return found == validation.checks.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("the kernel agrees with the model and contradicts one that is wrong by one") {
  const std::vector<Case> all = cases();
  REQUIRE(all.size() >= 12);
  for (const Case& one : all) {
    CAPTURE(one.scenario);
    const Twin twin = as_validate_runs_it(shipped(one.scenario));
    if (!twin.scenario.balancers.empty() && !live::nft_exists()) {
      WARN(one.scenario << ": not run: program missing: nft");
      continue;
    }
    const Observation seen = live::observe(twin.scenario);
    INFO((seen.undetermined.empty() ? std::string() : seen.undetermined.front().why));
    REQUIRE(seen.ran);
    const Validation right = validated(twin, seen, [](Scenario&) {});
    CHECK(analysis::overall(right.checks) == CheckVerdict::agrees);
    for (const WrongModel& wrong : one.wrong) {
      CAPTURE(wrong.what, wrong.metric);
      const Validation contradicted = validated(twin, seen, wrong.change);
      CHECK(analysis::overall(contradicted.checks) == CheckVerdict::differs);
      CHECK(differing(contradicted, wrong.metric) != nullptr);
    }
  }
}

}  // namespace netlimits

// Which gateways a kernel can show, and why it cannot show the others.
#include "live/gateways/kernel_gateway.hpp"

#include <string>

#include "live/sandbox/nft.hpp"
#include "tests/catch.hpp"

namespace netlimits::live {
namespace {

Scenario behind_gateway(std::uint64_t connections) {
  Scenario scenario;
  Gateway gateway;
  gateway.name = "nat";
  gateway.nat.ports = {Port{2000}, Port{2063}};
  gateway.nat.port_choice = NatPortChoice::kept_or_searched;
  gateway.nat.hold_after_close = std::chrono::seconds(120);
  gateway.nat.hold_after_reset = std::chrono::seconds(10);
  gateway.nat.hold_after_refusal = std::chrono::seconds(0);
  gateway.nat.half_closed = std::chrono::seconds(60);
  gateway.nat.half_open = std::chrono::seconds(120);
  scenario.gateways = {{"nat", gateway}};
  Workload load;
  load.name = "load";
  load.connections = connections;
  scenario.workloads = {{"load", load}};
  return scenario;
}

std::string why(const Scenario& scenario) { return why_no_gateway(scenario).value_or(""); }

bool says(const Scenario& scenario, const char* words) { return why(scenario).find(words) != std::string::npos; }

TEST_CASE("a gateway that a kernel cannot show as it is meant is refused with the reason") {
  if (!nft_exists()) {
    WARN("not run: program missing: nft");
    return;
  }
  CHECK(why(behind_gateway(1000)).empty());
  Scenario scenario = behind_gateway(1000);
  NatSettings& nat = scenario.gateways.at("nat").nat;
  nat.port_choice = NatPortChoice::any_free;
  CHECK(says(scenario, "as linux-masquerade does"));
  scenario = behind_gateway(1000);
  scenario.gateways.at("nat").nat.when_full = NatWhenFull::reset;
  CHECK(says(scenario, "as linux-masquerade does"));
  scenario = behind_gateway(1000);
  scenario.gateways.at("nat").nat.half_open = std::chrono::milliseconds(1500);
  CHECK(says(scenario, "whole seconds"));
  scenario = behind_gateway(1000);
  scenario.gateways.at("nat").nat.ports = {Port{2000}, Port{2999}};
  CHECK(says(scenario, "chance decides which SYN finds one"));
  scenario = behind_gateway(65);
  scenario.workloads.at("load").hold = HoldConstant{std::chrono::seconds(1)};
  CHECK(says(scenario, "the port of a connection that is over"));
  scenario.workloads.at("load").connections = 64;
  CHECK(why(scenario).empty());
  scenario = behind_gateway(10);
  scenario.balancers["lb"] = {};
  CHECK(says(scenario, "a gateway and a balancer"));
}

}  // namespace
}  // namespace netlimits::live

// Which tables of tracked connections a kernel can show, and why it cannot show the others.
#include "live/gateways/kernel_table.hpp"

#include <string>

#include "live/sandbox/nft.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/systems/os_profile.hpp"
#include "tests/catch.hpp"

namespace netlimits::live {
namespace {

Scenario with_table(std::uint64_t connections, std::uint64_t max) {
  Scenario scenario;
  HostGroup host;
  host.name = "client";
  host.profile = std::make_shared<OsProfile>();
  host.addresses = {*AddressBlock::parse("10.0.0.1")};
  host.conntrack = ConntrackSettings{.max = max, .buckets = max};
  scenario.hosts = {{"client", host}};
  Workload load;
  load.name = "load";
  load.from_host = "client";
  load.to = {*Endpoint::parse("10.0.1.1:80")};
  load.connections = connections;
  scenario.workloads = {{"load", load}};
  return scenario;
}

std::string why_no(const Scenario& scenario) { return why_no_table(scenario).value_or(""); }

bool table_says(const Scenario& scenario, const char* words) {
  return why_no(scenario).find(words) != std::string::npos;
}

TEST_CASE("a table that a kernel cannot show as it is meant is refused with the reason") {
  const auto machine = read_sysctl("net.netfilter.nf_conntrack_max");
  if (!nft_exists() || !machine || std::stoull(*machine) > 1'000'000) {
    WARN("not run: no nft, or a machine without connection tracking or with a very large table");
    return;
  }
  CHECK(why_no(with_table(1'000, 100)).empty());
  CHECK(table_says(with_table(1'000, std::stoull(*machine) + 1), "which is one number for all of it"));
  Scenario scenario = with_table(1'000, 100);
  scenario.hosts.at("client").conntrack->close = std::chrono::milliseconds(1'500);
  CHECK(table_says(scenario, "whole seconds"));
  scenario = with_table(101, 100);
  scenario.workloads.at("load").hold = HoldConstant{std::chrono::seconds(1)};
  CHECK(table_says(scenario, "up to a minute later"));
  scenario.workloads.at("load").connections = 100;
  CHECK(why_no(scenario).empty());
  scenario = with_table(1'000, 100);
  scenario.hosts.at("client").count = 1'000;
  CHECK(table_says(scenario, "entries of nobody"));
}

}  // namespace
}  // namespace netlimits::live

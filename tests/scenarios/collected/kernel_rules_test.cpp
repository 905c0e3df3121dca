// Which hosts take the rules of the kernel that is asked, which settings go with them, and what is said of it.
#include "scenarios/collected/kernel_rules.hpp"

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/setting.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view linear = "net.ipv4.tcp_syn_linear_timeouts";

std::shared_ptr<OsProfile> profile_of(const std::string& name, KernelVersion version) {
  auto profile = std::make_shared<OsProfile>();
  profile->name = name;
  profile->system = "linux";
  profile->kernel = version;
  profile->rules.in_force = rules_of(Systems::linux_only, version);
  return profile;
}

// A kernel without tcp_syn_linear_timeouts.
std::shared_ptr<OsProfile> old_kernel() {
  auto profile = profile_of("linux-5.4", {5, 4});
  profile->settings_absent.insert(std::string(linear));
  REQUIRE(write_setting(profile->settings, "linux", linear, "0"));
  return profile;
}

Scenario with_host(std::shared_ptr<const OsProfile> profile) {
  Scenario scenario;
  HostGroup group;
  group.name = "client";
  group.settings = profile->settings;
  group.profile = std::move(profile);
  scenario.hosts.emplace("client", group);
  return scenario;
}

}  // namespace

TEST_CASE("a host of another version has the rules of the kernel that is asked, and that is said") {
  const auto kernel = old_kernel();
  Scenario scenario = with_host(profile_of("linux-6.18", {6, 18}));
  HostGroup& client = scenario.hosts.at("client");
  client.settings.local_port_range = {Port{40000}, Port{40099}};
  REQUIRE_FALSE(client.profile->rules == kernel->rules);

  const std::vector<std::string> changes = take_rules_of(*kernel, "5.4.0-42", scenario);

  REQUIRE(changes.size() == 1);
  CHECK(changes[0] ==
        "client: this kernel is Linux 5.4.0-42, so it is predicted with the rules of linux-5.4, not of linux-6.18");
  CHECK(client.profile->rules == kernel->rules);
  CHECK(client.profile->settings_absent.contains(linear));
  CHECK(client.settings.local_port_range == PortRange{Port{40000}, Port{40099}});
  CHECK(read_setting(client.settings, "linux", linear) == "0");
}

TEST_CASE(
    "a setting that the kernel lacks stays as the scenario sets it: nobody can make it, and the observer says so") {
  Scenario scenario = with_host(profile_of("linux-6.18", {6, 18}));
  HostGroup& client = scenario.hosts.at("client");
  client.set_by_scenario[std::string(linear)] = "2";
  REQUIRE(write_setting(client.settings, "linux", linear, "2"));
  CHECK(take_rules_of(*old_kernel(), "5.4.0", scenario).size() == 1);
  CHECK(read_setting(client.settings, "linux", linear) == "2");
}

TEST_CASE("equal rules need no word, and another system keeps its own") {
  const auto kernel = profile_of("linux-6.18", {6, 18});
  Scenario same = with_host(profile_of("mine", {6, 18}));
  CHECK(take_rules_of(*kernel, "6.18.1", same).empty());
  CHECK(same.hosts.at("client").profile->name == "mine");

  auto windows = profile_of("windows", {5, 4});
  windows->system = "windows";
  Scenario other = with_host(windows);
  CHECK(take_rules_of(*kernel, "6.18.1", other).empty());
  CHECK(other.hosts.at("client").profile == windows);
}

}  // namespace netlimits::scenarios

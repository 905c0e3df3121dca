// What a host holds already: the closed forms and the replay say the same of any such host.
#include <rapidcheck.h>

#include <set>

#include "analysis/capacity.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

constexpr std::uint16_t first_port = 40'000;

Port any_port(std::uint32_t ports) {  // some lie outside the range
  return Port{static_cast<std::uint16_t>(*rc::gen::inRange<std::uint32_t>(first_port - 3U, first_port + ports + 3U))};
}

HeldConnections any_held(std::uint32_t ports, std::set<FourTuple>& taken) {
  HeldConnections held;
  held.from = *rc::gen::element(*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6"));
  held.to = *rc::gen::element(*Endpoint::parse("10.1.0.9:443"), *Endpoint::parse("10.1.0.9:8001"),
                              *Endpoint::parse("192.0.2.1:443"));
  held.state =
      *rc::gen::element(HeldConnectionState::open, HeldConnectionState::time_wait, HeldConnectionState::fin_wait_2);
  if (held.state != HeldConnectionState::open)
    held.ends_after = std::chrono::milliseconds(*rc::gen::inRange(55'000, 60'000));
  for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
    const Port port = any_port(ports);
    if (taken.insert({{held.from, port}, held.to}).second) held.ports.push_back({port, port});
  }
  return held;
}

BindStyle any_style() {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return PlainConnect{};
    case 1:
      return BindAddressNoPort{};
    default:
      return BindAddress{};
  }
}

// One workload that asks for all there is, all at once and for ever.
Scenario any_scenario() {
  Scenario scenario = outbound(100, *rc::gen::inRange<std::uint64_t>(4, 60), 1'000);
  const std::uint32_t ports = 2U * *rc::gen::inRange<std::uint32_t>(1, 12);
  set_range(scenario, first_port, ports);
  add_destination(scenario, 8001);
  Workload& load = scenario.workloads.at("load");
  load.bind = any_style();
  HostGroup& client = scenario.hosts.at("client");
  client.addresses.push_back(*AddressBlock::parse("10.0.0.6"));
  if (!std::holds_alternative<PlainConnect>(load.bind)) {
    load.sources = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6")};
  }
  std::set<FourTuple> taken;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) client.held_connections.push_back(any_held(ports, taken));
  std::set<Port> bound;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    const Port port = any_port(ports);
    if (!bound.insert(port).second) continue;
    client.held_ports.push_back({IpAddress::loopback(Family::inet), {port, port}, *rc::gen::arbitrary<bool>()});
  }
  client.settings.time_wait_reuse = *rc::gen::element(TimeWaitReuse::never, TimeWaitReuse::always);
  client.settings.file_max = 1'000;
  client.open_files = *rc::gen::inRange<std::uint64_t>(900, 1'000);
  return scenario;
}

}  // namespace

TEST_CASE("the closed form and the replay hold the same beside what a host holds already") {
  CHECK(rc::check([] {
    const Scenario scenario = any_scenario();
    const Capacity found = capacity(scenario);
    const RunResult run = sim::replay(scenario);
    const WorkloadResult& load = run.workloads.at("load");
    RC_ASSERT(found.capacity.contains(load.peak_open));
    RC_ASSERT(found.capacity.exact());
  }));
}

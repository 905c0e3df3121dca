// Connections replayed per second, from arrival to the end of TIME_WAIT, all rules included.
#include <benchmark/benchmark.h>

#include <memory>

#include "model/systems/os_profile.hpp"
#include "sim/replay.hpp"

namespace netlimits::sim {
namespace {

Scenario churn(std::uint64_t connections, Duration hold, Duration interval) {
  const auto profile = std::make_shared<OsProfile>();
  Scenario scenario;
  HostGroup client{.name = "client", .profile = profile};
  client.settings = profile->settings;
  client.settings.local_port_range = {Port{1024}, Port{65535}};
  client.addresses = {*AddressBlock::parse("10.0.0.5/24")};
  client.processes = {{.name = "app", .nofile = 1'000'000, .listeners = {}}};
  HostGroup server = client;
  server.name = "server";
  server.addresses = {*AddressBlock::parse("10.0.0.9/24")};
  server.processes = {{.name = "web", .nofile = 1'000'000, .listeners = {}}};
  server.processes[0].listeners.push_back({.endpoint = *Endpoint::parse("10.0.0.9:443"), .backlog = 4096});
  scenario.hosts = {{"client", client}, {"server", server}};
  Workload load;
  load.name = "load";
  load.from_host = "client";
  load.from_process = "app";
  load.to = {*Endpoint::parse("10.0.0.9:443")};
  load.connections = connections;
  load.arrivals = ConstantRate{interval};
  load.hold = HoldExponential{hold};
  scenario.workloads = {{"load", load}};
  scenario.paths = {{.a = "client", .b = "server", .round_trip = std::chrono::microseconds(200)}};
  return scenario;
}

void replay_churn(benchmark::State& state) {
  const auto connections = static_cast<std::uint64_t>(state.range(0));
  const Scenario scenario = churn(connections, std::chrono::seconds(30), std::chrono::milliseconds(2));
  for (auto _ : state) benchmark::DoNotOptimize(replay(scenario).ended_at);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(replay_churn)->Name("replayed connections")->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace netlimits::sim

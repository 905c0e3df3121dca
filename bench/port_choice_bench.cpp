// connect() with an automatic port, and its reset, on a host whose pool towards the destination is as full as the
// argument says (per cent of the default range).
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "model/host/host.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits {
namespace {

void connect_at(benchmark::State& state) {
  HostConfig config;
  config.name = "client";
  config.profile = std::make_shared<OsProfile>();
  config.addresses = {*AddressBlock::parse("10.0.0.5/24")};
  Host host(config);
  const ProcessId process = host.add_process({.name = "app", .nofile = 1'000'000});
  const Endpoint server = *Endpoint::parse("10.0.0.9:443");
  Effects effects;
  const std::int64_t pool = 28'232;
  std::uint32_t draw = 1;
  const auto open = [&]() -> std::optional<SocketId> {
    const auto socket = host.socket(process, Family::inet, SocketType::stream);
    if (!socket) return std::nullopt;
    draw = draw * 1664525U + 1013904223U;
    const auto connected = host.connect(*socket, server, {.number = draw, .demanded = {}}, time_zero, effects);
    effects.clear();
    if (connected) return *socket;
    static_cast<void>(host.close(*socket, time_zero, effects));
    return std::nullopt;
  };
  for (std::int64_t i = 0; i < pool * state.range(0) / 100; ++i) open();
  for (auto _ : state) {
    const auto socket = open();
    if (socket) static_cast<void>(host.close(*socket, time_zero, effects));
    effects.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(connect_at)->Name("connect and close, per cent full")->Arg(0)->Arg(50)->Arg(99)->Arg(100);

}  // namespace
}  // namespace netlimits

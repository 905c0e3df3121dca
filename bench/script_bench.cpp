// Short socket scripts on the model, each on a host of its own: what a fuzzer and a library of scripts cost.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/script_on_model.hpp"

namespace netlimits::sim {
namespace {

const std::string loopback = "127.0.0.1";
const std::string server_port = "7000";
const std::string no_port;
const std::string own_address = "127.0.0.1/8";
const std::string taken = "EADDRINUSE";
const std::string accepted = "s";
const std::string host = "a";
const std::string process = "p";

Step on(Call call, const std::string& socket, const std::string& port = no_port) {
  Step step;
  step.call = call;
  if (call == Call::socket)
    step.as = socket;
  else
    step.socket = socket;
  if (port.empty()) return step;
  step.address = loopback;
  step.port = port;
  step.has_port = true;
  return step;
}

Script one_host(std::vector<Step> steps) {
  Script script;
  script.hosts[host].addresses.assign(1, own_address);
  script.hosts[host].processes[process] = {};
  script.steps = std::move(steps);
  return script;
}

// Two binds of one port, the second refused: five calls.
void conflict(benchmark::State& state) {
  Step refused = on(Call::bind, "b", server_port);
  refused.returns.push_back(taken);
  const Script script = one_host(
      {on(Call::socket, "a"), on(Call::bind, "a", server_port), on(Call::socket, "b"), refused, on(Call::close, "a")});
  const ModelScriptRunner runner;
  for (auto unused : state) benchmark::DoNotOptimize(runner.run(script));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(conflict);

// A connection from the first call to the TIME_WAIT: nine calls.
void connection(benchmark::State& state) {
  Step accept = on(Call::accept, "l");
  accept.as = accepted;
  const Script script = one_host({on(Call::socket, "l"), on(Call::bind, "l", server_port), on(Call::listen, "l"),
                                  on(Call::socket, "c"), on(Call::connect, "c", server_port), accept,
                                  on(Call::close, "c"), on(Call::recv, "s"), on(Call::close, "s")});
  const ModelScriptRunner runner;
  for (auto unused : state) benchmark::DoNotOptimize(runner.run(script));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(connection);

}  // namespace
}  // namespace netlimits::sim

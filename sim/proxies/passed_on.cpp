// Connections that a proxy makes, beside those that arrive by themselves.
#include "sim/proxies/passed_on.hpp"

#include <utility>

#include "sim/client_programs.hpp"

namespace netlimits::sim {

Workload passed_on_by(const Scenario& scenario, const Proxy& proxy) {
  Workload made;
  made.name = proxy.name;
  made.from_host = proxy.host;
  made.from_process = proxy.process;
  made.to = proxy.to;
  made.sources = proxy.sources;
  made.bind = proxy.bind;
  made.hold = HoldForever{};
  for (const auto& [name, workload] : scenario.workloads) made.connections += workload.connections;
  return made;
}

std::optional<std::uint32_t> ClientPrograms::pass_on(std::uint32_t workload, std::uint64_t connection) {
  return attempt({.workload = workload, .connection = connection});
}

void ClientPrograms::end(std::uint32_t index) {
  const Attempt ended = attempts_[index];
  ClientWorkload& workload = workloads_[ended.wish.workload];
  if (ended.stage == Stage::connecting) {
    take_drop_reason({ended.local, destination_of(ended)});
    --pending_;
    --workload.connecting;
    ++workload.vanished;
  } else if (ended.stage == Stage::established) {
    measurements_.closed(ended.wish.workload);
  } else {
    return;
  }
  close(index, false);
}

}  // namespace netlimits::sim

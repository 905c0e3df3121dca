// What the kernel says about a run's network namespaces: who holds TIME_WAIT entries, what waits in accept queues, how
// many ports are in use towards each destination. Sampled while the run goes on, and once at its end.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "live/run/host_network.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/sandbox/sock_diag.hpp"
#include "model/scenario/automatic_ports.hpp"

namespace netlimits::live {

class SocketSampler {
 public:
  SocketSampler(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
                const HostNetwork& network);

  // Looks at every host that is up. `now`: nanoseconds after the start. Returns how many TIME_WAIT entries there are.
  SystemResult<std::uint64_t> sample(std::int64_t now);

 private:
  SystemResult<void> note_gateways(std::int64_t now);
  SystemResult<void> note_tables(std::int64_t now);
  void count_listener(std::size_t where, const SeenSocket& seen);
  // The kind of the pool that a client's socket has its port from; nothing: of none.
  std::optional<PoolKind> kind_of(std::size_t where, const SeenSocket& seen);
  // Whose connection this is, of SharedRecords::back_ends; nothing: of none that came through a balancer.
  std::optional<std::size_t> back_end_of(const FourTuple& server,
                                         const std::map<FourTuple, std::size_t>& through) const;
  struct PoolUse {
    std::uint64_t ports = 0;     // of the scenario's connections
    std::uint64_t capacity = 0;  // that there are for them
  };
  void note_pool(std::size_t where, const Place& place, const PoolUse& use);

  const RunPlan& plan_;
  const SharedRecords& records_;
  const HostNetwork& network_;
  // Reached with automatic ports, by namespace; where workloads of several kinds lead there, the first one's.
  std::map<std::pair<std::size_t, Endpoint>, PoolKind> destinations_;
  std::vector<std::optional<PoolKind>> kinds_;        // by workload of the plan; nothing: it names its ports
  std::set<std::pair<std::size_t, FourTuple>> held_;  // connections from before, by namespace
  std::map<Endpoint, std::size_t> back_ends_;         // of SharedRecords::back_ends
  // Connections reach a back end straight too, or through another balancer, or are forgotten by their own: connection
  // tracking tells them apart.
  bool several_ways_ = false;
  std::map<std::pair<std::size_t, Place>, std::size_t> pool_slots_;
};

}  // namespace netlimits::live

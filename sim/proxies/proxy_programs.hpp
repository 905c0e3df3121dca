// The proxies of a scenario: for each connection that such a program accepts it makes one of its own to a back end, and
// when either of the two ends, so does the other. A client whose connection comes to nothing at the back end is reset.
//
// As nginx and HAProxy do for a connection that they keep up (WebSocket, TCP): two descriptors and one port of the
// proxy's own for each client. What nginx calls worker_connections bounds both sides together, and its listeners with
// them (src/core/ngx_connection.c, ngx_get_connection: listening sockets take one each): whoever comes when it is used
// up is accepted and let go.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "sim/client_programs.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/proxies/couples.hpp"
#include "sim/running_processes.hpp"
#include "sim/server_programs.hpp"

namespace netlimits::sim {

class ProxyPrograms final : public AcceptingPrograms, public PassingPrograms {
 public:
  // All but the scenario have to outlive it; it makes itself known to the server and the client programs.
  ProxyPrograms(const Scenario& scenario, Network& network, RunningProcesses& processes, ServerPrograms& servers,
                ClientPrograms& clients, Measurements& measurements);

  void accepted(const AcceptedHere& here) override;
  bool ended(const AcceptedHere& here) override;
  void connected(std::uint32_t workload, std::uint64_t connection) override;
  void came_to_nothing(std::uint32_t workload, std::uint64_t connection) override;
  void closed(std::uint32_t workload, std::uint64_t connection) override;

  // What "worker_connections" bounds.
  void write_meters() const;

 private:
  std::uint64_t program_of(const AcceptedHere& here) const;
  std::uint64_t used_by(std::uint32_t process) const;
  PlacedLimit limit_of(std::uint32_t process) const;
  void end_client(std::uint32_t proxy, std::uint64_t connection, bool with_reset);

  Network& network_;
  RunningProcesses& processes_;
  ServerPrograms& servers_;
  ClientPrograms& clients_;
  Measurements& measurements_;
  Couples couples_;
  std::vector<const Proxy*> proxies_{};
  std::uint32_t first_workload_;  // behind those of the scenario, in the order of the proxies' names
  std::map<std::uint32_t, std::uint64_t> most_used_{};  // by running process, where that is bounded
};

}  // namespace netlimits::sim

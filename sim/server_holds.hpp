// How long a server holds the connections that it closes first. Drawn when a client begins one, so that all hold times
// of a workload come from its own stream in the order of its connections; met again when the server accepts it, which
// knows nothing of the workload but the four-tuple.
#pragma once

#include <optional>
#include <unordered_map>

#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"
#include "model/path/balancer_flows.hpp"

namespace netlimits::sim {

class ServerHolds {
 public:
  // By the client's view of the connection. A later connection of the same four-tuple takes the place of an earlier
  // one.
  void expect(const FourTuple& client_view, Duration hold) { holds_.insert_or_assign(client_view, hold); }
  // The connection came to nothing.
  void forget(const FourTuple& client_view) {
    if (!holds_.empty()) holds_.erase(client_view);
  }
  // Nothing: the server does not close this one by itself.
  std::optional<Duration> take(const FourTuple& client_view) {
    if (holds_.empty()) return std::nullopt;
    const auto found = holds_.find(client_view);
    if (found == holds_.end()) return std::nullopt;
    const Duration hold = found->second;
    holds_.erase(found);
    return hold;
  }
  bool empty() const { return holds_.empty(); }

 private:
  std::unordered_map<FourTuple, Duration, FourTupleHash> holds_;
};

}  // namespace netlimits::sim

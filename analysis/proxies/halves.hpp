// A scenario with proxies as two without: what clients meet, and what the proxies meet.
#pragma once

#include <cstdint>
#include <optional>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Which bound of a proxy's own counts: what "worker_connections" says, or the descriptors behind it.
enum class ProxyBound : std::uint8_t { connections, descriptors };

// Clients connect to the proxies, which take as many as they could pass on.
Scenario front_half(const Scenario& scenario, ProxyBound bound);
// The proxies connect to the back ends, once for each client's connection.
Scenario back_half(const Scenario& scenario, ProxyBound bound);
// Does "worker_connections" of some proxy bind before its descriptors?
bool connections_bind_first(const Scenario& scenario, const Proxy& proxy);
// Do the same number of connections come to each program of a proxy, to within one turn?
bool comes_evenly(const Scenario& scenario);

}  // namespace netlimits::analysis

// Gateways of a scenario as source NAT of the network namespace that a wire is: rules, time-outs, and what connection
// tracking says of the ports.
//
// A range of one address is what `masquerade to :a-b` and `snat to ADDRESS:a-b` share: both hand it to the same search
// (net/netfilter/nf_nat_core.c, nf_nat_setup_info). `snat` is used, so that the address need not be one of the wire's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/sandbox/unavailable.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::live {

// Why no kernel can show the gateways of this scenario as they are. Nothing: it can.
std::optional<std::string> why_no_gateway(const Scenario& scenario);

// Ports of a gateway that some workload asks for.
struct GatewayPool {
  const Gateway* gateway = nullptr;
  Endpoint destination{};
  PlacedLimit limit{};
  std::uint64_t capacity = 0;
};
// In the order of the gateways' names. They point into the scenario.
std::vector<GatewayPool> gateway_pools(const Scenario& scenario, const Wiring& wiring);
// That of connections from a host of the group to the destination. Null: they go through no gateway.
const GatewayPool* pool_of(const std::vector<GatewayPool>& pools, const Wiring& wiring, std::string_view client_group,
                           const Endpoint& destination);

// Makes it in the namespace that the calling thread is in. `inside`: the addresses of the hosts behind it.
SystemResult<void> make_gateway(const Gateway& gateway, const std::vector<AddressBlock>& inside);

// Ports that connections have now, by pool, in the namespace that the calling thread is in.
SystemResult<std::vector<std::uint64_t>> ports_in_use(const std::vector<GatewayPool>& pools);
// Segments that found no port, of all gateways of the namespace together.
SystemResult<std::uint64_t> found_no_port();

}  // namespace netlimits::live

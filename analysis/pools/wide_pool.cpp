// Asked of the bind style of a flow's workload.
#include "analysis/pools/wide_pool.hpp"

#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {

std::optional<WidePool> wide_pool_of(const Flow& flow) {
  const PlannedWorkload& workload = *flow.workload;
  if (workload.has_no_source(flow.source, flow.destination)) return std::nullopt;
  const IpAddress local = workload.local_address(flow.source, flow.destination);
  if (workload.names_ports()) {
    if (workload.shares_named_ports()) return std::nullopt;
    return WidePool{{PortSharing::local_addr_port, true, workload.bound_address(local)}, workload.index};
  }
  const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, local);
  if (!kind || kind->sharing == PortSharing::four_tuple) return std::nullopt;
  return WidePool{*kind, std::nullopt};
}

}  // namespace netlimits::analysis

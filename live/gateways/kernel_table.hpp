// Tables of tracked connections of a scenario on a kernel.
//
// How many entries a table may have is one number for the whole machine, which is not touched; how many there are is
// counted for each network namespace (net/netfilter/nf_conntrack_core.c, nf_conntrack_alloc; measured on 6.18). So a
// smaller table is made by entries of nobody: a namespace that has as many of these as the machine's limit is above the
// scenario's drops the same SYN that the scenario's machine would. The time-outs are the namespace's own.
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

// Why no kernel can show the tables of this scenario as they are. Nothing: it can.
std::optional<std::string> why_no_table(const Scenario& scenario);

// The tables of a scenario: hosts' in the order of the groups' names, then gateways'. They point into the scenario.
struct TableThere {
  const HostGroup* host = nullptr;  // whose hosts have one each; null: it is the gateway's
  const Gateway* gateway = nullptr;
  PlacedLimit limit{};
  ConntrackSettings settings{};
};
std::vector<TableThere> tables_of(const Scenario& scenario);
// Does what a workload sends to that destination go through it?
bool goes_through(const TableThere& table, const Wiring& wiring, const Workload& workload, const Endpoint& destination);

// Makes it in the namespace that the calling thread is in: something there tracks connections, and so many entries are
// taken that what is left is the scenario's. A gateway has its time-outs from elsewhere; `inside`: the hosts behind it,
// and what others send through that namespace is not tracked.
SystemResult<void> make_table(const TableThere& table, const std::vector<AddressBlock>& inside = {});

// What the table of that namespace has now, counted as the scenario counts, and SYNs that it has dropped so far.
struct TableUse {
  std::uint64_t entries = 0;
  std::uint64_t dropped = 0;
};
SystemResult<TableUse> table_use(const TableThere& table);

// The sum of a column of /proc/net/stat/nf_conntrack over all processors.
SystemResult<std::uint64_t> tracking_counter(std::string_view column);

}  // namespace netlimits::live

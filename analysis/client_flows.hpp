// Connections that are alike, as many as the clients' programs ask for and as many as get past their own hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "analysis/client_plan.hpp"
#include "analysis/demand.hpp"
#include "analysis/flow_network.hpp"
#include "analysis/labelled_network.hpp"
#include "analysis/network_question.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Hosts of one group that ask for the same.
struct HostsAlike {
  const HostGroup* host;
  std::uint64_t first;
  std::uint64_t count;
};

// Where destinations that are alike lie, in one order.
struct EndsAlike {
  std::vector<Endpoint> to{};
  std::vector<Endpoint> listeners{};  // none: they share one, or there is none
};

// From one kind of program of such hosts, from one source, to one destination; or as many to each of several that are
// alike, of which it names the first.
struct Flow {
  const PlannedWorkload* workload;
  FlowNetwork::Node program;
  std::uint64_t source;
  std::uint64_t destination;
  std::uint64_t each_host;          // connections of one host
  std::uint64_t each;               // of one program: names ports up to this one
  std::uint64_t turns;              // of one program's source, over all destinations
  Alike instances;                  // the programs, by their numbers
  std::uint64_t step;               // from one of those to the next
  std::uint64_t ways = 1;           // so many destinations; what is counted above is of one of them
  const EndsAlike* ends = nullptr;  // theirs; null: it is one

  PlacesAlike ways_out() const { return ends == nullptr ? nullptr : &ends->to; }
};

// Which flows share ports where they are shared per four-tuple; named ports by workload.
using NarrowKey = std::tuple<IpAddress, Endpoint, std::optional<std::size_t>>;
NarrowKey narrow_key(const Flow& flow);

// The automatic ports of a pool that other workloads of the host leave at least and at most.
Interval ports_left(const ClientPlan& plan, const NetworkQuestion& question, const PlannedWorkload& workload,
                    const PoolKind& kind, const Endpoint& to);

struct Admitted {
  bool certain = true;          // false: what turns let through is left open in part
  bool order_is_open = false;   // turns do not tell of some flow
  bool programs_cross = false;  // ... and several programs draw from its pool
};

struct AdmissionQuestion {
  const ClientPlan& plan;
  const Wiring& wiring;
  const NetworkQuestion& question;
  bool guaranteed;  // where turns do not tell: only what every order lets through, else all that is asked for
};

// Lessens the flows of one host to what gets past it. Requires: all flows of these hosts.
Admitted admit(const AdmissionQuestion& asked, const HostsAlike& of, std::vector<Flow>& flows);

}  // namespace netlimits::analysis

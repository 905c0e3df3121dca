// A server that never accepts, as the clients that go one way meet it: it has as many as its queue has places, and
// keeps them for good, as nobody takes what a client has closed or reset out of the queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>

#include "analysis/client_plan.hpp"
#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

struct NeverAccepted {
  using Queue = std::tuple<const HostGroup*, std::uint64_t, std::size_t, std::size_t>;  // instance, process, listener
  // Whichever back end a balancer chooses; else some of those that go this way are accepted.
  bool all = true;
  // The one queue that all of them come to without a delay, and how many it takes. Nothing: nobody knows whom it has a
  // place for.
  std::optional<Queue> queue{};
  std::uint64_t places = 0;
  Duration fin_wait{};  // how long the port of a client that closed first is in FIN_WAIT_2, as no FIN comes back
  Duration gives_up{};  // a client that finds the queue full is told so long after its first SYN
};

// Nothing: everybody who goes this way is accepted in the end, or nobody answers there.
std::optional<NeverAccepted> never_accepted(const Wiring& wiring, const PlannedWorkload& workload,
                                            const Target& target);

}  // namespace netlimits::analysis

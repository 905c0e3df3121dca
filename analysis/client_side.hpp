// One flow network of a scenario: the client side, leading over to the server side, and the flow through it all.
#pragma once

#include <cstdint>

#include "analysis/client_plan.hpp"
#include "analysis/labelled_network.hpp"
#include "analysis/network_question.hpp"
#include "analysis/server_nodes.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// What is taken to get past the limits of the clients' own hosts.
enum class Admission : std::uint8_t {
  in_turn,     // what turns let through, and where they do not tell as many as any order can
  guaranteed,  // where turns do not tell: what every order lets through
  all,         // whatever those limits say
};

struct NetworkFlow {
  LabelledNetwork::Solved flow{};
  bool depends_on_draws = false;
  bool loosened = false;        // the network forgets some of what is known: an upper bound
  bool order_is_open = false;   // some connections come in an order that nobody knows
  bool programs_cross = false;  // ... and several programs draw from one pool: the order decides how many there are
};

NetworkFlow solve_network(const ClientPlan& plan, const Wiring& wiring, const NetworkQuestion& question,
                          Admission admission, const Onward& onward, Naming naming = Naming::limits);

}  // namespace netlimits::analysis

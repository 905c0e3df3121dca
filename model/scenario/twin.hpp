// A smaller scenario that obeys the same law, for a machine that the scenario itself does not fit.
//
// Everything that is counted shrinks by one divisor: connections, automatic and explicit and held ports, descriptor
// limits, accept queues, TIME_WAIT buckets, the hosts of a client group. Rates shrink with them, so that times stay
// what they are: TIME_WAIT lasts 60 s on a kernel whatever one does. What is fixed stays: a process's own descriptors
// and listeners, the number of destinations, source addresses, back ends and server hosts. An even number of ports
// stays even and an odd one odd, because Linux' port search treats them differently. Small numbers are rounded, so a
// twin's figures are the scenario's only in proportion: compare a run of the twin with a prediction for the twin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits {

struct Twin {
  Scenario scenario;
  std::uint64_t divisor = 1;
  // What scenario.paths would have if the machine could delay packets; empty: they are what they are.
  std::vector<Duration> round_trips{};
  std::vector<std::string> changes;  // what is smaller or shorter, in words, one sentence each; empty: nothing changed
};

// Everything counted divided by `divisor`. 1 gives the scenario itself. Requires: divisor >= 1.
Twin scaled_down(const Scenario& scenario, std::uint64_t divisor);

struct MachineSize {
  std::uint64_t nofile_hard = 20000;             // the highest descriptor limit of a process
  std::uint64_t connections = 30000;             // opened one after another in a few seconds
  std::uint64_t hosts = 300;                     // that need a network of their own
  Duration patience = std::chrono::seconds(10);  // how long a run may take
  // ... where TIME_WAIT is part of it. Less than its 60 s: a kernel lets entries go 60.3 to 64 s after the close (its
  // long timers are rounded late), so that counts of what begins after 60 s differ from any exact prediction.
  Duration time_wait_patience = std::chrono::seconds(55);
};

// The smallest divisor with which the scenario fits the machine; 1: it fits as it is.
std::uint64_t divisor_for(const Scenario& scenario, const MachineSize& machine);

// What `validate` runs when nobody asks for another size: scaled_down() by divisor_for(), and
//  - round trips of no time: a sandbox has no means to delay packets;
//  - a shorter wait for an answer that never comes: tcp_syn_retries = 2 without linear timeouts gives up after 7 s
//  instead
//    of 131 s, where SYNs can be dropped and the scenario does not set these itself;
//  - a scenario that lasts longer than the machine's patience runs faster, or, where TIME_WAIT is part of it, only its
//    beginning is run.
Twin twin_for(const Scenario& scenario, const MachineSize& machine);

// The scenario at its own size and pace (`validate --full`): only its round trips take no time.
Twin full_size(const Scenario& scenario);

// The twin as the network of the scenario would have it: with the round trips that the machine cannot make.
Scenario with_round_trips(const Twin& twin);

}  // namespace netlimits

// A measured machine as a host of a scenario.
//
// What its sockets hold (Linux; net/ipv4/inet_hashtables.c, __inet_hash_connect):
// - A socket that listens or is only bound keeps its port from every automatic connect(): a held port. So do the
//   connections that a listener accepted, which share its port.
// - A connection with a port of the automatic range that nobody listens at is taken to have got it from connect(),
//   which may share it: it holds its four-tuple only. The kernel does not tell whether a program bound the port before
//   it connected; then it would keep the port from every connect(). Host::notes says how many ports are in doubt.
// - A connection with a port outside the range cannot have got it from connect(): a held port that nobody listens at.
// - An entry in TIME_WAIT or light FIN_WAIT_2 holds the same for the rest of its time, rounded up to whole seconds,
//   and at least one: what is over is in the way until its timer runs (kernel/time/timer.c: long timers run late by up
//   to an eighth; measured on 6.18 with HZ=250: entries were gone 0.1 to 1.8 s after ss showed them none of their
//   time).
#pragma once

#include "model/machine/machine.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

// The host is called "machine". It loads as a host of a scenario, whatever the machine holds: what such a host cannot
// say is left out and noted in its origin. Where nobody listed the addresses, an address that no machine has stands for
// each family of which none was seen. Requires: a profile.
HostGroup host_of(const Machine& machine);

// Ports of the automatic range that connections from before hold, and that their programs may have bound themselves.
std::uint64_t ports_in_doubt(const HostGroup& host);

// The same host if all of them did: none of these ports is left for any connect().
HostGroup with_ports_bound(HostGroup host);

}  // namespace netlimits

// Which local address a connection gets: asked of routing's rule (model/addresses/own_addresses.hpp), for the hosts of
// a scenario as they are when it begins.
//
// A scenario's hosts have a default route and their addresses on an interface, so that a destination outside their
// subnets is within reach as long as the host has an address of its family; else ENETUNREACH.
#pragma once

#include <cstdint>
#include <optional>

#include "model/addresses/own_addresses.hpp"
#include "model/scenario/assignment.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

class SourceChoice {
 public:
  // Instance `instance` of the group. Cost: its addresses. Requires: instance < group.count.
  SourceChoice(const HostGroup& group, std::uint64_t instance);

  void add(const AddressBlock& block) { own_.add(block); }

  // What connect() of a socket without an address takes, spelled in the destination's family. Refuses with
  // ENETUNREACH: no way there, or to a broadcast address of one of its subnets; EADDRNOTAVAIL: IPv6 on a host without
  // it; EINVAL: a link-local destination.
  Outcome<IpAddress> towards(const IpAddress& destination) const;

  // The same for a socket that is bound to `source`: EINVAL for a loopback source that would leave the host.
  Outcome<IpAddress> from(const IpAddress& source, const IpAddress& destination) const;

  // The local address of the connection of this host that `assigned` describes: what the workload names, else what
  // routing chooses (a program that binds without being told an address is taken to bind that one). Refuses as
  // connect() does: ENETUNREACH, EADDRNOTAVAIL, EINVAL (a loopback source towards elsewhere).
  Outcome<IpAddress> of(const Workload& workload, const Assignment& assigned) const;

 private:
  OwnAddresses own_;
  std::uint64_t offset_;  // of this host's addresses from those of the group's first one
};

// The source that the workload names for this connection, on this instance of its host group; nothing: it names none.
std::optional<IpAddress> named_source(const Workload& workload, const HostGroup& group, const Assignment& assigned);

}  // namespace netlimits

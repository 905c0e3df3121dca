// Which host has which address, and that no two have the same.
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Is `steps` after the address still an address of its family?
bool stays_in_family(const IpAddress& address, std::uint64_t steps);

// Are the addresses of one host each the one after the one before?
bool consecutive_addresses(const HostGroup& host);

// Complains when the hosts of a group would share an address, or leave the address space.
void check_group_addresses(const Field& field, const HostGroup& host);

// Complains when two host groups share an address.
void check_addresses_are_unique(const Field& field, const std::map<std::string, HostGroup>& hosts);

// May a socket of every host of the group bind to it: the wildcard, a loopback address, or an own one? The hosts of a
// larger group have no address in common.
class LocalAddresses {
 public:
  explicit LocalAddresses(const HostGroup& host);
  bool has(const IpAddress& address) const;

 private:
  std::unordered_set<IpAddress> own_{};
};

}  // namespace netlimits::scenarios

// Addresses that nobody in a scenario has yet, for hosts and gateways that get more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/address.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Taken is what hosts, balancers and gateways have or get later, and what workloads connect to, whoever has it; of a
// group of hosts all from its first address to its last one. Never free: what no host can have (RFC 6890: 0.0.0.0/8,
// 127.0.0.0/8; from 224.0.0.0 on), and the addresses of a group that is left out here.
class FreeAddresses {
 public:
  explicit FreeAddresses(const Scenario& scenario, const HostGroup* left_out = nullptr);

  // The first of `count` free ones in a row, behind `after`, in the same half of an IPv6 address. Nothing: there are
  // not so many.
  std::optional<IpAddress> run_behind(const IpAddress& after, std::uint64_t count) const;
  // How many in a row are free from this address on.
  std::uint64_t free_from(const IpAddress& first) const;

 private:
  struct Run {
    Family family{};
    std::uint64_t high = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    auto operator<=>(const Run&) const = default;
  };
  void take(const IpAddress& first, std::uint64_t steps);

  std::vector<Run> taken_{};  // sorted by family, half and first
};

// How far the addresses of a group reach from the first host's to the last one's.
std::uint64_t span_of(const HostGroup& host);

// The last address of the family that the group's first host has; none: nothing.
std::optional<IpAddress> last_address_of(const HostGroup& host, Family family);

// Gives each host of the group so many more addresses behind its last one, and says which the first host has got.
// Fewer: there are no more.
std::vector<IpAddress> add_addresses(Scenario& scenario, HostGroup& host, Family family, std::uint64_t count);

}  // namespace netlimits::analysis

// What a network is made of: which hosts there are, which of them has an address, and how far apart places are.
#pragma once

#include <cstdint>
#include <optional>

#include "model/host/host.hpp"
#include "model/net/address.hpp"
#include "model/net/time.hpp"
#include "model/path/conntrack.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

// One host of the network, from the moment at which something first happens to it.
struct HostInstance {
  std::uint32_t number;              // in the network
  std::uint32_t site;                // where it is: hosts of one site are alike and equally far from everything
  const HostGroup* group = nullptr;  // nothing: a host of a script
  std::uint64_t index = 0;           // within the group
  Host host;
  bool up = true;
  std::uint16_t epoch = 0;             // how often it came back
  std::uint32_t first_process = none;  // its first one among the running processes; none: its programs never started
  // Of what it was before it last came back.
  std::uint64_t peak_time_wait_entries_before = 0;
  HostCounters counters_before{};
  std::uint64_t time_wait_told = 0;  // of its sockets in TIME_WAIT, how many its group's sum knows

  static constexpr std::uint32_t none = 0xffffffffU;

  std::uint64_t peak_time_wait_entries() const;
  HostCounters counters() const;
};

// Where a segment is going next, or comes from.
struct Stop {
  std::uint32_t node;  // a host's number; behind them the balancers', then the gateways'
  std::uint32_t site;
};

class Layout {
 public:
  virtual ~Layout() = default;

  virtual std::size_t host_count() const = 0;
  // Requires: number < host_count().
  virtual HostInstance make(std::uint32_t number) const = 0;
  // The host or gateway that takes a segment for `address` which `from` sends. Nothing: nobody has it.
  virtual std::optional<Stop> owner_of(const IpAddress& address, const Stop& from) const = 0;
  virtual Stop balancer(std::size_t number) const = 0;
  virtual Stop gateway(std::size_t number) const = 0;
  // The gateway that what the host `from` sends to `address` has to pass. Nothing: none.
  virtual std::optional<Stop> gateway_towards(const IpAddress& address, const Stop& from) const = 0;
  // Does any host have a table of tracked connections?
  virtual bool tracks_connections() const { return false; }
  // The one that a host begins with. Nothing: no rule there tracks any.
  virtual std::optional<Conntrack> fresh_table(std::uint32_t /*host*/) const { return std::nullopt; }
  // Nothing: no way leads there.
  virtual std::optional<Duration> one_way(std::uint32_t from_site, std::uint32_t to_site) const = 0;
};

}  // namespace netlimits::sim

// Who can reach whom, by which nodes, how long a round trip takes, and who owns an address.
//
// Host groups and balancers are the vertices of a graph, the scenario's paths its edges, and routing takes the shortest
// way by round-trip time; every vertex passes on what is not for itself, so a host between two paths is a router.
//  - A scenario without any path is one place: everything reaches everything at once.
//  - A host reaches itself over loopback, and the hosts of one group each other, at once unless a path from the group
//  to
//    itself says otherwise.
//  - Else, two vertices that no chain of paths joins have no route.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/net/address.hpp"
#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

class Topology {
 public:
  // Takes what it needs; the scenario may go away afterwards. Cost: one shortest-path search a vertex.
  explicit Topology(const Scenario& scenario);

  // Between two host groups or balancers, by name. Nothing: no route, or no such name.
  std::optional<Duration> round_trip(std::string_view from, std::string_view to) const;

  // The chain of nodes that a segment passes from one to the other: by number, host groups in the order of their names,
  // then balancers in the order of theirs. Of several ways as short, always the same one.
  struct Way {
    std::vector<std::size_t> nodes{};     // both ends included: one node for a way to itself
    std::vector<Duration> round_trips{};  // of the path from each node to the next one
    Duration round_trip{};                // of the whole way
    bool operator==(const Way&) const = default;
  };
  std::optional<Way> way(std::string_view from, std::string_view to) const;
  const std::string& name_of(std::size_t node) const { return names_[node]; }  // Requires: a number of a way.

  struct Owner {
    std::string group{};
    std::uint64_t instance = 0;  // within the group
    auto operator<=>(const Owner&) const = default;
  };
  // The host that has this address on an interface. Nothing: nobody has it, or it is a loopback address (everybody's).
  // IPv4 and its v4-mapped spelling are the same address here. If two hosts have it, the first group by name.
  std::optional<Owner> owner_of(const IpAddress& address) const;

  // The same by number, for whoever asks once a packet.
  struct Site {
    std::size_t group = 0;  // in the order of the groups' names
    std::uint64_t instance = 0;
    auto operator<=>(const Site&) const = default;
  };
  std::optional<Site> site_of(const IpAddress& address) const;

 private:
  struct AddressRun {  // instance i of the group has the `width` addresses from first.plus(i * stride) on
    IpAddress first{};
    std::uint64_t stride = 1;
    std::uint64_t count = 1;
    std::size_t group = 0;
    std::uint64_t width = 1;
  };
  void add_run(const AddressRun& run);

  std::map<std::string, std::size_t, std::less<>> vertices_{};
  std::vector<std::string> names_{};                               // by vertex: host groups come first
  std::vector<std::vector<std::optional<Duration>>> distances_{};  // empty: no paths declared
  std::vector<std::vector<std::uint32_t>> before_{};               // by start: the vertex before each on the way there
  std::unordered_map<IpAddress, std::size_t> single_{};            // the group of an address, for groups of one host
  std::vector<AddressRun> runs_{};                                 // addresses of larger groups
};

}  // namespace netlimits

// Who can reach whom, by which nodes, how long a round trip takes, and who owns an address.
//
// Host groups, balancers and gateways are the vertices of a graph, paths its edges, and routing takes the shortest
// way by round-trip time; every vertex passes on what is not for itself, so a host between two paths is a router.
//  - A scenario without any path is one place: everything reaches everything at once.
//  - A host reaches itself over loopback, and the hosts of one group each other, at once unless a path from the group
//  to
//    itself says otherwise.
//  - Else, two vertices that no chain of paths joins have no route.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
  // Takes what it needs; the scenario may go away afterwards. Ways are looked for when somebody asks: one shortest-path
  // search for each place that is asked from, those with one path alone not counted. Not for several threads at a time.
  explicit Topology(const Scenario& scenario);

  // Between two host groups, balancers or gateways, by name. Nothing: no route, or no such name.
  std::optional<Duration> round_trip(std::string_view from, std::string_view to) const;

  // The chain of nodes that a segment passes from one to the other: by number, host groups in the order of their names,
  // then balancers in the order of theirs, then gateways. Of several ways as short, always the same one.
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
  // round_trip() by the numbers of ways. Requires: there are such nodes.
  std::optional<Duration> round_trip_between(std::size_t from, std::size_t to) const;

 private:
  // Distances that are remembered: eight bytes each, and four for the way.
  static constexpr std::size_t most_distances_kept = 4'000'000;

  struct Road {
    std::size_t a = 0;
    std::size_t b = 0;
    std::int64_t length = 0;
  };
  struct End {
    std::optional<Duration> to_itself{};
    std::optional<std::size_t> door{};  // the only place that it has a road to, if it is behind that
    std::int64_t length = 0;            // of the road to it
    std::size_t inner = 0;              // without a door: its number among those
  };
  struct Inner;  // the graph of the places without a door
  struct Ways {
    std::vector<std::int64_t> distances{};
    std::vector<std::uint32_t> before{};  // the place before each on the way there
  };
  void find_ends(const std::vector<Road>& roads);
  std::int64_t distance(std::size_t from, std::size_t to) const;
  const Ways& ways_from(std::size_t start) const;

  struct AddressRun {  // instance i of the group has the `width` addresses from first.plus(i * stride) on
    IpAddress first{};
    std::uint64_t stride = 1;
    std::uint64_t count = 1;
    std::size_t group = 0;
    std::uint64_t width = 1;
  };
  void add_run(const AddressRun& run);
  void sort_runs();

  std::map<std::string, std::size_t, std::less<>> vertices_{};
  std::vector<std::string> names_{};  // by vertex: host groups come first
  std::vector<End> ends_{};           // by vertex
  std::size_t inner_count_ = 0;
  std::vector<std::size_t> inner_vertices_{};             // by number among the places without a door
  std::shared_ptr<const Inner> inner_{};                  // nothing: no paths declared
  mutable std::unordered_map<std::size_t, Ways> ways_{};  // by start, among the places without a door
  std::unordered_map<IpAddress, std::size_t> single_{};   // the group of an address, for groups of one host
  std::vector<AddressRun> runs_{};                        // addresses of larger groups
  std::vector<IpAddress> furthest_{};                     // by run: the last address of it and all before it
};

}  // namespace netlimits

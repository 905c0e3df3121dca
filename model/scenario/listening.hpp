// Who listens at an endpoint of a host, and what its queues hold: asked of the rules of a listener look-up
// (model/sockets/listener_match.hpp) and of the queues (model/tcp/), for the listeners of a scenario.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits {

struct ListenerId {  // positions in the host's configuration
  std::size_t process = 0;
  std::size_t listener = 0;
  bool operator==(const ListenerId&) const = default;
};

struct Listening {
  // Those that take a connection to the endpoint. Several: an SO_REUSEPORT group, a hash decides. (Each instance of a
  // process opens such a listener of its own: one entry here stands for all of them.)
  std::vector<ListenerId> listeners{};
  // Something outside the scenario has a listener there: it answers, and accepts nothing.
  bool held = false;

  bool nobody() const { return listeners.empty() && !held; }
};

// `destination`: its address is one of the host's, or loopback. IPv4 and its v4-mapped spelling are the same.
Listening listening_at(const HostGroup& host, const Endpoint& destination);

// The same for whoever asks about many endpoints of hosts with many listeners.
class ListeningIndex {
 public:
  // The scenario outlives this; its hosts do not change meanwhile. Cost: its listeners.
  explicit ListeningIndex(const Scenario& scenario);
  // `host`: one of the scenario's.
  Listening at(const HostGroup& host, const Endpoint& destination) const;

 private:
  struct OfHost {
    std::unordered_map<std::uint16_t, std::vector<ListenerId>> wildcards{};                              // by port
    std::unordered_map<IpAddress, std::unordered_map<std::uint16_t, std::vector<ListenerId>>> others{};  // unmapped
  };
  std::unordered_map<const HostGroup*, OfHost> hosts_{};  // with more than a few listeners
};

// Does this one of the host's listeners take connections to the endpoint? (Alone or with others.)
bool takes(const HostGroup& host, const Listener& listener, const Endpoint& destination);

// Could it, by its address, if nobody better were there?
bool fits(const HostGroup& host, const HeldPorts& held, const Endpoint& destination);

// How many completed connections wait in one accept queue at most.
std::uint64_t accept_queue_size(const HostGroup& host, const Listener& listener);

// Does it drop every first SYN, with nothing in its queues? (A backlog of 0 before 6.12 without syncookies; a
// tcp_max_syn_backlog of which a quarter is more than all.)
bool drops_every_syn(const HostGroup& host, const Listener& listener);

// Does any program of the scenario accept at a rate of its own?
bool accepts_paced(const Scenario& scenario);

// What listens outside the scenario is taken to have asked for a backlog of 1.
inline constexpr std::int64_t held_backlog = 1;

}  // namespace netlimits

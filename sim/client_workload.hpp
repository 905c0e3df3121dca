// A workload as its client programs see it: which connection is whose, from where, from which pool of ports, and how a
// socket is made ready for connect().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/scenario/assignment.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "sim/arrival_schedule.hpp"
#include "sim/layout.hpp"
#include "sim/port_pools.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

class ClientWorkload {
 public:
  // `first_instance`: the number of its host group's first host. The scenario has to outlive it.
  ClientWorkload(const Scenario& scenario, const Workload& workload, std::uint32_t first_instance);

  const Workload& configuration() const { return *workload_; }
  const HostGroup& group() const { return *group_; }
  std::size_t process() const { return process_; }  // position in the group
  const Endpoint& destination(const Assignment& assigned) const { return workload_->to[assigned.destination]; }

  Assignment assigned(std::uint64_t connection) const { return assign(shape_, connection); }
  std::uint32_t instance_of(std::uint64_t connection) const {
    return first_instance_ + static_cast<std::uint32_t>(assigned(connection).host_instance);
  }

  // The source that a connection has, or would have had: what the workload names, else what routing chooses; without a
  // way there, the wildcard.
  IpAddress source_of(const HostInstance& on, const Assignment& assigned);
  void on_address_added(std::uint32_t instance, const AddressBlock& block);
  void forget(std::uint32_t instance);  // the host went down, and what was added to it is gone
  // Where a call of its program meets `limit`. `seen`: where that was, if the limit is none of the client's.
  PlacedLimit placed(Limit limit, const IpAddress& source, const Endpoint& destination,
                     const std::optional<Place>& seen = std::nullopt) const;
  // The pool that a connection's port comes from; nothing: the program names the port itself.
  std::optional<PoolKey> pool_of(std::uint32_t instance, const IpAddress& source, const Endpoint& destination) const;
  // The ports of such a pool that connections which were there before the scenario leave to it, of `nominal` ones.
  std::uint64_t ports_to_give(const HostInstance& on, std::uint64_t nominal, const IpAddress& source,
                              const Endpoint& destination) const;

  // Everything up to connect(): options, bind. `draw` gives the draw of an automatic choice.
  template <class Draw>
  Outcome<void> prepare(Host& host, SocketId socket, const HostInstance& on, const Assignment& assigned, Draw&& draw) {
    if (std::holds_alternative<PlainConnect>(workload_->bind)) return {};
    if (const auto set = set_options(host, socket); !set) return set;
    return host.bind(socket, local_of(on, assigned), draw());
  }

  // The hold time of the next connection; nothing: for ever.
  std::optional<Duration> draw_hold();

  ArrivalSchedule arrivals;
  std::uint64_t next_connection = 0;
  std::uint64_t vanished = 0;  // connecting when their host went down
  std::uint64_t connecting = 0;

 private:
  Outcome<void> set_options(Host& host, SocketId socket) const;
  Endpoint local_of(const HostInstance& on, const Assignment& assigned);
  Outcome<IpAddress> routed_source(const HostInstance& on, const IpAddress& to) const;

  const Workload* workload_;
  const HostGroup* group_;
  const Gateway* gateway_ = nullptr;  // that the group is behind
  std::size_t process_ = 0;
  std::uint32_t first_instance_;
  std::vector<Port> explicit_ports_;
  AssignmentShape shape_{};
  RandomStream holds_;
  std::map<std::pair<std::uint32_t, IpAddress>, IpAddress>
      chosen_sources_;                                                   // by instance and destination, as asked for
  std::vector<std::pair<std::uint32_t, AddressBlock>> added_addresses_;  // while the scenario runs, by instance
};

}  // namespace netlimits::sim

// The hosts of a scenario and what lies between them: who owns an address, how long a segment travels, which back end a
// balancer gives it to. Calls to hosts go through here, so that what they emit is always carried on.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "model/host/host.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/topology.hpp"
#include "sim/balancer_flows.hpp"
#include "sim/events.hpp"

namespace netlimits::sim {

// One host of a host group.
struct HostInstance {
  const HostGroup* group;
  std::size_t group_index;
  std::uint64_t index;  // within the group
  bool up = true;
  std::uint16_t epoch = 0;  // how often it came back
  Host host;
};

class Network {
 public:
  explicit Network(const Scenario& scenario);

  SimTime now() const { return now_; }
  SimQueue& queue() { return queue_; }

  std::size_t instance_count() const { return instances_.size(); }
  HostInstance& instance(std::size_t i) { return instances_[i]; }
  const HostInstance& instance(std::size_t i) const { return instances_[i]; }
  std::size_t first_instance(const std::string& group) const { return first_instance_.at(group); }

  // Calls into a host; its segments, timers and notices are taken over. Never call a Host's sending calls otherwise.
  template <class Call>
  auto call(std::size_t i, Call&& host_call) {
    effects_.clear();
    if constexpr (std::is_void_v<decltype(host_call(instances_[i].host, effects_))>) {
      host_call(instances_[i].host, effects_);
      take_over(i);
    } else {
      auto result = host_call(instances_[i].host, effects_);
      take_over(i);
      return result;
    }
  }

  struct PlacedNotice {
    std::uint32_t instance;
    Notice notice;
  };

  // Delivers what is due now without delay until a program has to react: gives that notice, or nothing when all is
  // quiet at this instant.
  std::optional<PlacedNotice> next_notice();

  // The next event for the programs; segments and host timers are handled on the way (their notices come from
  // next_notice()). Nothing when no event is left.
  std::optional<SimEvent> next_event(std::optional<SimTime> end);

  // True while something is under way that is not just a host's own timer: segments in flight.
  bool segments_in_flight() const { return in_flight_ > 0; }

  // Is the host that an event was meant for still the same and up?
  bool is_current(const SimEvent& event) const {
    return instances_[event.instance].up && instances_[event.instance].epoch == event.epoch;
  }

  void take_down(std::size_t i);
  void bring_up(std::size_t i);  // with a fresh Host: no process, no socket
  void add_address(std::size_t i, const AddressBlock& block);

  BalancerFlows& balancers() { return balancers_; }
  const BalancerFlows& balancers() const { return balancers_; }
  void reset_flows(const std::vector<FlowEnds>& flows);  // the balancer sends a reset to both ends of each

  // Why the SYN of this four-tuple (the client's view) was last dropped without a word; forgotten when read.
  std::optional<Limit> take_drop_reason(const FourTuple& tuple);
  // Listeners that dropped a SYN since the last call: (instance, endpoint the SYN was sent to, limit).
  struct Drop {
    std::uint32_t instance;
    Endpoint endpoint;
    Limit limit;
  };
  std::vector<Drop> take_drops();

  std::optional<std::size_t> owner_of(const IpAddress& address) const;

 private:
  void take_over(std::size_t i);
  void route(std::size_t from, Segment segment);
  void travel(std::size_t from_group, std::size_t to_instance, const Segment& segment, Duration extra);
  void arrive(std::size_t i, const Segment& segment);
  void note_drop(const Segment& segment, Limit limit);
  Host make_host(const HostGroup& group, std::size_t group_index, std::uint64_t index) const;
  std::optional<Duration> one_way(std::size_t from, std::size_t to) const { return one_way_[from * sites_ + to]; }

  struct Arriving {
    std::uint32_t instance;
    Segment segment;
  };

  const Scenario& scenario_;
  Topology topology_;
  SimTime now_{};
  SimQueue queue_;
  std::vector<std::shared_ptr<const HostConfig>> configurations_;  // by host group
  std::vector<HostInstance> instances_;
  std::map<std::string, std::size_t> first_instance_;
  std::vector<std::size_t> first_of_group_;                       // the first instance of a host group
  std::unordered_map<IpAddress, std::uint32_t> added_addresses_;  // while the scenario runs
  std::size_t sites_ = 0;                                         // host groups and balancers
  std::vector<std::optional<Duration>> one_way_;                  // by site pair
  BalancerFlows balancers_;
  Effects effects_;
  std::deque<std::variant<Arriving, PlacedNotice>> immediate_;
  std::vector<Arriving> flying_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t in_flight_ = 0;
  std::unordered_map<FourTuple, Limit, FourTupleHash> drop_reason_;
  std::vector<Drop> drops_;
};

}  // namespace netlimits::sim

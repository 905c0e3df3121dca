// The nodes of a network (hosts, balancers, gateways), what is on its way between them, and the one clock. Scenarios
// and scripts run on it; sim/events.hpp says in which order things at one instant happen.
//
// A node takes segments and timers and gives effects. Calls to hosts go through here, so that what they emit is always
// carried on: a segment to the next node on its way, a timer into the queue, a notice or a drop to whoever asks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include "model/host/host.hpp"
#include "model/path/balancer_flows.hpp"
#include "model/path/gateway_flows.hpp"
#include "sim/events.hpp"
#include "sim/layout.hpp"
#include "sim/made_hosts.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

struct DrawingGateway {
  GatewayFlows flows;
  RandomStream draws;
};

class Network {
 public:
  // The layout has to outlive the network. `begin` is called with the number of a host that was just made, before
  // anything else happens to it: its programs start. May be empty.
  explicit Network(const Layout& layout, std::vector<BalancedEndpoint> balancers = {},
                   std::vector<DrawingGateway> gateways = {}, std::function<void(std::uint32_t)> begin = {});

  SimTime now() const { return now_; }

  std::size_t host_count() const { return layout_->host_count(); }
  // Made if it was not. The reference stays good.
  HostInstance& instance(std::size_t number) {
    HostInstance* made = made_.find(static_cast<std::uint32_t>(number));
    return made != nullptr ? *made : make(static_cast<std::uint32_t>(number));
  }
  const MadeHosts& made() const { return made_; }
  MadeHosts& made() { return made_; }

  // Calls into a host; its segments, timers and notices are taken over. Never call a Host's sending calls otherwise.
  template <class Call>
  auto call(std::size_t number, Call&& host_call) {
    HostInstance& on = instance(number);
    effects_.clear();
    if constexpr (std::is_void_v<decltype(host_call(on.host, effects_))>) {
      host_call(on.host, effects_);
      take_over(on);
    } else {
      auto result = host_call(on.host, effects_);
      take_over(on);
      return result;
    }
  }

  // ---- what happens
  // Plans an event of a program or of the scenario. Requires: not in the past.
  void plan(SimTime at, const SimEvent& event) { push(queue_, at, event); }

  // What a node says to whoever runs it.
  struct Told {
    std::uint32_t node;
    std::variant<Notice, Drop> what;
  };
  // A socket that the last call or step ended for good, so that nothing holds its port: told before all else. Nothing
  // when there is no more of these.
  std::optional<Told> next_gone();
  // Delivers what is due now without delay until somebody has to hear something: gives that, or nothing when all is
  // quiet at this instant.
  std::optional<Told> next_told();

  // The next event; what concerns nodes alone (all timers of an instant, a segment that arrives) is handled, and what
  // they say of it comes from next_told(). Nothing when no event is left, or none until `end`; then the clock stands at
  // `end`.
  std::optional<SimEvent> next_event(std::optional<SimTime> end);
  // Lets the time pass in which nothing happens. Requires: no event is due before.
  void rest_until(SimTime at) { now_ = std::max(now_, at); }

  // Events, timers and segments that were handled: what a run takes time for.
  std::uint64_t steps() const { return steps_; }

  bool segments_in_flight() const { return in_flight_ > 0; }

  // Is the host that an event was meant for still the same and up?
  bool is_current(const SimEvent& event) {
    const HostInstance& on = instance(event.instance);
    return on.up && on.epoch == event.epoch;
  }

  void take_down(std::size_t number);
  void bring_up(std::size_t number);  // with a fresh Host: no process, no socket

  // Sockets in TIME_WAIT of all hosts of the group together, at one moment at most.
  std::uint64_t time_wait_peak(const HostGroup& group) const;

  // The table of a host that tracks connections. Null: it does not, or nothing came or went yet.
  const Conntrack* table_of(std::uint32_t host) const {
    const auto found = tables_.find(host);
    return found == tables_.end() || !found->second ? nullptr : &*found->second;
  }

  const BalancerFlows& balancers() const { return balancers_; }
  BalancerFlows& balancers() { return balancers_; }
  const std::vector<DrawingGateway>& gateways() const { return gateways_; }
  // The number of the gateway that is this node. Nothing: it is another one.
  std::optional<std::size_t> gateway_at(std::uint32_t node) const;
  // The client's view of a connection that a server sees as `server`, through whatever rewrites it on the way.
  FourTuple client_view(const FourTuple& server) const;
  // A balancer learns that a back end is up or down; when down, it resets what it carried there.
  void set_up(std::size_t balancer, const Endpoint& back_end, bool up);

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  struct Arriving {
    std::uint32_t node;
    Segment segment;
    // Of a FIN that a host sends straight to another one: who sends it again where that one is down, and how often it
    // was.
    std::uint32_t from = nobody;
    std::uint32_t epoch = 0;
    std::uint32_t repeated = 0;
  };

  HostInstance& make(std::uint32_t number);
  void take_over(HostInstance& from);
  void sum_time_wait(HostInstance& on);
  void forward(const Stop& from, Segment segment);
  bool is_at(const Stop& stop, const IpAddress& address) const;
  void fly(const Arriving& arriving, Duration delay);
  void repeat_fin(Arriving lost);
  void arrive(const Arriving& arriving);
  void send(const Stop& from, const Stop& to, const Segment& segment);
  void arrive_at_balancer(std::size_t balancer, const Segment& segment);
  void arrive_at_gateway(std::size_t gateway, const Segment& segment);
  // Does the host's table of tracked connections let it through? False: it vanishes there.
  bool passes_table(std::uint32_t host, const Segment& segment);
  void fire_timers();
  void collect_due_timers();
  void forget_what_finds_nobody();
  void drop(std::uint32_t node, Limit limit, const Segment& segment);
  Stop stop_of(const HostInstance& host) const { return {host.number, host.site}; }

  static constexpr std::size_t fewest_looked_through = 65536;

  struct GroupSum {
    std::uint64_t now = 0;
    std::uint64_t peak = 0;
  };

  const Layout* layout_;
  std::unordered_map<const HostGroup*, GroupSum> time_wait_;
  std::function<void(std::uint32_t)> begin_;
  MadeHosts made_;
  BalancerFlows balancers_;
  std::vector<DrawingGateway> gateways_;
  bool tracks_connections_;
  std::unordered_map<std::uint32_t, std::optional<Conntrack>> tables_;  // by host; nothing: it has none
  SimTime now_ = time_zero;
  SimQueue queue_;
  std::size_t looked_through_at_ = fewest_looked_through;  // so many events make it worth while
  std::uint64_t steps_ = 0;
  Effects effects_;
  std::deque<std::variant<Arriving, Told>> immediate_;
  std::deque<Told> gone_;
  std::vector<Arriving> flying_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t in_flight_ = 0;
  std::vector<SimEvent> due_timers_;  // of this instant, the next one last
  bool armed_for_now_ = false;        // a timer that is due at this very instant was armed
};

}  // namespace netlimits::sim

// The server side of a flow network: balancers, listeners, accepting processes, file tables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/client_flows.hpp"
#include "analysis/client_plan.hpp"
#include "analysis/labelled_network.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Client hosts that are alike. Each may have a server of its own, on loopback.
struct ClientClass {
  std::uint64_t id = 0;
  std::uint64_t count = 1;
  std::uint64_t first = 0;  // of their numbers in the group
};

// How often a connection passes its balancer, by which its turns can be counted.
enum class Passes : std::uint8_t {
  once,   // all that arrive are there at the same time: each back end has its share of them
  after,  // some have ended by then: a back end's share of those that are there can be one more
  again,  // those that failed come again: no share bounds a back end
};

// What lies behind the clients.
struct Onward {
  // How many connections reach each balancer. Nothing: that is the question, and all that lies behind takes everything.
  std::optional<std::map<std::string, std::uint64_t>> arrivals{};
  std::optional<std::string> only{};  // for that question: this balancer alone takes any
  std::optional<std::string> but{};   // for that question: this balancer takes none
  Passes passes = Passes::once;
};

class ServerNodes {
 public:
  using Node = FlowNetwork::Node;

  ServerNodes(LabelledNetwork& network, const ClientPlan& plan, const Wiring& wiring, const Onward& onward)
      : network_(network), plan_(plan), wiring_(wiring), onward_(onward) {}

  // Leads what comes from `from` on to its target. `place`: where a refusal on the way is seen. `alike`: it comes from
  // several destinations, of which these are the first one's.
  void arrive(Node from, const Target& target, const ClientClass& clients, const Place& place,
              const EndsAlike* alike = nullptr);

 private:
  static constexpr std::uint64_t nobodys_own = ~std::uint64_t{0};
  using Server = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // group, instance, whose own

  // Which server takes it, and how many such servers there are.
  static std::pair<Server, std::uint64_t> server_of(const Target& target, const ClientClass& clients);
  // Behind the gateway that they go through.
  Node through_gateway(Node from, const Gateway& gateway, const ClientClass& clients, const OutboundPlace& way);
  Node balancer(const Balancer& of);
  enum class Certain : std::uint8_t { both, accepted, waiting };
  Certain certain_at(const HostGroup& host, const Process& program);
  Target reached_behind(const Balancer& of, const Endpoint& back_end);
  Node listener(const Target& target, const ClientClass& clients, const EndsAlike* alike);
  // Something outside the scenario listens: what it does not accept waits in its queue.
  Node held_listener(const Target& target, const ClientClass& clients, const Place& place);
  Node process(const Server& server, const Target& target, std::uint64_t hosts);
  Node host(const Server& server, const Target& target, std::uint64_t hosts);
  // Where all that a server's host takes ends: behind its table of tracked connections, if it has one.
  Node end(const Server& server, const Target& target, std::uint64_t hosts);

  LabelledNetwork& network_;
  const ClientPlan& plan_;
  const Wiring& wiring_;
  const Onward& onward_;
  struct GatewayNodes {
    Node in;
    Node out;
  };
  // By its name and the destination; and by the class of hosts where each host has a block of its own.
  std::map<std::tuple<std::string, Endpoint, std::uint64_t>, GatewayNodes> gateways_{};
  std::map<std::string, Node> balancers_{};
  std::map<std::tuple<Server, std::size_t, std::size_t>, Node> listeners_{};
  std::map<std::pair<Server, Port>, Node> held_listeners_{};
  std::map<std::pair<Server, std::size_t>, Node> processes_{};
  std::map<Server, Node> hosts_{};
  std::map<Server, Node> ends_{};
};

// 2^40 open files and more: no limit that a scenario can reach.
bool bounds_files(const HostGroup& host);

}  // namespace netlimits::analysis

// What a Host is made of, in the order in which each stands on those before. Private to model/host/.
#pragma once

#include <memory>
#include <utility>

#include "model/addresses/own_addresses.hpp"
#include "model/host/host.hpp"
#include "model/ports/port_space.hpp"
#include "model/sockets/configuration.hpp"
#include "model/sockets/process_table.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/systems/rule_account.hpp"
#include "model/tcp/tcp_stack.hpp"
#include "model/udp/udp_stack.hpp"

namespace netlimits {

struct Host::State {
  explicit State(std::shared_ptr<const HostConfig> config) : configuration(std::move(config)) {}

  Configuration configuration;
  RuleAccount account{configuration.rules()};
  OwnAddresses addresses{configuration.given()};
  SocketTable sockets;
  ProcessTable processes;
  PortSpace ports{configuration, processes, sockets};
  TcpStack tcp{configuration, addresses, sockets, ports, account};
  UdpStack udp{configuration, addresses, processes, sockets, account};

  // Gives up the descriptor that the process has for the socket; the socket lives on while others refer to it.
  void close(SocketIndex index, ProcessId process, SimTime now, Effects& effects) {
    if (!processes.give_up(sockets, index, process)) return;
    if (sockets[index].dgram) {
      udp.close(index);
    } else {
      tcp.close(index, now, effects);
    }
  }
};

}  // namespace netlimits

// Two hosts in a sandbox for tests of `probe`: a machine that is looked at, and a far end that takes connections.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/headroom/headroom.hpp"
#include "live/sandbox/child_process.hpp"
#include "live/sandbox/network_namespace.hpp"
#include "model/machine/machine.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::probing {

// Runs `body` in a sandbox; what it returns. An exception in it fails the test.
std::string in_sandbox(const std::function<std::string()>& body);

// As `probe` does it.
struct Probed {
  Machine machine;
  HostGroup host;
  analysis::Headroom headroom;
  std::string json;
};
Probed probe(const std::optional<Endpoint>& to, std::optional<int> process = std::nullopt);

// The far end has 10.1.0.9 and 2001:db8:1::9 and listens on ports 443 to 446. On an odd port it closes a connection
// when its peer does, on an even one it never does. The machine has 10.0.0.5, 10.0.0.6 and 2001:db8::5, and is where
// the calling thread is while this lives.
class TwoHosts {
 public:
  explicit TwoHosts(const std::string& port_range, const std::string& reserved_ports = "");

 private:
  live::NetworkNamespace machine_;
  live::NetworkNamespace far_end_;
  live::ChildProcess server_;
  live::Visit visit_;
};

// ---- sockets of the calling process, which keeps them
struct Opened {
  int descriptor = -1;
  int error = 0;  // errno when there is none
};
// `from`: bound to it with IP_BIND_ADDRESS_NO_PORT; its port, if any, is bound.
Opened connect_to(const Endpoint& to, const std::optional<Endpoint>& from = std::nullopt);
int bind_at(const Endpoint& local, bool listening);
// Connects until it is refused: how many, and the errno.
struct Filled {
  std::uint64_t count = 0;
  int error = 0;
};
Filled fill(const Endpoint& to, const std::optional<Endpoint>& from = std::nullopt);
// Waits until so many sockets here are in the state; false after some seconds.
bool settle(TcpState state, std::size_t count);

Endpoint at(const char* text);

bool mentions(const std::vector<std::string>& sentences, const std::string& words);
// What has to hold in the sandbox, where an exception ends the test.
void demand(bool held, const std::string& what);

}  // namespace netlimits::probing

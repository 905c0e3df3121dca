// Deals what is held out among processes; each binds ports and makes connections without a peer.
#include "live/run/port_holder.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string>
#include <utility>

#include "live/sandbox/host_settings.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/socket_address.hpp"
#include "live/sandbox/sysctl.hpp"

namespace netlimits::live {
namespace {

constexpr std::uint64_t things_of_a_holder = 10'000;
constexpr int ip_local_port_range = 51;  // include/uapi/linux/in.h; older C libraries do not name it

std::uint64_t share_of_each() { return std::min(things_of_a_holder, hard_descriptor_limit() - 16); }

// Calls one of the two with a number for each thing to hold, in one order for all holders; how many there are.
template <class VisitPort, class VisitConnection>
std::uint64_t each_held(const HostGroup& group, bool again, VisitPort&& visit_port,
                        VisitConnection&& visit_connection) {
  std::uint64_t number = 0;
  for (const HeldPorts& held : group.held_ports) {
    for (std::uint32_t port = held.ports.first.value; port <= held.ports.last.value; ++port, ++number)
      visit_port(number, held, Port{static_cast<std::uint16_t>(port)});
  }
  if (again) return number;
  for (const HeldConnections& held : group.held_connections) {
    for (const PortRange& range : held.ports) {
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port, ++number)
        visit_connection(number, held, Port{static_cast<std::uint16_t>(port)});
    }
  }
  return number;
}

SystemResult<void> hold_port(const HeldPorts& held, Port port) {
  const Endpoint endpoint{held.address, port};
  const int descriptor = ::socket(family_number(endpoint.address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress name = socket_address(endpoint);
  if (descriptor < 0 || ::bind(descriptor, name.get(), name.length) != 0 ||
      (held.listens && ::listen(descriptor, 1) != 0)) {
    return system_failure("hold port " + endpoint.text());
  }
  return {};
}

// One attempt; `by_connect`: the port is left to connect(), which has no other choice. 0, or an errno.
int try_connection(const FourTuple& tuple, bool by_connect) {
  const int descriptor = ::socket(family_number(tuple.local.address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  const int on = 1;
  bool done = ::setsockopt(descriptor, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) == 0;
  Endpoint local = tuple.local;
  if (by_connect) {
    const std::uint32_t range = std::uint32_t{local.port.value} | std::uint32_t{local.port.value} << 16U;
    done = done && ::setsockopt(descriptor, IPPROTO_IP, ip_local_port_range, &range, sizeof range) == 0 &&
           ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0;
    local.port = Port{0};
  }
  const SocketAddress here = socket_address(local);
  const SocketAddress there = socket_address(tuple.remote);
  done = done && ::bind(descriptor, here.get(), here.length) == 0;
  // bind() to an IPv6 address makes the socket one of IPv6 only (net/ipv6/af_inet6.c, __inet6_bind); connect() alone
  // does not, and then it is in the way of IPv4's wildcard.
  const int off = 0;
  if (done && by_connect && !local.address.is_v4())
    done = ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
  done = done && ::connect(descriptor, there.get(), there.length) == 0;
  int number = done ? 0 : errno;
  // Outside the sysctl's range the option means nothing, and connect() chose some other port.
  if (done && by_connect && local_name(descriptor) != tuple.local) number = EADDRNOTAVAIL;
  // TCP_REPAIR shares the port with everybody (net/ipv4/tcp.c, SK_FORCE_REUSE); a connection that connect() made does
  // not.
  if (number == 0 && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off) != 0) number = errno;
  if (number != 0) ::close(descriptor);
  return number;
}

SystemResult<void> hold_connection(const HeldConnections& held, Port port) {
  const FourTuple tuple{{held.from, port}, held.to};
  int number = try_connection(tuple, true);
  // A port that connect() never chooses (somebody is bound to it): bind() may.
  if (number == EADDRNOTAVAIL) number = try_connection(tuple, false);
  if (number == 0) return {};
  errno = number;
  return system_failure("hold the connection " + tuple.text());
}

}  // namespace

std::size_t holders_of(const HostGroup& group, bool again) {
  const auto pass = [](std::uint64_t, const auto&, Port) {};
  const std::uint64_t things = each_held(group, again, pass, pass);
  const std::uint64_t each = share_of_each();
  return (things + each - 1) / each;
}

// The connections were there before the settings that withhold their ports today.
std::string open_the_range(const HostGroup& group, bool again) {
  if (again || group.held_connections.empty()) return {};
  for (const auto& [name, value] :
       {std::pair("net.ipv4.ip_unprivileged_port_start", "0"), std::pair("net.ipv4.ip_local_reserved_ports", ""),
        std::pair("net.ipv4.ip_local_port_range", "1 65535")}) {
    if (auto done = write_sysctl(name, value); !done) return done.error().text();
  }
  return {};
}

std::string close_the_range(const HostGroup& group, bool again) {
  if (again || group.held_connections.empty()) return {};
  const auto done = apply_settings(group.settings);
  return done ? std::string() : done.error().text();
}

int hold_share(WorkerRecord& record, const HostGroup& group, std::size_t holder, bool again) {
  const std::uint64_t each = share_of_each();
  const auto own = hold_exactly({.nofile = hard_descriptor_limit(), .own_descriptors = 1, .with_epoll = false}, {});
  std::string trouble = own ? std::string() : own.error().text();
  const auto mine = [&](std::uint64_t number) { return number / each == holder && trouble.empty(); };
  if (trouble.empty()) trouble = open_the_range(group, again);
  each_held(
      group, again,
      [&](std::uint64_t number, const HeldPorts& held, Port port) {
        if (!mine(number)) return;
        if (auto done = hold_port(held, port); !done) trouble = done.error().text();
      },
      [&](std::uint64_t number, const HeldConnections& held, Port port) {
        if (!mine(number)) return;
        if (auto done = hold_connection(held, port); !done) trouble = done.error().text();
      });
  if (trouble.empty()) trouble = close_the_range(group, again);
  record.trouble.set(trouble);
  record.state = static_cast<std::uint32_t>(trouble.empty() ? WorkerState::ready : WorkerState::failed);
  for (;;) ::pause();
}

}  // namespace netlimits::live

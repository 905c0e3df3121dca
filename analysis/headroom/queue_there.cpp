// The nearest address decides, as the kernel's look-up of a listener does (net/ipv4/inet_hashtables.c, compute_score).
#include "analysis/headroom/queue_there.hpp"

#include <algorithm>

#include "model/scenario/listening.hpp"

namespace netlimits::analysis {
namespace {

// 2: that very address, 1: the wildcard of its family, 0: that of IPv6, which takes IPv4 in. Nothing: another.
std::optional<int> nearness(const Endpoint& local, const Endpoint& to) {
  if (local.port != to.port) return std::nullopt;
  const IpAddress address = local.address.unmapped();
  const IpAddress wanted = to.address.unmapped();
  if (address == wanted) return 2;
  if (!address.is_wildcard()) return std::nullopt;
  if (address.is_v4() == wanted.is_v4()) return 1;
  return wanted.is_v4() ? std::optional(0) : std::nullopt;
}

}  // namespace

std::optional<QueueThere> queue_there(const Machine& machine, const HostGroup& host, const Endpoint& to) {
  if (!machine.sockets) return std::nullopt;
  std::optional<QueueThere> found;
  int nearest = 0;
  for (const MachineSocket& socket : *machine.sockets) {
    if (socket.state != TcpState::listen) continue;
    const auto near = nearness(socket.tuple.local, to);
    if (!near || *near < nearest) continue;
    if (*near > nearest) found.reset();
    nearest = *near;
    if (!socket.backlog) continue;
    const Listener listener{.endpoint = socket.tuple.local, .backlog = *socket.backlog, .accept = {}};
    const std::uint64_t size = accept_queue_size(host, listener);
    const QueueThere queue{socket.queued, size - std::min<std::uint64_t>(size, socket.queued)};
    if (!found || found->room < queue.room) found = queue;
  }
  return found;
}

}  // namespace netlimits::analysis

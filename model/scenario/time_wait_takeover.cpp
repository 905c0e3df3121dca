// The rule of taking over, for connections that are described and not simulated.
#include "model/scenario/time_wait_takeover.hpp"

#include "model/net/bounded_time.hpp"
#include "model/ports/tuple_takeover.hpp"

namespace netlimits {

std::optional<SimTime> taken_over_from(const Settings& settings, const Rules& rules, bool timestamps,
                                       const IpAddress& local, const IpAddress& remote, SimTime since) {
  SocketRecord entry;
  entry.state = TcpState::time_wait;
  entry.timestamps = timestamps;
  entry.local = AddressBits::of(local);
  entry.remote = AddressBits::of(remote);
  if (!reusable_by_automatic_connect(entry, settings, rules)) return std::nullopt;
  return reusable_from(since, settings, rules);
}

bool may_be_taken_over(const Settings& settings, const Rules& rules, const HeldConnections& held, Duration after) {
  if (held.state != HeldConnectionState::time_wait) return false;
  const SimTime since = time_zero - (settings.time_wait - held.ends_after);
  const auto from = taken_over_from(settings, rules, settings.timestamps, held.from, held.to.address, since);
  return from && *from <= later(time_zero, after);
}

}  // namespace netlimits

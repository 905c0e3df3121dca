// How long one connection of a workload keeps its port: from connect() to the close, and in TIME_WAIT after it.
#pragma once

#include <cstdint>
#include <optional>

#include "model/net/address.hpp"
#include "model/net/time.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits::analysis {

// What gives a port back that a TIME_WAIT entry has.
enum class PortComesBack : std::uint8_t {
  by_automatic_connect,  // connect() chooses it and may take the entry over (model/ports/tuple_takeover.hpp)
  with_the_entry,        // bind() has to get it: an entry is in its way to the end, whatever tcp_tw_reuse says
                         // (net/ipv4/inet_connection_sock.c, inet_csk_get_port)
  by_bound_connect,      // SO_REUSEADDR lets bind() share it, and connect() from a bound port takes the entry over
};

// Of connections towards one destination that come at a constant rate and are held alike, one after another.
struct PortCourse {
  const Settings* settings = nullptr;  // of the client's host
  const Rules* rules = nullptr;
  PortComesBack comes_back = PortComesBack::by_automatic_connect;
  IpAddress local{};
  IpAddress remote{};
  bool timestamps = false;  // both ends use them
  bool waits = false;       // the client's end goes into TIME_WAIT
  // ... or stays in FIN_WAIT_2 for so long, as its server never closes; no connect() takes such an entry over.
  std::optional<Duration> fin_wait{};
  Duration until_closed{};  // from connect() to that, or to the port being free again

  // When the port of a connection that closed at `closed` may be had again.
  SimTime free_from(SimTime closed) const;
  // The longest that an entry keeps its port: whatever the clock shows as it begins.
  Duration longest_wait() const { return free_from(time_zero) - time_zero; }
  // Does it keep its port equally long, whenever it begins?
  bool waits_evenly() const;
};

}  // namespace netlimits::analysis

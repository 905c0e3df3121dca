// A connection that a host has already when it begins, held by a program that nobody looks at.
//
// It holds its four-tuple and, as an owner whose port connect() chose, its port. Its peer is not there: nothing arrives
// on it, and it stays as it is. It costs neither a descriptor nor an open file here, since whoever measured it has
// counted those with the open files of its process and of the host.
#pragma once

#include <cstdint>

#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"

namespace netlimits {

enum class HeldConnectionState : std::uint8_t {
  open,        // in any state that only its program or its peer ends
  time_wait,   // closed here first: the entry goes when its time is over, or connect() takes it over
  fin_wait_2,  // closed here, and the peer has not: a light entry that goes when its time is over
};

struct HeldConnection {
  FourTuple tuple{};  // local: as seen on the host
  HeldConnectionState state = HeldConnectionState::open;
  Duration ends_after{};  // time_wait, fin_wait_2
};

}  // namespace netlimits

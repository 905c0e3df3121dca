// What travels between hosts: the control part of a TCP segment, or a datagram. No bytes, only their number.
#pragma once

#include <cstdint>

#include "model/net/endpoint.hpp"

namespace netlimits {

struct Segment {
  FourTuple tuple;  // local: the sender, remote: the receiver. Plain IPv4 or true IPv6, never v4-mapped.
  Protocol protocol = Protocol::tcp;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  bool timestamps = false;   // the TCP timestamp option is present
  bool cookie = false;       // a SYN+ACK made from a syncookie, or the ACK that answers one: the listener kept no state
  bool in_doubt = false;     // a SYN+ACK whose ACK may find the accept queue full, or what its client says after it
  bool unreachable = false;  // an ICMP port unreachable (protocol udp) for a datagram of the reversed `tuple`
  bool acks_fin = false;     // acknowledges the receiver's FIN
  bool repeated = false;     // sent again, because nobody acknowledged it
  bool probe = false;        // asks whether the connection is still there (keep-alive): no data, nothing new
  bool probed = false;       // answers that
  bool by_loopback = false;  // sent by a socket of the loopback device, which it arrives at whatever its addresses
  std::uint32_t payload = 0;  // bytes of data
};

}  // namespace netlimits

// The segments that a host's TCP sends: for a connection, and where there is none.
#pragma once

#include <cstdint>

#include "model/addresses/own_addresses.hpp"
#include "model/net/segment.hpp"
#include "model/sockets/effects.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/rule_account.hpp"

namespace netlimits {

// in_doubt: the ACK that answers it may find the accept queue full. cookie: the listener keeps nothing of the request.
enum class SynAckKind : std::uint8_t { sure, in_doubt, cookie };

class TcpOutput {
 public:
  TcpOutput(const OwnAddresses& addresses, RuleAccount& account) : addresses_(addresses), account_(account) {}

  // ---- of a connection: its four-tuple and marks are the record's
  void syn(const SocketRecord& from, bool timestamps, Effects& effects);
  void synack(const SocketRecord& from, SynAckKind kind, Effects& effects);
  void ack(const SocketRecord& from, Effects& effects);
  // `cookie`: the segment has the client's first sequence number, and so brings a cookie along.
  void fin(const SocketRecord& from, bool cookie, Effects& effects);
  // False: it found no way out of the host.
  bool payload(const SocketRecord& from, std::uint32_t bytes, Effects& effects);
  // What was not acknowledged, once more: the bytes, or the FIN where there are none.
  void repetition(const SocketRecord& from, std::uint32_t bytes, bool cookie, Effects& effects);
  void reset(const SocketRecord& from, Effects& effects);
  // Keep-alive: the question, and its answer.
  void probe(const SocketRecord& from, Effects& effects);
  void answer_probe(const SocketRecord& from, Effects& effects);

  // ---- of nobody: an answer to this segment, where one finds its way (OwnAddresses::answers)
  void answer_with_reset(const Segment& to, Effects& effects);
  void acknowledge_for_entry(const SocketRecord& entry, Effects& effects);

 private:
  bool send(const SocketRecord& from, Segment segment, Effects& effects);
  bool answers(const FourTuple& from);

  const OwnAddresses& addresses_;
  RuleAccount& account_;
};

}  // namespace netlimits

// Which marks each kind of segment carries, and which segments do not leave the host.
#include "model/tcp/tcp_output.hpp"

#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

Segment segment_of(const SocketRecord& record) {
  Segment segment;
  segment.tuple.local = {record.local.on_the_wire(), Port{record.local_port}};
  segment.tuple.remote = {record.remote.on_the_wire(), Port{record.remote_port}};
  segment.timestamps = record.timestamps;
  segment.cookie = record.cookie;
  segment.in_doubt = record.in_doubt;
  segment.acks_fin = record.end_of_stream;
  return segment;
}

}  // namespace

bool TcpOutput::send(const SocketRecord& from, Segment segment, Effects& effects) {
  if (!addresses_.reached_by(from.device, from.remote)) return false;
  if (account_.decides(Rule::connection_mixed_families, from.speaks_v4 && !from.remote.is_mapped())) return false;
  segment.by_loopback = from.device == loopback_device;
  effects.segments.push_back(segment);
  return true;
}

void TcpOutput::syn(const SocketRecord& from, bool timestamps, Effects& effects) {
  Segment segment = segment_of(from);
  segment.syn = true;
  segment.timestamps = timestamps;
  send(from, segment, effects);
}

void TcpOutput::synack(const SocketRecord& from, SynAckKind kind, Effects& effects) {
  Segment segment = segment_of(from);
  segment.syn = true;
  segment.ack = true;
  segment.cookie = kind == SynAckKind::cookie;
  segment.in_doubt = kind != SynAckKind::sure;
  send(from, segment, effects);
}

void TcpOutput::ack(const SocketRecord& from, Effects& effects) {
  Segment segment = segment_of(from);
  segment.ack = true;
  send(from, segment, effects);
}

void TcpOutput::fin(const SocketRecord& from, bool cookie, Effects& effects) {
  Segment segment = segment_of(from);
  segment.cookie = segment.cookie && cookie;
  segment.fin = true;
  segment.ack = true;
  send(from, segment, effects);
}

bool TcpOutput::payload(const SocketRecord& from, std::uint32_t bytes, Effects& effects) {
  Segment segment = segment_of(from);
  segment.ack = true;
  segment.payload = bytes;
  return send(from, segment, effects);
}

void TcpOutput::repetition(const SocketRecord& from, std::uint32_t bytes, bool cookie, Effects& effects) {
  Segment segment = segment_of(from);
  segment.cookie = segment.cookie && cookie;
  segment.ack = true;
  segment.repeated = true;
  segment.payload = bytes;
  segment.fin = bytes == 0;
  send(from, segment, effects);
}

void TcpOutput::reset(const SocketRecord& from, Effects& effects) {
  Segment segment = segment_of(from);
  segment.rst = true;
  segment.ack = true;
  send(from, segment, effects);
}

// It has the sequence number before the next one: no cookie comes along.
void TcpOutput::probe(const SocketRecord& from, Effects& effects) {
  Segment segment = segment_of(from);
  segment.cookie = false;
  segment.ack = true;
  segment.probe = true;
  send(from, segment, effects);
}

void TcpOutput::answer_probe(const SocketRecord& from, Effects& effects) {
  Segment segment = segment_of(from);
  segment.ack = true;
  segment.probed = true;
  send(from, segment, effects);
}

void TcpOutput::answer_with_reset(const Segment& to, Effects& effects) {
  if (to.rst) return;
  if (!answers(to.tuple)) return;
  Segment segment;
  segment.tuple = to.tuple.reversed();
  segment.rst = true;
  segment.ack = !to.ack;
  effects.segments.push_back(segment);
}

bool TcpOutput::answers(const FourTuple& from) {
  if (addresses_.answers(AddressBits::of(from.remote.address), AddressBits::of(from.local.address))) return true;
  account_.mark(Rule::connection_no_answer_to_loopback);
  return false;
}

void TcpOutput::acknowledge_for_entry(const SocketRecord& entry, Effects& effects) {
  const Segment segment = segment_of(entry);
  if (answers(segment.tuple.reversed())) ack(entry, effects);
}

}  // namespace netlimits

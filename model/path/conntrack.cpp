// Which entry a segment belongs to, what it makes of it, and until when.
#include "model/path/conntrack.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"

namespace netlimits {

bool Conntrack::passes(const Segment& segment, SimTime now) {
  if (segment.protocol != Protocol::tcp) return true;
  end_what_is_due(now);
  auto found = entry_of(segment.tuple);
  const bool opens = segment.syn && !segment.ack;
  if (opens && found != entries_.end() && found->second.state >= State::time_wait) {
    release(found);
    found = entries_.end();
  }
  if (opens && found == entries_.end()) {
    if (!has_room(segment.tuple, now)) return false;
    found = entries_.emplace(segment.tuple, Entry{.began = ++begun_}).first;
    unanswered_.add(segment.tuple, now);
    peak_ = std::max(peak_, entries());
  }
  if (found != entries_.end()) note(found, segment, now);
  return true;
}

Conntrack::Entries::iterator Conntrack::entry_of(const FourTuple& tuple) {
  const auto found = entries_.find(tuple);
  return found == entries_.end() ? entries_.find(tuple.reversed()) : found;
}

bool Conntrack::has_room(const FourTuple& newcomer, SimTime now) {
  if (entries() < settings_.max) return true;
  const auto other = unanswered_.near(newcomer, now);
  if (!other) return false;
  release(entries_.find(*other));
  return true;
}

void Conntrack::note(Entries::iterator found, const Segment& segment, SimTime now) {
  Entry& entry = found->second;
  const bool by_who_began = segment.tuple == found->first;
  if (segment.rst && entry.state == State::syn_sent && !by_who_began) return release(found);
  const State before = entry.state;
  entry.state = next_state(entry, segment, by_who_began);
  if (before == State::syn_sent && entry.state != State::syn_sent) unanswered_.remove(found->first);
  if (before <= State::established && entry.state == State::fin_wait) entry.first_closer_began = by_who_began;
  const SimTime planned = entry.ends;
  entry.ends = end_of(entry.state, now);
  // One that ends later than it was planned is planned anew when that moment comes.
  if (entry.ends != end_of_time && (planned == SimTime{} || planned == end_of_time || entry.ends < planned))
    endings_.push({entry.ends, entry.began, found->first});
}

Conntrack::State Conntrack::next_state(const Entry& entry, const Segment& segment, bool by_who_began) const {
  if (segment.rst) return State::close;
  const bool by_first_closer = by_who_began == entry.first_closer_began;
  switch (entry.state) {
    case State::syn_sent:
      return segment.syn && segment.ack && !by_who_began ? State::syn_recv : entry.state;
    case State::syn_recv:
      if (!by_who_began || segment.syn) return entry.state;
      return segment.fin ? State::fin_wait : State::established;
    case State::established:
      return segment.fin ? State::fin_wait : entry.state;
    case State::fin_wait:
    case State::close_wait:
      if (by_first_closer) return entry.state;
      if (segment.fin) return State::last_ack;
      return segment.acks_fin ? State::close_wait : entry.state;
    case State::last_ack:
      return segment.acks_fin && by_first_closer ? State::time_wait : entry.state;
    case State::time_wait:
    case State::close:
      break;
  }
  return entry.state;
}

SimTime Conntrack::end_of(State state, SimTime now) const {
  switch (state) {
    case State::syn_sent:
      return later(now, settings_.syn_sent);
    case State::syn_recv:
      return later(now, settings_.syn_recv);
    case State::established:
      break;
    case State::fin_wait:
      return later(now, settings_.fin_wait);
    case State::close_wait:
      return later(now, settings_.close_wait);
    case State::last_ack:
      return later(now, settings_.last_ack);
    case State::time_wait:
      return later(now, settings_.time_wait);
    case State::close:
      return later(now, settings_.close);
  }
  return end_of_time;
}

void Conntrack::end_what_is_due(SimTime now) {
  while (!endings_.empty() && endings_.top().at <= now) {
    const Ending due = endings_.top();
    endings_.pop();
    const auto found = entries_.find(due.key);
    if (found == entries_.end() || found->second.began != due.began) continue;
    if (found->second.ends <= now) {
      release(found);
    } else if (found->second.ends != end_of_time) {
      endings_.push({found->second.ends, due.began, due.key});
    }
  }
}

void Conntrack::release(Entries::iterator found) {
  if (found->second.state == State::syn_sent) unanswered_.remove(found->first);
  entries_.erase(found);
}

}  // namespace netlimits

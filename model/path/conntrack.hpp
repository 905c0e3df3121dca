// The table of tracked connections of one host: what comes and goes makes entries, moves their state and lets them
// leave. A SYN for which there is no room vanishes without a word to anybody, at its sender and at its receiver.
//
// Source: net/netfilter/nf_conntrack_core.c (__nf_conntrack_alloc, early_drop) and nf_conntrack_proto_tcp.c
// (tcp_conntracks, the states and what moves them). Measured on 6.18: connect() is told nothing and ends with
// ETIMEDOUT; what is established goes on; a freed entry is used by the next SYN that is sent again. A SYN on an entry
// that is over begins a new one; a SYN that is answered by a reset leaves none.
//
// Left out: that what has no entry may get one from a later segment (nf_conntrack_tcp_loose); that the kernel looks for
// entries whose time is over every minute or so, and counts them until then; and that, after a SYN was dropped, that
// look also takes those that are closing while more than 95 % are in use (gc_worker). The first of the two lets
// entries leave up to a minute later, the other sooner.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/path/balancer_flows.hpp"
#include "model/path/conntrack_settings.hpp"
#include "model/path/early_drop.hpp"

namespace netlimits {

class Conntrack {
 public:
  Conntrack(const ConntrackSettings& settings, std::uint32_t salt)
      : settings_(settings), unanswered_(settings.buckets, salt), peak_(settings.held) {}

  // A segment that the host sends or receives. False: it vanishes.
  bool passes(const Segment& segment, SimTime now);

  // Those that are held from the beginning included.
  std::uint64_t entries() const { return settings_.held + entries_.size(); }
  std::uint64_t peak() const { return peak_; }

 private:
  enum class State : std::uint8_t { syn_sent, syn_recv, established, fin_wait, close_wait, last_ack, time_wait, close };
  struct Entry {
    std::uint64_t began = 0;  // which of them it is
    State state = State::syn_sent;
    bool first_closer_began = false;  // who closed first is who began
    SimTime ends{};                   // if nothing more comes; end_of_time: never
  };
  struct Ending {
    SimTime at{};
    std::uint64_t began = 0;
    FourTuple key{};
    bool operator>(const Ending& other) const { return std::pair(at, began) > std::pair(other.at, other.began); }
  };
  using Entries = std::unordered_map<FourTuple, Entry, FourTupleHash>;

  Entries::iterator entry_of(const FourTuple& tuple);
  bool has_room(const FourTuple& newcomer, SimTime now);
  void note(Entries::iterator found, const Segment& segment, SimTime now);
  State next_state(const Entry& entry, const Segment& segment, bool by_who_began) const;
  SimTime end_of(State state, SimTime now) const;
  void end_what_is_due(SimTime now);
  void release(Entries::iterator found);

  ConntrackSettings settings_;
  EarlyDrop unanswered_;
  Entries entries_{};  // by the view of who began
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_{};
  std::uint64_t peak_;
  std::uint64_t begun_ = 0;
};

}  // namespace netlimits

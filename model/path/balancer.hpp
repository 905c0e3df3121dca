// The rule by which a pass-through balancer chooses a back end: round robin in the order of the list, skipping those
// that are down.
//
// This is the rule of LVS "rr" (net/netfilter/ipvs/ip_vs_rr.c, ip_vs_rr_schedule: the next server after the last one
// chosen, round the list, that is available) and of an nftables "numgen inc" map when nothing is down. A back end that
// dies gives up its turns and nothing else: the order of the others stays, and one that returns is met again at its own
// place in the list, without catching up on what it missed.
//
// Others spread over the living ones as evenly and go on elsewhere in the list, which moves a count by one for each
// change: HAProxy 2.6 "roundrobin" meets one that returns a round later, its "static-rr" goes on by the index in a
// shorter list, nginx 1.22 repeats the attempt that failed at the next one (measured); nftables knows no back ends, and
// a rule that is written anew begins with its first entry (live/run/host_network.cpp writes it so that it goes on).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/time.hpp"

namespace netlimits {

// A SYN that comes so long after the last one of its four-tuple, and no answer between them, takes a turn of its own
// (nf_conntrack_tcp_timeout_syn_sent).
inline constexpr Duration unanswered_keeps_its_turn = std::chrono::seconds(120);

class RoundRobin {
 public:
  // All back ends are up, and the first one is next.
  explicit RoundRobin(std::size_t back_ends) : up_(back_ends, true), up_count_(back_ends) {}

  // The back end whose turn it is; it is then the next one's turn. Nothing when none is up, and no turn is used then.
  std::optional<std::size_t> next() {
    if (up_count_ == 0) return std::nullopt;
    while (!up_[turn_]) advance();
    const std::size_t chosen = turn_;
    advance();
    return chosen;
  }

  // Requires: back_end < size(). Marking what is marked already changes nothing.
  void set_up(std::size_t back_end, bool up) {
    if (up_[back_end] == up) return;
    up_[back_end] = up;
    up_count_ = up ? up_count_ + 1 : up_count_ - 1;
  }
  bool is_up(std::size_t back_end) const { return up_[back_end]; }

  std::size_t size() const { return up_.size(); }
  std::size_t up_count() const { return up_count_; }

 private:
  void advance() { turn_ = turn_ + 1 == up_.size() ? 0 : turn_ + 1; }

  std::vector<bool> up_;
  std::size_t up_count_;
  std::size_t turn_ = 0;
};

// How many of `connections` consecutive ones the back end at `position` gets when the first of them goes to position 0
// and all `back_ends` are up: the closed form of the rule above. Requires: position < back_ends.
constexpr std::uint64_t round_robin_share(std::uint64_t connections, std::uint64_t back_ends, std::uint64_t position) {
  return connections / back_ends + (position < connections % back_ends ? 1 : 0);
}

}  // namespace netlimits

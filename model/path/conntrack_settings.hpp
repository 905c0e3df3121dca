// A table of tracked connections as its owner has set it up: its size, and how long an entry stays in each state.
//
// Source: Documentation/networking/nf_conntrack-sysctl.rst and net/netfilter/nf_conntrack_proto_tcp.c
// (tcp_timeouts); read back on Linux 6.18. The size is one number for a whole machine, the count one for each network
// namespace (measured). An established connection keeps its entry for five days without a segment: here for ever.
#pragma once

#include <chrono>
#include <cstdint>

#include "model/net/time.hpp"

namespace netlimits {

struct ConntrackSettings {
  std::uint64_t max = 0;      // nf_conntrack_max: entries. Requires: not 0, which releases read in different ways
  std::uint64_t buckets = 0;  // nf_conntrack_buckets: how thinly entries are spread
  std::uint64_t held = 0;     // entries of others, there from the beginning and for ever
  // nf_conntrack_tcp_timeout_...: how long after its last segment an entry leaves.
  Duration syn_sent = std::chrono::seconds(120);
  Duration syn_recv = std::chrono::seconds(60);
  Duration fin_wait = std::chrono::seconds(120);   // one end has closed
  Duration close_wait = std::chrono::seconds(60);  // ... and the other one has heard of it
  Duration last_ack = std::chrono::seconds(30);    // both have closed
  Duration time_wait = std::chrono::seconds(120);  // ... and have heard of it
  Duration close = std::chrono::seconds(10);       // reset

  bool operator==(const ConntrackSettings&) const = default;

  // What is left for those who come.
  std::uint64_t room() const { return max > held ? max - held : 0; }
};

}  // namespace netlimits

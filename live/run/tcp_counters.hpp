// The counters of silent drops of the network namespace that the calling thread is in.
#pragma once

#include <cstdint>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

struct TcpCounters {                      // names as nstat gives them, "TcpExt" before each
  std::uint64_t listen_overflows = 0;     // ListenOverflows
  std::uint64_t listen_drops = 0;         // ListenDrops
  std::uint64_t syn_queue_drops = 0;      // TCPReqQFullDrop
  std::uint64_t syncookies_sent = 0;      // SyncookiesSent
  std::uint64_t time_wait_overflows = 0;  // TCPTimeWaitOverflow
};

SystemResult<TcpCounters> read_tcp_counters();

}  // namespace netlimits::live

// How many completed connections wait for accept(), at most.
//
// Linux: include/net/sock.h, sk_acceptq_is_full: full when the count is above the backlog, so b + 1 fit. Measured on
// 6.18 for b = 0, 1, 2, 5, 10, 20: 1, 2, 3, 6, 11, 21, with syncookies on or off.
// FreeBSD: sys/kern/uipc_socket.c: overflow when the count is above 3 * b / 2.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/systems/rules.hpp"

namespace netlimits {

// `backlog`: as listen() keeps it, already cut to somaxconn.
constexpr std::uint64_t accept_queue_capacity(AcceptQueueRule rule, std::uint32_t backlog) {
  switch (rule) {
    case AcceptQueueRule::backlog_plus_one:
      return std::uint64_t{backlog} + 1;
    case AcceptQueueRule::three_halves_plus_one:
      return std::uint64_t{backlog} * 3 / 2 + 1;
    case AcceptQueueRule::backlog:
      return backlog;
  }
  return backlog;
}

// listen()'s argument, cut as the kernel does: negative numbers are huge unsigned ones (net/socket.c, __sys_listen).
constexpr std::uint32_t effective_backlog(std::int64_t asked, std::uint32_t somaxconn) {
  return std::min(static_cast<std::uint32_t>(asked), somaxconn);
}

}  // namespace netlimits

// How many TIME_WAIT and light FIN_WAIT_2 entries a host has, and whether one more finds room.
//
// Source: net/ipv4/inet_timewait_sock.c, inet_twsk_alloc: both kinds count; at net.ipv4.tcp_max_tw_buckets there is no
// entry, and the connection is simply over.
#pragma once

#include <algorithm>
#include <cstdint>

#include <boost/assert.hpp>

#include "model/systems/settings.hpp"

namespace netlimits {

class TimeWaitBuckets {
 public:
  bool full(const Settings& settings) const { return count_ >= settings.max_time_wait_buckets; }
  void enter() { peak_ = std::max(peak_, ++count_); }
  void leave() {
    BOOST_ASSERT_MSG(count_ > 0, "TimeWaitBuckets::leave: somebody entered");
    --count_;
  }
  void clear() { count_ = 0; }  // the peak stays

  std::uint64_t count() const { return count_; }
  std::uint64_t peak() const { return peak_; }

 private:
  std::uint64_t count_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace netlimits

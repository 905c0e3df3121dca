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
  void enter(bool light) {
    peak_ = std::max(peak_, ++count_);
    if (light) ++light_;
  }
  void leave(bool light) {
    BOOST_ASSERT_MSG(count_ > 0 && (!light || light_ > 0), "TimeWaitBuckets::leave: somebody entered");
    --count_;
    if (light) --light_;
  }
  // A light entry is in TIME_WAIT from now on.
  void becomes_time_wait() {
    BOOST_ASSERT_MSG(light_ > 0, "TimeWaitBuckets::becomes_time_wait: a light entry is there");
    --light_;
  }
  void clear() { count_ = light_ = 0; }  // the peak stays

  std::uint64_t count() const { return count_; }
  std::uint64_t in_time_wait() const { return count_ - light_; }
  std::uint64_t peak() const { return peak_; }  // of count()

 private:
  std::uint64_t count_ = 0;
  std::uint64_t light_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace netlimits

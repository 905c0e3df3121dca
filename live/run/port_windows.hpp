// Fills a large automatic port range in reasonable time, without changing what it holds.
//
// A plain connect() that finds one half of the range used up walks all of it before it tries the other: 0.7 to 5.6 ms
// each, half a minute for the default range (measured). So the search is moved along in windows of the range with
// IP_LOCAL_PORT_RANGE, and only when every window has refused is the whole range asked, by the kernel's own search; its
// answer is the one that counts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "model/systems/settings.hpp"

namespace netlimits::live {

class PortWindows {
 public:
  // `releases`: ports of this host may become free again while the run goes on.
  PortWindows(const Settings& settings, bool exists, bool releases);

  // Is the range of a size where windows pay and change nothing? Even-sized: the plain search of an odd range misses a
  // port.
  bool worthwhile(std::uint64_t expected_connections) const;

  // Calls `ask` (bind() or connect()) until it gives 0 or something else than `full`. `key`: what shares ports. Returns
  // the last answer, an errno.
  int search(std::uint64_t key, int descriptor, int full, const std::function<int()>& ask);

 private:
  struct Pool {
    std::uint32_t window = 0;     // the first port of the window that was last good
    std::int64_t full_until = 0;  // monotonic: the whole range refused, and nothing can have been released since
  };

  PortRange range_;
  bool exists_;
  bool releases_;
  std::map<std::uint64_t, Pool> pools_;
};

}  // namespace netlimits::live

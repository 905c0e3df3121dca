// The moving window over the range, and how long a refusal of the whole range is believed.
#include "live/run/port_windows.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "live/run/shared_records.hpp"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

namespace netlimits::live {
namespace {

constexpr std::uint32_t window_size = 512;
constexpr std::uint32_t smallest_range = 4096;
// How long a refusal of the whole range is believed where ports are released: TIME_WAIT entries end at any moment.
constexpr std::int64_t believed_for = 20'000'000;

void set_window(int descriptor, std::uint32_t low, std::uint32_t high) {
  const std::uint32_t value = low | high << 16U;
  ::setsockopt(descriptor, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &value, sizeof value);
}

}  // namespace

PortWindows::PortWindows(const Settings& settings, bool exists, bool releases)
    : range_(settings.local_port_range), exists_(exists), releases_(releases) {}

bool PortWindows::worthwhile(std::uint64_t expected_connections) const {
  const std::uint32_t size = range_.size().value;
  return exists_ && size >= smallest_range && size % 2 == 0 && expected_connections > size / 2;
}

int PortWindows::search(std::uint64_t key, int descriptor, int full, const std::function<int()>& ask) {
  Pool& pool = pools_.try_emplace(key, Pool{range_.first.value, 0}).first->second;
  const std::uint32_t low = range_.first.value;
  const std::uint32_t high = range_.last.value;
  const std::uint32_t windows = (range_.size().value + window_size - 1) / window_size;
  const bool known_full = monotonic_nanoseconds() < pool.full_until;
  for (std::uint32_t tried = 0; tried < (known_full ? 1 : windows); ++tried) {
    set_window(descriptor, pool.window, std::min(pool.window + window_size - 1, high));
    const int answer = ask();
    if (answer != full) {
      if (answer == 0) pool.full_until = 0;
      return answer;
    }
    pool.window = pool.window + window_size > high ? low : pool.window + window_size;
  }
  if (known_full) return full;
  set_window(descriptor, 0, 0);
  const int answer = ask();
  if (answer == full)
    pool.full_until = releases_ ? monotonic_nanoseconds() + believed_for : std::numeric_limits<std::int64_t>::max();
  return answer;
}

}  // namespace netlimits::live

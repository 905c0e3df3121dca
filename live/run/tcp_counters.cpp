// Picks the counters by name from /proc/net/netstat.
#include "live/run/tcp_counters.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace netlimits::live {

// /proc/net/netstat: a line of names, then a line of values, both beginning with "TcpExt:". There is no netlink
// interface to these counters.
SystemResult<TcpCounters> read_tcp_counters() {
  std::ifstream file("/proc/thread-self/net/netstat");
  if (!file) return system_failure("read /proc/net/netstat");
  TcpCounters counters;
  std::string names_line;
  std::string values_line;
  while (std::getline(file, names_line) && std::getline(file, values_line)) {
    std::istringstream names(names_line);
    std::istringstream values(values_line);
    std::string name;
    std::string group;
    names >> name;
    values >> group;
    if (name != "TcpExt:") continue;
    std::uint64_t value = 0;
    while (names >> name && values >> value) {
      if (name == "ListenOverflows") counters.listen_overflows = value;
      if (name == "ListenDrops") counters.listen_drops = value;
      if (name == "TCPReqQFullDrop") counters.syn_queue_drops = value;
      if (name == "SyncookiesSent") counters.syncookies_sent = value;
      if (name == "TCPTimeWaitOverflow") counters.time_wait_overflows = value;
    }
  }
  return counters;
}

}  // namespace netlimits::live

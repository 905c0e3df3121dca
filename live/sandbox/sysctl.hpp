// Settings of the network namespace that the calling thread is in, through /proc/sys.
#pragma once

#include <string>
#include <string_view>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// Does the namespace have it? Takes no descriptor.
bool has_sysctl(std::string_view name);

// "net.ipv4.tcp_syn_retries" is read from /proc/sys/net/ipv4/tcp_syn_retries: without the line's end, words separated
// by one space each.
SystemResult<std::string> read_sysctl(std::string_view name);

// Writes, and reads back what the kernel made of it: a value that is not there afterwards is a failure. The write
// itself fails with the kernel's errno (EINVAL for an illegal value).
SystemResult<void> write_sysctl(std::string_view name, std::string_view value);

}  // namespace netlimits::live

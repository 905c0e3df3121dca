// Why the kernel could not be asked, or what it refused while a sandbox was being built. Both are values.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace netlimits::live {

// The kernel of this machine cannot be asked at all: no user namespaces, no permission, another system.
struct Unavailable {
  std::string why;  // one sentence for a person
};

// A system call failed where the sandbox needed it to succeed.
struct SystemFailure {
  std::string what;  // "setns", "write net.ipv4.tcp_syn_retries"
  int number = 0;    // errno; 0 when the failure is not an errno
  std::string text() const;
};

template <class T>
using SystemResult = tl::expected<T, SystemFailure>;

// Reads errno: call it directly after the failing call.
tl::unexpected<SystemFailure> system_failure(std::string what);

}  // namespace netlimits::live

// A failed system call as words.
#include "live/sandbox/unavailable.hpp"

#include <cerrno>
#include <utility>

#include "live/limits/callers_limits.hpp"

namespace netlimits::live {

std::string SystemFailure::text() const {
  if (number == 0) return what;
  return what + ": " + error_text(number);
}

tl::unexpected<SystemFailure> system_failure(std::string what) {
  const int number = errno;
  return tl::unexpected<SystemFailure>(SystemFailure{std::move(what), number});
}

}  // namespace netlimits::live

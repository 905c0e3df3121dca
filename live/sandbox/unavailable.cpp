// A failed system call as words.
#include "live/sandbox/unavailable.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace netlimits::live {

std::string SystemFailure::text() const {
  if (number == 0) return what;
  return what + ": " + std::generic_category().message(number);
}

tl::unexpected<SystemFailure> system_failure(std::string what) {
  const int number = errno;
  return tl::unexpected<SystemFailure>(SystemFailure{std::move(what), number});
}

}  // namespace netlimits::live

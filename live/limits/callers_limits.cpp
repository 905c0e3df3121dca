// getrlimit(2), setrlimit(2) and pthread_setattr_default_np(3).
#include "live/limits/callers_limits.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

namespace netlimits::live {
namespace {

// What Linux gives by default; and what the deepest reading of an input takes, several times over.
constexpr rlim_t usual_stack = rlim_t{8} << 20U;
constexpr rlim_t least_stack = rlim_t{256} << 10U;

using Resource = decltype(RLIMIT_STACK);

rlimit limit_of(Resource resource) {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  ::getrlimit(resource, &limit);
  return limit;
}

std::string named(const std::string& text, Resource resource, const char* name, const char* option) {
  const rlimit limit = limit_of(resource);
  if (limit.rlim_cur == RLIM_INFINITY) return text;
  return fmt::format("{} ({} is {}: ulimit {})", text, name, limit.rlim_cur, option);
}

std::string plain(int number) { return std::generic_category().message(number); }

}  // namespace

std::optional<std::string> make_room() {
  struct sigaction ignored = {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignored, nullptr);

  rlimit stack = limit_of(RLIMIT_STACK);
  if (stack.rlim_cur < usual_stack) {
    // The kernel looks at the limit whenever a stack grows, so that a new one counts at once.
    stack.rlim_cur = stack.rlim_max < usual_stack ? stack.rlim_max : usual_stack;
    ::setrlimit(RLIMIT_STACK, &stack);
    pthread_attr_t attributes;
    if (::pthread_attr_init(&attributes) == 0) {
      if (::pthread_attr_setstacksize(&attributes, static_cast<std::size_t>(usual_stack)) == 0)
        ::pthread_setattr_default_np(&attributes);  // they were as small as the limit was
      ::pthread_attr_destroy(&attributes);
    }
  }
  if (stack.rlim_cur >= least_stack) return std::nullopt;
  return fmt::format("the stack may have {} bytes and needs {} (RLIMIT_STACK: ulimit -Hs)", stack.rlim_cur,
                     least_stack);
}

std::string error_text(int number) {
  switch (number) {
    case EMFILE:
      return named(plain(number), RLIMIT_NOFILE, "RLIMIT_NOFILE", "-n");
    case EFBIG:
      return named(plain(number), RLIMIT_FSIZE, "RLIMIT_FSIZE", "-f");
    case ENOMEM:
      return named(plain(number), RLIMIT_AS, "RLIMIT_AS", "-v");
    default:
      return plain(number);
  }
}

std::string no_memory_text() { return named("there is not enough memory", RLIMIT_AS, "RLIMIT_AS", "-v"); }

std::string no_process_text() {
  return named("no further process or thread can be started", RLIMIT_NPROC, "RLIMIT_NPROC", "-u");
}

}  // namespace netlimits::live

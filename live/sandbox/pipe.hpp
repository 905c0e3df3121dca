// A pipe whose two ends are owned.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "live/sandbox/descriptor.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

// Neither end outlives an exec.
inline SystemResult<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe2");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace netlimits::live

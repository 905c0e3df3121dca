// Closing, which is all that is not in the header.
#include "live/sandbox/descriptor.hpp"

#include <unistd.h>

namespace netlimits::live {

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

}  // namespace netlimits::live

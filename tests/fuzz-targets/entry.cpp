// Where libFuzzer comes in.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz-targets/reader_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  netlimits::fuzz_targets::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
